"""What a window shows of each feature: numbers for people, and the judgements.

Frozen, so that a status page, a terminal and a report can keep and compare them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from modelmonitor_api.baseline import BaselineFeature, Categories, Role
from modelmonitor_api.names import OTHER, UNSEEN
from modelmonitor_api.spec import Kind

from .categories import REASONS
from .columns import Discovery
from .counts import Counts
from .effect import Reference
from .layout import Layout, Watched
from .moments import Summary
from .shares import SHARE_KINDS, Part, ShareKind, ShareVerdict, judge_share
from .tally import Tally
from .verdict import Bar, Outcome, Verdict, judge_against
from .windows import Span

QUANTILES: Final = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
_TOP_CATEGORIES: Final = 10

Key = tuple[str, Role, str]
"""Window, role and name: what tells one feature's history from another's."""


@dataclass(frozen=True, slots=True)
class FeatureView:
    """One feature in one window.

    `cells`: rows by bin, or by category with `__other__` and `__unseen__` last; empty without a
    baseline.  `quantiles` pairs `QUANTILES` with values within 1 %; `top` is the most frequent
    categories with their rows.  `verdict` is None without a baseline.  `confirmed`: enough windows
    in a row drifted for an alarm.  `since`: the end of the first window of the unbroken run of
    drifting ones that lasts until now (seconds or rows, as the window's length).
    """

    name: str
    role: Role
    kind: Kind
    baseline: BaselineFeature | None
    rows: int
    missing: int
    invalid: Mapping[str, int]
    unseen: int
    out_of_range: int
    summary: Summary | None
    quantiles: tuple[float, ...]
    cells: tuple[int, ...]
    top: tuple[tuple[str, int], ...]
    verdict: Verdict | None
    shares: tuple[ShareVerdict, ...]
    confirmed: bool = False
    since: float | None = None

    @property
    def outcome(self) -> Outcome:
        """Drift if anything about the feature has moved, else the word on its distribution."""
        return _outcome(self.verdict, self.shares)


@dataclass(frozen=True, slots=True)
class WindowView:
    """One window: its name ("5m", "2000r"), where it reaches, its rows, its features."""

    window: str
    span: Span
    rows: int
    features: tuple[FeatureView, ...]
    index: int = 0

    def feature(self, name: str) -> FeatureView:
        """The feature of that name; KeyError if there is none."""
        for feature in self.features:
            if feature.name == name:
                return feature
        raise KeyError(name)


class Viewer:
    """Turns tallies into views."""

    def __init__(self, layout: Layout, discovery: Discovery) -> None:
        self._layout, self._discovery = layout, discovery
        self._references = {
            place: Reference(watched.baseline)
            for place, watched in self.watched()
            if watched.baseline is not None
        }

    def view(self, window: str, span: Span, tally: Tally, bar: Bar) -> WindowView:
        """All features in one window, held against the window's bar."""
        features = tuple(
            self._feature(place, watched, tally, window, bar) for place, watched in self.watched()
        )
        return WindowView(window, span, tally.counts.rows, features)

    def outcomes(self, window: str, counts: Counts, bar: Bar) -> Iterator[tuple[Key, Outcome]]:
        """The outcome of each feature with a baseline, and nothing else."""
        for place, watched in self.watched():
            if watched.baseline is not None:
                judged = self._judged(place, watched, counts, window, bar)
                yield (window, watched.role, watched.name), _outcome(*judged)

    def watched(self) -> list[tuple[int, Watched]]:
        """All features that are watched by now, with their places in the counters."""
        lanes = [*self._layout.binned, *self._discovery.watched]
        first = self._layout.lanes
        return [*enumerate(lanes), *enumerate(self._layout.categorical, start=first)]

    def _feature(
        self, place: int, watched: Watched, tally: Tally, window: str, bar: Bar
    ) -> FeatureView:
        counts = tally.counts
        cells = counts.cells[self._layout.cells_of(place)]
        base, lane = watched.baseline, place < self._layout.lanes
        verdict, shares = self._judged(place, watched, counts, window, bar)
        return FeatureView(
            name=watched.name,
            role=watched.role,
            kind=watched.kind,
            baseline=base,
            rows=int(counts.feature_rows[place]),
            missing=int(counts.missing[place]),
            invalid=_reasons(counts.invalid[:, place]),
            unseen=int(counts.unseen[place]),
            out_of_range=int(counts.out_of_range[place]),
            summary=counts.moments.summary(place) if lane else None,
            quantiles=_quantiles(tally, place) if lane else (),
            cells=tuple(cells.tolist()),
            top=_top(base, cells.tolist()),
            verdict=verdict,
            shares=shares,
        )

    def _judged(
        self, place: int, watched: Watched, counts: Counts, window: str, bar: Bar
    ) -> tuple[Verdict | None, tuple[ShareVerdict, ...]]:
        reference = self._references.get(place)
        if reference is None:
            return None, ()
        bar = _own_bar(watched, bar)
        cells = counts.cells[self._layout.cells_of(place)]
        verdict = judge_against(reference, cells, window, bar)
        return verdict, _shares(counts, place, reference.feature, window, bar)


def _outcome(verdict: Verdict | None, shares: Sequence[ShareVerdict]) -> Outcome:
    if verdict is None:
        return "insufficient"
    return "drift" if any(share.verdict == "drift" for share in shares) else verdict.verdict


def _own_bar(watched: Watched, bar: Bar) -> Bar:
    own = None if watched.override is None else watched.override.minimum_effect
    return bar if own is None else Bar(own, bar.z_threshold)


def _reasons(invalid: np.typing.NDArray[np.int64]) -> Mapping[str, int]:
    return {reason: int(rows) for reason, rows in zip(REASONS, invalid, strict=True) if rows}


def _quantiles(tally: Tally, lane: int) -> tuple[float, ...]:
    moments = tally.counts.moments
    if not moments.values[lane]:
        return ()
    found = tally.sketch.quantiles(lane, QUANTILES)
    low, high = float(moments.minimum[lane]), float(moments.maximum[lane])
    return tuple(min(max(value, low), high) for value in found)


def _top(base: BaselineFeature | None, cells: Sequence[int]) -> tuple[tuple[str, int], ...]:
    if base is None or not isinstance(base.counts, Categories):
        return ()
    named = [p for p in zip((*base.counts.values, OTHER, UNSEEN), cells, strict=True) if p[1]]
    return tuple(sorted(named, key=lambda pair: -pair[1])[:_TOP_CATEGORIES])


def _shares(
    counts: Counts, place: int, base: BaselineFeature, window: str, bar: Bar
) -> tuple[ShareVerdict, ...]:
    rows = int(counts.feature_rows[place])
    found: dict[ShareKind, int] = {
        "missing": int(counts.missing[place]),
        "invalid": int(counts.invalid[:, place].sum()),
        "unseen": int(counts.unseen[place]),
        "range": int(counts.out_of_range[place]),
    }
    parts = ((kind, Part(found[kind], rows)) for kind in SHARE_KINDS)
    return tuple(judge_share(kind, part, base, window, bar) for kind, part in parts)
