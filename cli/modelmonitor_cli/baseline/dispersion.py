"""How much windows of healthy rows differ, learned while rows stream by.

The same estimate as `modelmonitor_sidecar.stats.dispersion.intra_window_correlation`, from sums
instead of from all windows, so that a year of minutes takes no memory.
"""

import math
from typing import Final

import numpy as np

from modelmonitor_cli.baseline.values import Floats, Integers
from modelmonitor_cli.baseline.windows import BlockWindows
from modelmonitor_sidecar.stats.dispersion import MINIMUM_WINDOWS

LARGEST_ERROR: Final = 0.0005
"""Of rho where windows are alike; a window length with fewer rows tells nothing about larger ones.

With 10 bins and 100 windows that is 9,400 rows.
"""
_DIGITS: Final = 4


class Dispersion:
    """rho = [sum chi2_w / (B - 1) - (K - 1)] / sum (n_w - 1)(1 - n_w / N)  over K windows.

    chi2_w = sum_i c_wi^2 / (n_w p_i) - n_w holds window w against the pooled shares p of all N
    rows; its mean is (B - 1)(1 + (n_w - 1) rho)(1 - n_w / N).  So per bin the sum of
    c^2 / n is enough.  With windows of one size this is exactly the collector's estimate.

    Windows that come in order are folded as they end; others lie open until `rho` is asked for.
    """

    def __init__(self, cells: int, open_windows: int | None) -> None:
        """`open_windows`: how many windows there are in all, if they come in no order."""
        self._cells = cells
        self._squares = np.zeros(cells)
        self._rows = np.zeros(cells, dtype=np.int64)
        self._windows = 0
        self._squared_sizes = 0
        self._last = -1
        self._open = np.zeros(
            (open_windows or 1, cells), dtype=np.int64 if not open_windows else np.int32
        )
        self._ordered = open_windows is None

    def add(self, windows: BlockWindows, cells: Integers) -> None:
        """Count rows by window and cell; cell `cells` (one past the last) is no value."""
        counts = windows.counts(cells, self._cells)
        if self._ordered:
            self._add_in_order(windows.ids, counts)
        else:
            self._open[windows.ids] += counts.astype(np.int32)

    def rho(self) -> float | None:
        """The intra-window correlation, from 0 to 1; None where too little was seen."""
        self._fold(self._open)
        self._open = self._open[:0]
        filled = self._rows > 0
        degrees = int(np.count_nonzero(filled)) - 1
        rows = int(self._rows.sum())
        if self._windows < MINIMUM_WINDOWS:
            return None
        leverage = rows - self._windows - (self._squared_sizes - rows) / rows
        if degrees < 1:
            return 0.0
        error = math.sqrt(2 * (self._windows - 1) / degrees) / leverage
        if error > LARGEST_ERROR:
            return None
        chi_square = float((self._squares[filled] / self._rows[filled]).sum() * rows - rows)
        excess = chi_square / degrees - (self._windows - 1)
        return float(f"{min(1.0, max(0.0, excess / leverage)):.{_DIGITS}g}")

    def _add_in_order(self, ids: Integers, counts: Integers) -> None:
        if ids[0] == self._last:
            counts[0] += self._open[0]
        elif self._last >= 0:
            self._fold(self._open)
        self._fold(counts[:-1])
        self._open = counts[-1:].copy()
        self._last = int(ids[-1])

    def _fold(self, counts: Integers) -> None:
        sizes = counts.sum(axis=1, dtype=np.int64)
        told = sizes >= 2
        counts, sizes = counts[told], sizes[told]
        if len(sizes):
            self._squares += _squares(counts, sizes)
            self._rows += counts.sum(axis=0, dtype=np.int64)
            self._windows += len(sizes)
            self._squared_sizes += int((sizes**2).sum())


def _squares(counts: Integers, sizes: Integers) -> Floats:
    return np.asarray((counts.astype(np.float64) ** 2 / sizes[:, None]).sum(axis=0))
