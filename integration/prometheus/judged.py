"""The windows of the rules once more, by numpy: from the rows that Prometheus recorded.

Recorded rows go in; every distance, effect, evidence and verdict comes out under the labels that
the rules give it, so that two tables can be compared.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from prometheus import subject
from prometheus.server import Prometheus, Series

from modelmonitor_api import names, recorded
from modelmonitor_api.baseline import Baseline, BaselineFeature, Bins
from modelmonitor_operator.render.rules import second_opinion
from modelmonitor_sidecar.expose.labels import bounded, category_label
from modelmonitor_sidecar.stats.effect import Reference
from modelmonitor_sidecar.stats.second_opinion import second_opinion as opinion
from modelmonitor_sidecar.stats.shares import Part, ShareKind, ShareVerdict, judge_share
from modelmonitor_sidecar.stats.verdict import VERDICT_VALUES, Bar, Verdict, judge

REACH: Final = "30m"
"""Longer than the story."""
TOLERANCE: Final = 1e-9
WEEK_SECONDS: Final = 7 * 86_400

Key = tuple[str, ...]
"""Name, feature, window or memory, what else tells series apart, time of the evaluation."""
Table = Mapping[Key, float]
Cells = Mapping[str, float]
"""Rows by bin or category."""

_KINDS: Final[tuple[ShareKind, ...]] = ("missing", "invalid", "unseen", "range")
_BY_TEST: Final = (recorded.ROWS, recorded.SCORE, recorded.EVIDENCE, recorded.VERDICT)
_OF_WINDOWS: Final = f'test!~"{recorded.CHANGE}|{recorded.WEEK}"'


@dataclass(frozen=True, slots=True)
class Recorded:
    """Everything that a server recorded, as raw samples: nothing is looked back for."""

    server: Prometheus
    at_seconds: float | None = None
    """None: until now."""
    reach: str = REACH
    version: str = subject.VERSION
    """Of the model."""

    def series(self, name: str, matchers: str = "") -> list[Series]:
        own = f'{names.L_VERSION}=~"{self.version}|",{matchers}'
        return self.server.now(f"{name}{{{own}}}[{self.reach}]", self.at_seconds)

    def table(self, name: str, labels: Sequence[str], matchers: str = "") -> dict[Key, float]:
        """By the feature, these labels and the time."""
        by = (names.L_FEATURE, *labels)
        return {
            (name, *(series.labels.get(label, "") for label in by), repr(at)): value
            for series in self.series(name, matchers)
            for at, value in series.values.items()
        }

    def cells(self, name: str, *labels: str) -> Mapping[Key, Cells]:
        """Rows by cell, of each feature (and these labels) at each time."""
        found: dict[Key, dict[str, float]] = defaultdict(dict)
        for series in self.series(name):
            cell = series.labels.get(names.L_BIN) or series.labels[names.L_CATEGORY]
            of = tuple(series.labels[label] for label in (names.L_FEATURE, *labels))
            for at, value in series.values.items():
                found[*of, repr(at)][cell] = value
        return found

    def windows(self) -> Table:
        """What `judged_windows` comes to by itself."""
        by_test = (
            self.table(name, (names.L_WINDOW, recorded.L_TEST), _OF_WINDOWS) for name in _BY_TEST
        )
        of_baseline = f'{recorded.L_DISTANCE}!~"{"|".join(recorded.WEEK_DISTANCES)}"'
        by = (names.L_WINDOW, recorded.L_DISTANCE)
        distances = self.table(recorded.DISTANCE, by, of_baseline)
        return {key: value for table in (*by_test, distances) for key, value in table.items()}

    def opinions(self) -> Table:
        """What `judged_week` comes to by itself."""
        by_test = (
            self.table(name, (names.L_WINDOW, recorded.L_TEST), f'test="{recorded.WEEK}"')
            for name in _BY_TEST
        )
        return {key: value for table in by_test for key, value in table.items()}


def judged_windows(found: Recorded, baseline: Baseline, bars: Mapping[str, Bar]) -> Table:
    """Rows, distances, scores, evidence and verdicts of every recorded window; `bars` by window."""
    flagged = found.table(recorded.COUNTED_ROWS, (names.L_WINDOW, recorded.L_TEST), 'test!=""')
    table: dict[Key, float] = {}
    for (name, window, at), cells in found.cells(recorded.CELL_ROWS, names.L_WINDOW).items():
        feature = feature_of(baseline, name)
        live, bar = rows_by_cell(feature, cells), bars[window]
        counted = {
            kind: int(flagged[recorded.COUNTED_ROWS, name, window, kind, at])
            for kind in _KINDS
            if (recorded.COUNTED_ROWS, name, window, kind, at) in flagged
        }
        every = int(live.sum()) + counted["missing"] + counted["invalid"]
        verdicts = (
            judge_share(kind, Part(rows, every), feature, window, bar)
            for kind, rows in counted.items()
        )
        numbers = dict(_of_drift(judge(live, feature, window, bar)))
        numbers.update(one for verdict in verdicts for one in _of_share(verdict))
        table |= {(what, name, window, which, at): one for (what, which), one in numbers.items()}
    return table


def judged_week(now: Recorded, then: Recorded, baseline: Baseline, bar: Bar) -> Table:
    """The second opinion of every recorded hour that `then` has a week before."""
    before = then.cells(recorded.CELL_ROWS, names.L_WINDOW)
    table: dict[Key, float] = {}
    for (name, window, at), cells in now.cells(recorded.CELL_ROWS, names.L_WINDOW).items():
        earlier = before.get((name, window, repr(round(float(at) - WEEK_SECONDS, 3))))
        if window != second_opinion.WINDOW or earlier is None:
            continue
        feature = feature_of(baseline, name)
        live, last_week = rows_by_cell(feature, cells), rows_by_cell(feature, earlier)
        verdict = opinion(live, last_week, Reference(feature), window, bar)
        assert verdict is not None
        fewer = replace(verdict, n=int(min(live.sum(), last_week.sum())))
        for (what, test), value in _judgement(recorded.WEEK, fewer):
            table[what, name, window, test, at] = value
    return table


def feature_of(baseline: Baseline, label: str) -> BaselineFeature:
    """The feature with this label."""
    return next(one for one in baseline.features if bounded(one.name) == label)


def rows_by_cell(feature: BaselineFeature, cells: Cells) -> NDArray[np.int64]:
    """Whole rows, in the order in which `stats` counts them."""
    ordered = np.array([cells[label] for label in _cell_labels(feature)])
    assert np.array_equal(ordered, np.rint(ordered)), f"{feature.name}: parts of rows: {ordered}"
    return ordered.astype(np.int64)


def differences(expected: Table, found: Table) -> list[str]:
    """What is on one side alone, or not the same to within the tolerance."""
    alone = sorted(expected.keys() ^ found.keys())
    return [f"{key}: on one side only" for key in alone] + [
        f"{key}: numpy {expected[key]!r}, Prometheus {found[key]!r}"
        for key in expected.keys() & found.keys()
        if not math.isclose(expected[key], found[key], rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    ]


def _cell_labels(feature: BaselineFeature) -> list[str]:
    counts = feature.counts
    if isinstance(counts, Bins):
        return [f"{at:02d}" for at in range(len(counts.rows))]
    return [*map(category_label, counts.values), names.OTHER, names.UNSEEN]


def _of_drift(verdict: Verdict) -> Iterator[tuple[tuple[str, str], float]]:
    numbers = asdict(verdict)
    for name in recorded.DISTANCES:
        if numbers[name] is not None:
            yield (recorded.DISTANCE, name), numbers[name]
    yield from _judgement(recorded.DRIFT, verdict)


def _of_share(verdict: ShareVerdict) -> Iterator[tuple[tuple[str, str], float]]:
    yield from _judgement(verdict.kind, verdict)


def _judgement(
    test: str, verdict: Verdict | ShareVerdict
) -> Iterator[tuple[tuple[str, str], float]]:
    yield (recorded.ROWS, test), float(verdict.n)
    yield (recorded.VERDICT, test), float(VERDICT_VALUES[verdict.verdict])
    if verdict.effect is not None and verdict.z is not None:
        yield (recorded.SCORE, test), verdict.effect
        yield (recorded.EVIDENCE, test), verdict.z
