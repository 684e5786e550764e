"""Which features get series, so that all series together stay within the budget.

Whole features only, in a fixed order: models as configured, in each the prediction and the score,
then the inputs in the baseline's order, then discovered ones.  The first feature that does not fit
ends the list, so a larger budget only ever adds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from modelmonitor_api.baseline import Baseline
from modelmonitor_api.spec import Model, ModelMonitor
from modelmonitor_sidecar.expose.baseline_series import feature_lines
from modelmonitor_sidecar.expose.feature_policy import feature_policy
from modelmonitor_sidecar.expose.live_series import Place
from modelmonitor_sidecar.stats.categories import REASONS

_ROLES: Final = ("prediction", "score", "input")


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One version of a model as it could be exposed, if there were room for all of it.

    `common` is the label text of all its series; `change_threshold` what the budget asks of the
    change detector.
    """

    common: str
    model: Model
    baseline: Baseline | None
    features: Sequence[Place]
    change_threshold: float


@dataclass(frozen=True, slots=True)
class Admitted:
    """What of an exhibit is exposed: features, and the lines of their baselines by family."""

    features: tuple[Place, ...]
    baseline_lines: tuple[Mapping[str, str], ...]
    dropped: int
    """Features that are not."""


@dataclass(frozen=True, slots=True)
class Allotment:
    """What became of the budget; `admitted` has one entry an exhibit."""

    admitted: tuple[Admitted, ...] = ()
    series: int = 0
    dropped: int = 0
    """Series."""


@dataclass(slots=True)
class _Purse:
    """What is left of the budget; once something did not fit, nothing does."""

    left: int
    spent: int = field(default=0, init=False)
    refused: int = field(default=0, init=False)

    def pays(self, series: int) -> bool:
        if self.refused or series > self.left:
            self.refused += series
            return False
        self.left -= series
        self.spent += series
        return True


def allot(exhibits: Iterable[Exhibit], budget: int, monitor: ModelMonitor) -> Allotment:
    """Spend the budget over the exhibits in their order."""
    purse = _Purse(budget)
    admitted = tuple(_admit(one, purse, monitor) for one in exhibits)
    return Allotment(admitted, purse.spent, purse.refused)


def live_series(one: Place) -> int:
    """How many series one feature has on /metrics."""
    cells: int = one.cells.stop - one.cells.start
    shared = 2 + len(REASONS) + one.column  # missing, out of range, invalid by reason; absent
    if not one.lane:
        return cells + 1 + shared + 1  # __missing__ among the categories; unseen
    return cells + shared + 3 + (0 if cells else 3)  # sum, count, squares; quantiles


def _admit(exhibit: Exhibit, purse: _Purse, monitor: ModelMonitor) -> Admitted:
    chosen: list[Place] = []
    baselines: list[Mapping[str, str]] = []
    for one in in_order(exhibit):
        lines = _baseline_lines(exhibit, one, monitor)
        if purse.pays(live_series(one) + sum(text.count("\n") for text in lines.values())):
            chosen.append(one)
            baselines.append(lines)
    dropped = len(exhibit.features) - len(chosen)
    return Admitted(tuple(chosen), tuple(baselines), dropped)


def in_order(exhibit: Exhibit) -> list[Place]:
    """The exhibit's features in the order in which they are admitted."""
    known = () if exhibit.baseline is None else exhibit.baseline.features
    rank = {(feature.role, feature.name): at for at, feature in enumerate(known)}

    def key(one: Place) -> tuple[int, int, int]:
        watched = one.watched
        at = rank.get((watched.role, watched.name), len(rank))
        return _ROLES.index(watched.role), at, one.place

    return sorted(exhibit.features, key=key)


def _baseline_lines(exhibit: Exhibit, one: Place, monitor: ModelMonitor) -> Mapping[str, str]:
    feature = one.watched.baseline
    if feature is None:
        return {}
    policy = feature_policy(feature, exhibit.model, monitor.verdict, exhibit.change_threshold)
    return feature_lines(exhibit.common, feature, policy, monitor.windows)
