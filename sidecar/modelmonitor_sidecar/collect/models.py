"""The models that are watched, the versions of each, and the statistics that their rows go to.

Statistics belong to (model, version, baseline).  When one of these changes, new statistics begin at
0 and the old ones stay to be scraped once more, for `RETIREMENT_SECONDS`, without change.
Models and versions that traffic names are bounded: beyond `MAX_VERSIONS` versions of a model rows go
to the version `__other__`, beyond `MAX_UNKNOWN_MODELS` names that the configuration does not know
payloads are skipped.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from modelmonitor_api.names import OTHER, UNKNOWN_VERSION
from modelmonitor_api.spec import Model
from modelmonitor_sidecar.collect.baselines import LoadedBaseline
from modelmonitor_sidecar.collect.configuration import Configuration
from modelmonitor_sidecar.collect.intake import INTERNAL, Skip
from modelmonitor_sidecar.decode.answers import predictions
from modelmonitor_sidecar.decode.rows import Decoded, Reason
from modelmonitor_sidecar.stats.model import ModelStatistics

MAX_VERSIONS: Final = 16
MAX_UNKNOWN_MODELS: Final = 16
RETIREMENT_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Tally:
    """The statistics of one version of a model against one baseline."""

    model: Model
    version: str
    loaded: LoadedBaseline | None
    statistics: ModelStatistics


class PayloadCounts:
    """Payloads of one model that did not become rows, by reason; every reason is there from the start."""

    def __init__(self) -> None:
        self.skips: dict[str, int] = {why.value: 0 for why in Skip}
        self.failures: dict[str, int] = {reason.value: 0 for reason in Reason} | {INTERNAL: 0}

    def skipped(self, why: Skip) -> None:
        """One that was not looked into."""
        self.skips[why.value] += 1

    def undecodable(self, reason: str) -> None:
        """One that nobody can read."""
        self.failures[reason] += 1
