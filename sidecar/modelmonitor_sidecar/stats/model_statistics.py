"""The statistics of one model behind one door: rows in, counters, windows and verdicts out.

It refuses to know payloads, sockets and series; the clock is an argument.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from modelmonitor_api.baseline import Baseline
from modelmonitor_api.spec import DEFAULT_WINDOWS, Feature, VerdictPolicy

from .budget import ROWS_PER_MONTH, Budget
from .buffer import Names, Piece, RowBuffer
from .columns import Discovery
from .confirm import Look, confirmed
from .counting import Counting
from .counts import Counts
from .lanes import Lanes
from .layout import Layout, Watched, watched_features
from .sketch import Sketch, lowest_cell
from .tables import Records, Values
from .tally import Tally
from .verdict import Bar, Outcome
from .views import FeatureView, Key, Viewer, WindowView
from .windows import BUCKETS, FullWindow, RowWindow, SlidingWindows

Outputs = Sequence[Any] | NDArray[Any] | None

FLUSH_ROWS: Final = 1024
"""From so many rows on, counting at once is as cheap as it gets."""
DISCOVERED_FEATURES: Final = 200
_FULL_WINDOWS_KEPT: Final = 50
_DEFAULT_POLICY: Final = VerdictPolicy()


@dataclass(frozen=True, slots=True)
class Settings:
    """How one model is watched.

    `row_window` ("2000r") adds windows of rows to those of time; `models` share one budget;
    `discovered_features` is how many columns that no baseline knows are watched.
    """

    policy: VerdictPolicy = _DEFAULT_POLICY
    features: tuple[Feature, ...] = ()
    windows: tuple[str, ...] = DEFAULT_WINDOWS
    row_window: str | None = None
    models: int = 1
    rows_per_month: int = ROWS_PER_MONTH
    discovered_features: int = DISCOVERED_FEATURES


class ModelStatistics:
    """Counts the rows of one model against one baseline (or none), and judges its windows.

    Rows wait in a buffer until `flush`; all counters, windows and views speak of flushed rows only.
    `totals` counts since the start; `sketch` has the quantiles since the start of lanes without
    bins.  For each feature  cells + missing + invalid = rows.  Memory: 32 KiB a numeric feature and
    window for quantiles, of which the untouched part is never resident, and a few hundred bytes.
    """

    def __init__(self, baseline: Baseline | None, settings: Settings | None = None) -> None:
        settings = settings or Settings()
        overrides = {feature.name: feature for feature in settings.features}
        watched = watched_features(baseline, overrides)
        self.baseline, self.settings = baseline, settings
        self.layout = Layout(watched, settings.discovered_features)
        self.totals = Counts(self.layout)
        self.discovery = Discovery(self.layout, overrides)
        self.counting = Counting(baseline, self.layout, self.discovery)
        self._buffer = RowBuffer()
        self._base = self.layout.sketch_base()
        self._based = len(self.layout.binned)
        self.sketch = Sketch(self._base)
        empty = Tally(self.layout, self._base)
        self._sliding = SlidingWindows(settings.windows, empty)
        row_window = settings.row_window
        self._row_window = None if row_window is None else RowWindow(row_window, empty.fresh())
        self._viewer = Viewer(self.layout, self.discovery)
        self._looks: dict[Key, deque[Look]] = {}
        self._drifting_since: dict[Key, float] = {}
        self.full_windows: deque[WindowView] = deque(maxlen=_FULL_WINDOWS_KEPT)

    @property
    def pending_rows(self) -> int:
        """Rows that wait to be counted."""
        return self._buffer.rows

    def add_rows(
        self, names: Names, values: Values, predictions: Outputs = None, scores: Outputs = None
    ) -> None:
        """Append rows of values; `names` None: the baseline's columns in their order.

        Outputs are one a row, or None where the answer could not be read.
        """
        self._buffer.add_rows(names, values, predictions, scores)

    def add_records(
        self, rows: Records, predictions: Outputs = None, scores: Outputs = None
    ) -> None:
        """Append rows of names and values."""
        self._buffer.add_records(rows, predictions, scores)

    def flush(self, now_seconds: float) -> int:
        """Count all waiting rows as of `now`; how many there were."""
        self.advance(now_seconds)
        rows = self._buffer.rows
        most = rows if self._row_window is None else self._row_window.length_rows
        first = rows if self._row_window is None else self._row_window.room
        for piece in self._buffer.pieces(first, most):
            self._count(piece)
        return rows

    def advance(self, now_seconds: float) -> None:
        """Move the windows of time to `now`, and judge those of which a bucket has ended."""
        for window, end in self._sliding.advance(now_seconds):
            counts = self._sliding.windows[window].counts(end, Counts(self.layout))
            outcomes = self._viewer.outcomes(window, counts, self.bar(window))
            for key, outcome in outcomes:
                self._look(key, outcome, end)

    def watched(self) -> list[tuple[int, Watched]]:
        """All features watched by now, with their places in `totals`."""
        return self._viewer.watched()

    def bar(self, window: str) -> Bar:
        """What one test in this window has to exceed."""
        return Bar(self.settings.policy.minimum_effect, self.budget.z_threshold(window))

    @property
    def budget(self) -> Budget:
        """What may be spent on false alarms, over all features watched by now."""
        return Budget(
            self.settings.policy.false_alarms_per_month,
            models=self.settings.models,
            features=len(self.watched()),
            windows=len(self.settings.windows) + (self._row_window is not None),
            rows_per_month=self.settings.rows_per_month,
        )

    def window(self, name: str, now_seconds: float) -> WindowView:
        """One window of time as of `now`, judged."""
        span, tally = self._sliding.total(name, now_seconds)
        return self._confirmed(self._viewer.view(name, span, tally, self.bar(name)))

    def row_window(self) -> WindowView | None:
        """The window of rows that is filling now; None if there are no such windows."""
        if self._row_window is None:
            return None
        name, present = self._row_window.name, self._row_window.present
        return self._viewer.view(name, self._row_window.span, present, self.bar(name))

    def _count(self, piece: Piece) -> None:
        counted = self.counting.count(piece.table, piece.predictions, piece.scores)
        self._set_ranges(counted.lanes)
        self.totals.add(counted.counts)
        unbinned, lanes = len(self.layout.binned), counted.lanes
        if len(lanes.values) > unbinned:
            self.sketch.add(lanes.part(unbinned, len(lanes.values)), unbinned)
        self._sliding.count(counted)
        if self._row_window is not None:
            full = self._row_window.count(counted)
            if full is not None:
                self._judge_full(self._row_window.name, full)

    def _judge_full(self, name: str, full: FullWindow) -> None:
        view = self._viewer.view(name, full.span, full.tally, self.bar(name))
        for feature in view.features:
            if feature.baseline is not None:
                self._look((name, feature.role, feature.name), feature.outcome, full.span.end)
        self.full_windows.append(replace(self._confirmed(view), index=full.index))

    def _set_ranges(self, lanes: Lanes) -> None:
        """Give lanes that were just discovered a range of quantiles after their first values."""
        for lane in range(self._based, len(lanes.values)):
            largest = np.abs(lanes.part(lane, lane + 1).filled(0.0)).max(initial=0.0)
            self._base[lane] = lowest_cell(float(largest) or None)
        self._based = max(self._based, len(lanes.values))

    def _look(self, key: Key, outcome: Outcome, end: float) -> None:
        kept = BUCKETS * self.settings.policy.confirm + 1
        self._looks.setdefault(key, deque(maxlen=kept)).append(Look(end, outcome))
        if outcome == "drift":
            self._drifting_since.setdefault(key, end)
        else:
            self._drifting_since.pop(key, None)

    def _confirmed(self, view: WindowView) -> WindowView:
        features = tuple(self._with_history(view.window, f) for f in view.features)
        return replace(view, features=features)

    def _with_history(self, window: str, feature: FeatureView) -> FeatureView:
        key, confirm = (window, feature.role, feature.name), self.settings.policy.confirm
        return replace(
            feature,
            confirmed=confirmed(self._looks.get(key, ()), window, confirm),
            since=self._drifting_since.get(key) if feature.outcome == "drift" else None,
        )
