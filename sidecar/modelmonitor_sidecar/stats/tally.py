"""Counters and quantile sketches of one stretch of rows, in use and put away."""

import zlib
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .counts import Counts
from .draft import Counted
from .layout import Layout
from .sketch import CELLS, Sketch


class Tally:
    """Counts and sketches that still grow.

    All tallies of one model share the sketches' ranges, `base`: an array that changes only in lanes
    where nothing was counted yet.
    """

    __slots__ = ("_layout", "counts", "sketch")

    def __init__(self, layout: Layout, base: NDArray[np.int64]) -> None:
        self._layout = layout
        self.counts = Counts(layout)
        self.sketch = Sketch(base)

    def count(self, counted: Counted) -> None:
        """Add freshly counted rows."""
        self.counts.add(counted.counts)
        self.sketch.add(counted.lanes)

    def absorb(self, other: "Tally | Packed") -> None:
        """Add another stretch."""
        self.counts.add(other.counts)
        if isinstance(other, Packed):
            keys, rows = other.unpacked()
        else:
            keys, rows = other.filled()
        self.sketch.counts[keys] += rows

    def filled(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The filled cells of the sketches and their rows; lanes without values are not touched."""
        lanes = np.flatnonzero(self.counts.moments.values)
        last = int(lanes[-1]) + 1 if len(lanes) else 0
        keys = np.flatnonzero(self.sketch.counts[: last * CELLS])
        return keys, self.sketch.counts[keys]

    def packed(self) -> "Packed":
        """The same, put away."""
        return Packed.of(self)

    def fresh(self) -> Self:
        """An empty one of the same shape."""
        return type(self)(self._layout, self.sketch.base)


@dataclass(frozen=True, slots=True)
class Packed:
    """A stretch put away: counters as they are, the sketches' filled cells compressed.

    A lane of a thousand filled cells takes about 2 kB instead of 32.
    """

    counts: Counts
    cells: bytes

    @classmethod
    def of(cls, tally: Tally) -> Self:
        """Put a tally away; it must not be added to any more."""
        keys, filled = tally.filled()
        steps = np.diff(keys, prepend=0).astype(np.uint32)
        rows = np.minimum(filled, 0xFFFF_FFFF).astype(np.uint32)
        return cls(tally.counts, zlib.compress(np.stack((steps, rows)).tobytes(), level=1))

    def unpacked(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The filled cells of the sketches and their rows."""
        pairs = np.frombuffer(zlib.decompress(self.cells), dtype=np.uint32).reshape(2, -1)
        return np.cumsum(pairs[0], dtype=np.int64), pairs[1].astype(np.int64)
