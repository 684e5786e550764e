"""Holds the counts of a window against the baseline, feature by feature."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from modelmonitor_api.baseline import Categories
from modelmonitor_cli.backtest.counting import StretchCounts
from modelmonitor_cli.backtest.results import ReplayedFeature, Result, Window
from modelmonitor_cli.baseline.values import Integers
from modelmonitor_sidecar.stats.discoveries import adjusted, p_value
from modelmonitor_sidecar.stats.second_opinion import second_opinion
from modelmonitor_sidecar.stats.shares import (
    SHARE_KINDS,
    Part,
    ShareKind,
    ShareVerdict,
    judge_share,
)
from modelmonitor_sidecar.stats.verdict import judge_against


@dataclass(slots=True)
class WindowCounts:
    """What was counted in one window so far."""

    rows: int
    cells: Integers
    invalid: Integers
    out_of_range: Integers

    @classmethod
    def empty(cls, cells: int, features: int) -> "WindowCounts":
        """Nothing yet."""
        zeros = [np.zeros(size, dtype=np.int64) for size in (cells, features, features)]
        return cls(0, *zeros)

    def add(self, counts: StretchCounts, at: int) -> None:
        """Add one stretch."""
        self.rows += int(counts.rows[at])
        self.cells += counts.cells[at]
        self.invalid += counts.invalid[at]
        self.out_of_range += counts.out_of_range[at]


class WindowJudge:
    """Judges window after window.

    Most shares are of nothing, in the window as in the baseline.  Their verdict depends on the
    number of rows alone, and windows of rows all have the same: the last one is kept.
    """

    def __init__(self, features: Sequence[ReplayedFeature]) -> None:
        self._features = features
        self._nothing: dict[tuple[int, ShareKind], ShareVerdict] = {}

    def judged(
        self, window: Window, counts: WindowCounts, week_ago: Integers | None
    ) -> list[Result]:
        """Every feature in one window; one that is not whole has too little for any verdict.

        `week_ago`: the cells of the window a week before, for a second opinion.
        """
        results = [self._judged(window, counts, feature) for feature in self._features]
        if not window.whole:
            return [_insufficient(result) for result in results]
        if week_ago is not None:
            results = [_doubled(result, window, counts, week_ago) for result in results]
        return _listed(results)

    def _judged(self, window: Window, counts: WindowCounts, feature: ReplayedFeature) -> Result:
        live = counts.cells[feature.cells]
        invalid = int(counts.invalid[feature.place])
        named = isinstance(feature.reference.feature.counts, Categories)
        found: dict[ShareKind, int] = {
            "missing": counts.rows - int(live.sum()) - invalid,
            "invalid": invalid,
            "unseen": int(live[-1]) if named else 0,
            "range": int(counts.out_of_range[feature.place]),
        }
        return Result(
            window=window.index,
            feature=feature,
            verdict=judge_against(feature.reference, live, window.length, feature.bar),
            shares=tuple(
                self._share(kind, Part(found[kind], counts.rows), feature, window.length)
                for kind in SHARE_KINDS
            ),
            missing=found["missing"],
            invalid=found["invalid"],
            unseen=found["unseen"],
            out_of_range=found["range"],
        )

    def _share(
        self, kind: ShareKind, live: Part, feature: ReplayedFeature, length: str
    ) -> ShareVerdict:
        known = None if live.rows else self._nothing.get((feature.place, kind))
        if known is not None and known.n == live.of:
            return known
        verdict = judge_share(kind, live, feature.reference.feature, length, feature.bar)
        if not live.rows:
            self._nothing[feature.place, kind] = verdict
        return verdict


def _doubled(result: Result, window: Window, counts: WindowCounts, week_ago: Integers) -> Result:
    feature = result.feature
    live, earlier = counts.cells[feature.cells], week_ago[feature.cells]
    opinion = second_opinion(live, earlier, feature.reference, window.length, feature.bar)
    return replace(result, week_ago=opinion)


def _listed(results: list[Result]) -> list[Result]:
    """With p values adjusted for how many features the window has."""
    places = [at for at, one in enumerate(results) if one.verdict.verdict != "insufficient"]
    p_values = adjusted([p_value(results[at].verdict.z or 0.0) for at in places])
    for at, p in zip(places, p_values.tolist(), strict=True):
        results[at] = replace(results[at], adjusted_p=p)
    return results


def _insufficient(result: Result) -> Result:
    return replace(
        result,
        verdict=replace(result.verdict, verdict="insufficient"),
        shares=tuple(replace(share, verdict="insufficient") for share in result.shares),
    )
