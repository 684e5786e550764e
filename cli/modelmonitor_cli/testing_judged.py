"""Four features that go wrong in every way: what is scraped of them, and what is true of it.

Baselines and settings are as the collector writes them; judgements are those of `stats`, on rows
that are counted here by hand.  A scrape each 13 seconds fits into no window.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modelmonitor_api import names
from modelmonitor_api.baseline import BaselineFeature, Bins, Role
from modelmonitor_operator.testing_alerts import series, together
from modelmonitor_operator.testing_stories import BASELINE, SIDECAR, growing, target
from modelmonitor_sidecar.expose.baseline_series import feature_lines
from modelmonitor_sidecar.expose.feature_policy import ChangePolicy, FeaturePolicy
from modelmonitor_sidecar.exposition import label_text
from modelmonitor_sidecar.stats.change import (
    MEMORY_RATIOS,
    Memory,
    change_score,
    medium_memory_rows,
    remembered,
)
from modelmonitor_sidecar.stats.effect import Reference, baseline_counts
from modelmonitor_sidecar.stats.shares import Part, ShareKind, ShareVerdict, judge_share
from modelmonitor_sidecar.stats.verdict import Bar, Verdict, judge
from modelmonitor_sidecar.testing_baselines import categorical

STEP_SECONDS: Final = 13
WINDOW_SECONDS: Final = 300
BAR: Final = Bar(minimum_effect=0.1, z_threshold=4.0)
CHANGE: Final = ChangePolicy(
    threshold=30.0, memory_rows=medium_memory_rows(4_000), rho=0.0, provisional=False
)
POLICY: Final = FeaturePolicy(
    minimum_effect=BAR.minimum_effect,
    importance=1.0,
    severity="Ticket",
    minimum_rows=200,
    provisional=False,
    change=CHANGE,
)
CATEGORIES: Final = ("de", "fr", names.OTHER, names.UNSEEN)
_FOR_EVER: Final = 400
_OWN: Final = target("a", BASELINE, names.PORT_COLLECTOR)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one scrape interval: by bin or category, and those that are flagged."""

    cells: tuple[int, ...]
    missing: int = 0
    invalid: int = 0
    range: int = 0

    @property
    def unseen(self) -> int:
        """Those of the last category."""
        return self.cells[-1]

    @property
    def every(self) -> int:
        """Each row is in one cell, or missing, or invalid."""
        return sum(self.cells) + self.missing + self.invalid


ByFeature = Mapping[str, Rows]
Days = Sequence[tuple[ByFeature, int]]
"""What rows are like, for how many scrape intervals, one stretch after another."""


def numeric(name: str, role: Role = "input") -> BaselineFeature:
    """Four bins of a thousand rows, a standard deviation apart."""
    counts = Bins((0.0, 1.0, 2.0), (1_000,) * 4, (-0.5, 0.5, 1.5, 2.5), 1.0, 1.0, -1.0, 3.0)
    return BaselineFeature(name, role, "numeric", counts, rho={"5m": 0.0}, largest_change=1.0)


AGE: Final = numeric("age")
HEIGHT: Final = numeric("height")
PREDICTION: Final = numeric("prediction", "prediction")
COUNTRY: Final = replace(categorical("country", {"de": 3_000, "fr": 1_000}), largest_change=1.0)
FEATURES: Final = (AGE, HEIGHT, PREDICTION, COUNTRY)

WELL: Final = {
    "age": Rows((7, 6, 6, 6)),
    "height": Rows((6, 7, 6, 6)),
    "prediction": Rows((6, 6, 7, 6)),
    "country": Rows((19, 6, 0, 0)),
}
BROKEN: Final = {
    "age": Rows((2, 3, 5, 10), missing=5),
    "height": Rows((5, 5, 5, 5), invalid=5, range=4),
    "prediction": Rows((1, 1, 2, 21)),
    "country": Rows((10, 5, 0, 10)),
}
FEW: Final = {
    "age": Rows((0, 0, 2, 6)),
    "height": Rows((0, 0, 1, 0), invalid=7),
    "prediction": Rows((0, 0, 0, 8)),
    "country": Rows((0, 0, 0, 8)),
}
"""As broken; 200 are not reached in five minutes."""
NOTHING: Final = {name: Rows((0, 0, 0, 0)) for name in WELL}


# --- what is scraped ---------------------------------------------------------------------------
def baselines(
    policies: Mapping[str, FeaturePolicy] = MappingProxyType({}),
    evidence: float = BAR.z_threshold,
) -> dict[str, str]:
    """What the collector exposes of the features; `POLICY` holds for those without one."""
    common = label_text(_OWN)
    texts = (feature_lines(common, one, policies.get(one.name, POLICY), ["5m"]) for one in FEATURES)
    lines = "".join(text for families in texts for text in families.values()).splitlines()
    threshold = series(names.EVIDENCE_THRESHOLD, window="5m", **_OWN)
    return {**dict(map(_constant, lines)), threshold: f"{evidence}x{_FOR_EVER}"}


def counters(days: Days) -> dict[str, str]:
    """Every counter of every feature, as an old pod has them."""
    labels = target("a", SIDECAR, names.PORT_COLLECTOR)
    start = {series(names.COLLECTOR_START_TIME, **labels): f"-86400x{_FOR_EVER}"}
    return together(start, *(dict(_of_feature(one, days)) for one in FEATURES))


def younger(found: Mapping[str, str], steps: int) -> dict[str, str]:
    """The same of a pod that was not there for the first scrapes, in which nothing happened."""
    start = str(steps * STEP_SECONDS)
    return {name: f"_x{steps} {values.replace('-86400', start)}" for name, values in found.items()}


def _constant(line: str) -> tuple[str, str]:
    name, value = line.rsplit(" ", 1)
    return name, f"{value}x{_FOR_EVER}"


def _of_feature(feature: BaselineFeature, days: Days) -> Iterator[tuple[str, str]]:
    rows = [stretch[feature.name] for stretch, _ in days]
    steps = [count for _, count in days]

    def counter(metric: str, values: Iterable[int], **labels: str) -> tuple[str, str]:
        name = series(metric, **_OWN, **{names.L_FEATURE: feature.name}, **labels)
        return name, growing(*zip(values, steps, strict=True))

    yield counter(names.FEATURE_MISSING_ROWS, [one.missing for one in rows])
    yield counter(names.FEATURE_INVALID_ROWS, [one.invalid for one in rows], reason="string")
    for place, labels in enumerate(_cells(feature)):
        if feature is COUNTRY:
            values = [one.cells[place] for one in rows]
            yield counter(names.FEATURE_CATEGORY_ROWS, values, **labels)
        else:
            values = [sum(one.cells[: place + 1]) for one in rows]
            yield counter(names.FEATURE_CUMULATIVE_ROWS, values, **labels)
    if feature is COUNTRY:
        yield counter(names.FEATURE_UNSEEN_ROWS, [one.unseen for one in rows])
    else:
        yield counter(names.FEATURE_OUT_OF_RANGE_ROWS, [one.range for one in rows])


def _cells(feature: BaselineFeature) -> list[dict[str, str]]:
    if feature is COUNTRY:
        return [{names.L_CATEGORY: category} for category in CATEGORIES]
    bins = [f"{place:02d}" for place in range(4)]
    before = [{}, *({names.L_PREVIOUS: one} for one in bins)]
    return [{names.L_BIN: one, **prev} for one, prev in zip(bins, before, strict=False)]


# --- what is true of it --------------------------------------------------------------------------
def drift(feature: BaselineFeature, rows: ByFeature, at_seconds: int) -> Verdict:
    """Of the window that ends then, in which all rows are like these."""
    live = np.array(rows[feature.name].cells, dtype=np.int64) * _scrapes(at_seconds)
    return judge(live, feature, "5m", BAR)


def share(
    feature: BaselineFeature, kind: ShareKind, rows: ByFeature, at_seconds: int
) -> ShareVerdict:
    """The same of what is missing, invalid, unseen or out of range."""
    own, scrapes = rows[feature.name], _scrapes(at_seconds)
    part = Part(getattr(own, kind) * scrapes, own.every * scrapes)
    return judge_share(kind, part, feature, "5m", BAR)


def change(feature: BaselineFeature, days: Days, at_seconds: int) -> float:
    """The change detector's score after a batch each minute."""
    reference, cap = Reference(feature), 2 * CHANGE.threshold
    memories = [Memory(np.zeros(len(reference.counts))) for _ in MEMORY_RATIOS]
    for minute in range(60, at_seconds + 1, 60):
        batch = _rows(feature, days, minute) - _rows(feature, days, minute - 60)
        memories = [
            remembered(memory, batch, reference, ratio, cap)
            for memory, ratio in zip(memories, MEMORY_RATIOS, strict=True)
        ]
    return float(change_score([[memory.log_evidence] for memory in memories])[0])


def _scrapes(until_seconds: int) -> int:
    """In a window that ends then."""
    return until_seconds // STEP_SECONDS - (until_seconds - WINDOW_SECONDS) // STEP_SECONDS


def _rows(feature: BaselineFeature, days: Days, at_seconds: int) -> NDArray[np.float64]:
    """By cell, until the last scrape."""
    total, left = np.zeros(len(baseline_counts(feature))), at_seconds // STEP_SECONDS
    for rows, steps in days:
        total = total + np.array(rows[feature.name].cells) * min(steps, left)
        left -= min(steps, left)
    return total
