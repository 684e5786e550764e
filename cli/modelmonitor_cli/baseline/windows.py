"""Which windows of time and of rows the training rows fall into, as far as their order is known.

Rows in order of time are followed as they stream by.  Rows in no order fall into windows by their
time; their order, for windows of rows, is kept where they are few enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modelmonitor_api.baseline import RHO_WINDOWS
from modelmonitor_cli.baseline.values import Integers
from modelmonitor_sidecar.stats.dispersion import MINIMUM_WINDOWS, counts_rows, window_length

MOST_SORTED_ROWS: Final = 8_000_000
"""Rows in no order whose times are kept, to know the order: 64 MB."""
OPEN_BYTES: Final = 256 << 20
"""Of counts of windows that lie open because rows come in no order."""
_MICROSECONDS: Final = 1_000_000
_RESOLUTIONS_SECONDS: Final = (86_400, 3_600, 300, 60)


@dataclass(frozen=True, slots=True)
class BlockWindows:
    """The windows of one length in a block: their ids, rising, and each row's place among them."""

    name: str
    ids: Integers
    places: Integers

    def counts(self, cells: Integers, number: int) -> Integers:
        """Rows by window and cell, [windows, number]; cell `number` is no value."""
        width = number + 1
        flat = np.bincount(self.places * width + cells, minlength=len(self.ids) * width)
        return np.asarray(flat.reshape(-1, width)[:, :-1])


@dataclass(frozen=True, slots=True)
class TimeFacts:
    """What the time column told; `times` only where rows are in no order and few enough.

    `resolution_seconds`: all times are whole multiples of it; days where there are dates only.
    """

    first: int
    last: int
    in_order: bool
    resolution_seconds: int
    times: Integers | None


class TimeSurvey:
    """Looks through the time column."""

    def __init__(self) -> None:
        self._first, self._last = np.iinfo(np.int64).max, np.iinfo(np.int64).min
        self._previous = np.iinfo(np.int64).min
        self._in_order = True
        self._resolutions = list(_RESOLUTIONS_SECONDS)
        self._rows = 0
        self._parts: list[Integers] | None = []

    def add(self, times: Integers) -> None:
        """See one block."""
        self._first = min(self._first, int(times.min()))
        self._last = max(self._last, int(times.max()))
        risen = times[0] >= self._previous and bool((times[1:] >= times[:-1]).all())
        self._in_order = self._in_order and bool(risen)
        self._previous = times[-1]
        while self._resolutions and (times % (self._resolutions[0] * _MICROSECONDS)).any():
            self._resolutions.pop(0)
        self._rows += len(times)
        if self._rows > MOST_SORTED_ROWS:
            self._parts = None
        if self._parts is not None:
            self._parts.append(times)

    def facts(self) -> TimeFacts:
        """What was seen."""
        kept = None if self._in_order or self._parts is None else np.concatenate(self._parts)
        resolution = self._resolutions[0] if self._resolutions else 0
        return TimeFacts(self._first, self._last, self._in_order, resolution, kept)


class Windows:
    """The windows that a table has enough of, and which of them each row falls into.

    `counts`: how many there are by length.  Windows shorter than the times' resolution would hold
    what belongs to longer ones, and are not learned.
    """

    def __init__(
        self, rows: int, time: TimeFacts | None, *, rows_in_order: bool, cells: int
    ) -> None:
        """`cells` of all features together: what an open window costs."""
        self.rows = rows
        self._time = time
        self._rank = _ranks(time)
        self.in_order = time.in_order if time else rows_in_order
        self._filled = self._filled_windows() if time and time.times is not None else {}
        counted = {name: self._count(name, rows) for name in RHO_WINDOWS if self._possible(name)}
        self.counts = {name: count for name, count in counted.items() if count >= MINIMUM_WINDOWS}
        self.too_many = () if self.in_order else self._drop_too_many(cells)

    def of(self, first_row: int, count: int, times: Integers | None) -> Sequence[BlockWindows]:
        """The windows of the rows from `first_row` on."""
        order = self._order(first_row, count)
        return [_block(name, self._ids(name, order, times)) for name in self.counts]

    def batches(self, first_row: int, count: int, batch_rows: int) -> BlockWindows:
        """The batches of so many rows in order, if it is known, of the rows from `first_row` on."""
        return _block(f"{batch_rows}r", self._order(first_row, count) // batch_rows)

    @property
    def order_known(self) -> bool:
        """Whether each row has a place in order of time."""
        return self.in_order or self._rank is not None

    def _order(self, first_row: int, count: int) -> Integers:
        if self._rank is not None:
            return self._rank[first_row : first_row + count]
        return np.arange(first_row, first_row + count)

    def _possible(self, name: str) -> bool:
        if counts_rows(name):
            return self.order_known
        return self._time is not None and window_length(name) >= self._time.resolution_seconds

    def _ids(self, name: str, order: Integers, times: Integers | None) -> Integers:
        if counts_rows(name):
            return np.asarray(order // window_length(name))
        assert times is not None
        ids = self._numbers(name, times)
        filled = self._filled.get(name)
        return ids if filled is None else np.searchsorted(filled, ids)

    def _numbers(self, name: str, times: Integers) -> Integers:
        """Numbers of windows, aligned to UTC; the first that has a row is 0."""
        assert self._time is not None
        length = window_length(name) * _MICROSECONDS
        return np.asarray(times // length - self._time.first // length)

    def _filled_windows(self) -> dict[str, Integers]:
        assert self._time is not None
        assert self._time.times is not None
        lengths = [name for name in RHO_WINDOWS if not counts_rows(name)]
        return {name: np.unique(self._numbers(name, self._time.times)) for name in lengths}

    def _count(self, name: str, rows: int) -> int:
        """How many windows there are, the broken ones at both ends included."""
        if counts_rows(name):
            return -(-rows // window_length(name))
        if name in self._filled:
            return len(self._filled[name])
        assert self._time is not None
        return int(self._numbers(name, np.array([self._time.last]))[0]) + 1

    def _drop_too_many(self, cells: int) -> tuple[str, ...]:
        """Leave out the shortest windows until the open ones fit; returns their names."""
        dropped = []
        for name in sorted(self.counts, key=lambda name: -self.counts[name]):
            if sum(self.counts.values()) * cells * 4 <= OPEN_BYTES:
                break
            del self.counts[name]
            dropped.append(name)
        return tuple(dropped)


def _block(name: str, ids: Integers) -> BlockWindows:
    found, places = np.unique(ids, return_inverse=True)
    return BlockWindows(name, found, places)


def _ranks(time: TimeFacts | None) -> NDArray[np.int64] | None:
    """The place of each row in order of time; rows of one time stay in their order."""
    if time is None or time.times is None:
        return None
    order = np.argsort(time.times, kind="stable")
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    return ranks
