"""Replays rows through the monitor's tests, block by block, and keeps what was found.

Memory: one block of rows, the counts of the present window and batch, and all results.
"""

import numpy as np
import pyarrow as pa

from modelmonitor_cli.backtest.alarms import AlarmLog
from modelmonitor_cli.backtest.changes import ChangeWatch
from modelmonitor_cli.backtest.counting import BlockCounter, StretchCounts
from modelmonitor_cli.backtest.features import replayed_features
from modelmonitor_cli.backtest.judging import WindowCounts, WindowJudge
from modelmonitor_cli.backtest.moved import MovedMost
from modelmonitor_cli.backtest.options import BacktestOptions
from modelmonitor_cli.backtest.plan import TablePlan
from modelmonitor_cli.backtest.results import Result, Window
from modelmonitor_cli.backtest.stretches import Cutter, Stretches
from modelmonitor_cli.backtest.subject import Subject
from modelmonitor_cli.backtest.weekly import LastWeek
from modelmonitor_cli.backtest.windows import OpenWindow
from modelmonitor_cli.baseline.values import Integers
from modelmonitor_sidecar.stats.change import BATCH_ROWS


class Replay:
    """One model's rows in their order, cut into windows and batches, each judged when it ends."""

    def __init__(self, subject: Subject, plan: TablePlan, options: BacktestOptions) -> None:
        self.rows = 0
        self.windows: list[Window] = []
        self.results: list[Result] = []
        self.moved = MovedMost()
        self._length = options.length
        self._cutter = Cutter(options.length)
        self._counter = BlockCounter(plan.sources)
        layout = self._counter.layout
        budget = subject.budget(len(plan.sources), options.rows_per_month)
        z_threshold = budget.z_threshold(options.length)
        self.features = replayed_features(subject, plan.sources, layout, z_threshold)
        self._windows = WindowJudge(self.features)
        looks = options.rows_per_month / BATCH_ROWS
        self._changes = ChangeWatch(self.features, budget.change_threshold(looks))
        self.log = AlarmLog(
            self.features, self._changes, options.length, subject.monitor.verdict.confirm
        )
        self._last_week = LastWeek()
        self._open: OpenWindow | None = None
        self._batch = np.zeros(layout.cells, dtype=np.int64)

    def add(self, block: pa.Table, times: Integers | None, *, all_text: bool) -> None:
        """The next rows, each column in one piece; `times` where they are known."""
        stretches = self._cutter.cut(self.rows, block.num_rows, times)
        counts = self._counter.count(block, stretches, all_text=all_text)
        for at in range(len(stretches.starts)):
            self._add(counts, stretches, at, times)

    def finish(self) -> None:
        """Judge the window that was still filling."""
        if self._open is not None:
            self._judge(self._open, at_the_edge=True)
            self._open = None

    def _add(
        self, counts: StretchCounts, stretches: Stretches, at: int, times: Integers | None
    ) -> None:
        window = self._window(int(stretches.windows[at]))
        first, last = stretches.starts[at], stretches.starts[at] + stretches.rows[at] - 1
        known = (None, None) if times is None else (int(times[first]), int(times[last]))
        window.add(counts, at, *known)
        self.rows += int(stretches.rows[at])
        self._batch += counts.cells[at]
        if stretches.ends_batch[at]:
            for change in self._changes.feed(self._batch):
                self.log.changed(change, window.index)
            self._batch[:] = 0

    def _window(self, number: int) -> OpenWindow:
        """The open window; judges the one before if that has ended."""
        if self._open is not None and self._open.number != number:
            self._judge(self._open, at_the_edge=self._open.index == 0)
            self._open = None
        if self._open is None:
            layout = self._counter.layout
            counts = WindowCounts.empty(layout.cells, layout.features)
            self._open = OpenWindow(number, len(self.windows), self.rows, counts)
        return self._open

    def _judge(self, open_window: OpenWindow, *, at_the_edge: bool) -> None:
        window = open_window.ended(self._cutter, self._length, at_the_edge=at_the_edge)
        week_ago = self._last_week.before(window)
        results = self._windows.judged(window, open_window.counts, week_ago)
        self._last_week.keep(window, open_window.counts)
        self.windows.append(window)
        self.results += results
        self.moved.see(results, open_window.counts)
        self.log.judged(window, results)
