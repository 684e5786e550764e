"""What the status page's JSON says, as far as the tour needs it."""

import asyncio
import json
from dataclasses import dataclass
from typing import Final

TIMEOUT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature as its last whole window of rows was judged.

    `outcome` is ok, drift or insufficient; `alarms` are the kinds (drift, missing, ...) that as
    many windows in a row as the monitor asks for have confirmed; `evidence` is one sentence.
    """

    name: str
    outcome: str
    alarms: tuple[str, ...]
    evidence: str
    effect: float
    effect_threshold: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All features at one moment, and how many rows had been judged then."""

    rows: int
    judged_rows: int
    features: tuple[Feature, ...]

    @property
    def alarmed(self) -> dict[str, Feature]:
        """The features with a confirmed alarm of any kind, by name."""
        return {feature.name: feature for feature in self.features if feature.alarms}

    @property
    def drifting(self) -> list[str]:
        """The features with an alarm, or a last window that would be the first of one."""
        return [one.name for one in self.features if one.alarms or one.outcome == "drift"]

    @property
    def not_ok(self) -> list[str]:
        """The features whose last window was anything but ok."""
        return [feature.name for feature in self.features if feature.outcome != "ok"]


async def snapshot(status_page: str, window: str) -> Snapshot:
    """Ask the status API."""
    text = await asyncio.to_thread(_fetched, f"{status_page}api/status")
    return _snapshot(json.loads(text), window)
