"""The windows of the last seven days, for the second opinion: the same hour a week ago."""

from collections import deque
from typing import Final

import numpy as np

from modelmonitor_cli.backtest.judging import WindowCounts
from modelmonitor_cli.backtest.results import Window
from modelmonitor_cli.baseline.values import Integers
from modelmonitor_sidecar.stats.dispersion import counts_rows

WEEK_SECONDS: Final = 7 * 86_400


class LastWeek:
    """Keeps the cells of whole windows of time for a week: 4 bytes a cell and window.

    There is nothing for windows of rows, which know no week.
    """

    def __init__(self) -> None:
        self._kept: deque[tuple[float, Integers]] = deque()

    def before(self, window: Window) -> Integers | None:
        """The cells of the window that ended exactly a week before; None: there is none."""
        wanted = window.position - WEEK_SECONDS
        while self._kept and self._kept[0][0] < wanted:
            self._kept.popleft()
        if self._kept and self._kept[0][0] == wanted:
            return self._kept[0][1].astype(np.int64)
        return None

    def keep(self, window: Window, counts: WindowCounts) -> None:
        """Remember a window."""
        if window.whole and not counts_rows(window.length):
            self._kept.append((window.position, counts.cells.astype(np.int32)))
