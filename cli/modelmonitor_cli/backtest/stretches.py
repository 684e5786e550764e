"""Cuts the rows of a block into stretches that lie in one window and in one batch each.

Windows of time are aligned to UTC, windows of rows and batches to the first row of all.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from modelmonitor_cli.baseline.values import Integers
from modelmonitor_sidecar.stats.change import BATCH_ROWS
from modelmonitor_sidecar.stats.dispersion import counts_rows, window_length

MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Stretches:
    """Consecutive stretches of a block.

    `starts`: places of their first rows in the block; `windows`: which window each lies in, as a
    number that rises; `ends_batch`: whether a batch ends with it.
    """

    starts: Integers
    rows: Integers
    windows: Integers
    ends_batch: np.typing.NDArray[np.bool_]

    @property
    def of_rows(self) -> Integers:
        """The stretch of each row."""
        return np.repeat(np.arange(len(self.starts)), self.rows)


class Cutter:
    """Knows where windows of one length begin."""

    def __init__(self, window: str) -> None:
        self._by_rows = counts_rows(window)
        unit = 1 if self._by_rows else MICROSECONDS
        self._length = window_length(window) * unit

    def cut(self, first_row: int, count: int, times: Integers | None) -> Stretches:
        """The stretches of `count` rows, of which the first is number `first_row` of all."""
        order = np.arange(first_row, first_row + count)
        places = order if self._by_rows else times
        assert places is not None
        windows = places // self._length
        begins = (order % BATCH_ROWS == 0) | (np.diff(windows, prepend=windows[:1]) != 0)
        begins[0] = True
        starts = np.flatnonzero(begins)
        rows = np.diff(starts, append=count)
        ends = (first_row + starts + rows) % BATCH_ROWS == 0
        return Stretches(starts, rows, windows[starts], ends)

    def bounds(self, window: int) -> tuple[int, int]:
        """Where a window begins and ends, in rows or microseconds since 1970; end exclusive."""
        return window * self._length, (window + 1) * self._length
