"""The window that fills, and what it becomes when it ends."""

from modelmonitor_cli.backtest.counting import StretchCounts
from modelmonitor_cli.backtest.judging import WindowCounts
from modelmonitor_cli.backtest.results import Window
from modelmonitor_cli.backtest.stretches import Cutter
from modelmonitor_sidecar.stats.dispersion import counts_rows
from modelmonitor_sidecar.stats.windows import BUCKETS


class OpenWindow:
    """One window in the making.

    `number` counts windows from the first row or from 1970; `index` those that have rows.
    """

    def __init__(self, number: int, index: int, start_row: int, counts: WindowCounts) -> None:
        self.number, self.index, self.counts = number, index, counts
        self._start_row = start_row
        self._first_time: int | None = None
        self._last_time: int | None = None

    def add(self, counts: StretchCounts, at: int, first: int | None, last: int | None) -> None:
        """Add a stretch; the times of its first and last row, where they are known."""
        self.counts.add(counts, at)
        if self._first_time is None:
            self._first_time = first
        self._last_time = last

    def ended(self, cutter: Cutter, length: str, *, at_the_edge: bool) -> Window:
        """The window as it is now; `at_the_edge`: first or last of all, so that it may be cut."""
        end_row = self._start_row + self.counts.rows
        if counts_rows(length):
            start, end = self._first_time, self._last_time
            whole = self.counts.rows == int(length[:-1])
        else:
            start, end = cutter.bounds(self.number)
            whole = not at_the_edge or self._fills(start, end)
        return Window(self.index, length, self._start_row, end_row, start, end, whole)

    def _fills(self, start: int, end: int) -> bool:
        """Whether there are rows in its first and its last twelfth."""
        assert self._first_time is not None
        assert self._last_time is not None
        slack = (end - start) // BUCKETS
        return self._first_time <= start + slack and self._last_time >= end - slack
