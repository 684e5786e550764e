"""Quantiles of any number of values within 1 %, in fixed memory, mergeable to the bit.

A dense DDSketch (C. Masson, J. Rim, H. Lee, "DDSketch", VLDB 2019) with the linearly interpolated
mapping: a float's own exponent and its first 6 mantissa bits name the cell, 64 cells an octave.  No
logarithm is taken, so every machine finds the same cell.
"""

from collections.abc import Sequence
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CELLS_PER_SIGN: Final = 2048
CELLS: Final = 2 * CELLS_PER_SIGN
OCTAVE: Final = 64
RELATIVE_ERROR: Final = 1.0 / 128
"""Half a cell: 64 cells an octave, the widest 1/64 of its lower end."""

_MANTISSA_SHIFT: Final = 52 - 6
_MAGNITUDE: Final = np.int64(0x7FFF_FFFF_FFFF_FFFF)
_OCTAVES_ABOVE: Final = 12
"""Room above the largest expected value: a unit taken 4,096 times too small still fits."""
_DEFAULT_LARGEST: Final = 1.0


class Sketch:
    """Counts by relative size: 2,048 cells for either sign, over 32 octaves a lane.

    The range of a lane hangs from the largest value expected of it (12 octaves more above, 20
    below): what is larger falls into the outermost cell, what is smaller counts as about zero.  So
    the range depends on the baseline alone, replicas have equal ones, and merging is addition.
    Lanes of unequal range are moved to the higher one first, which drops only what is then about
    zero; merging is associative and commutative either way.

    32 KiB a lane; 4 ns a value.  Quantiles are within 1 % of the value, or 1e-6 of the largest.

    >>> sketch = Sketch([100.0])
    >>> sketch.update(np.arange(1.0, 101.0).reshape(-1, 1))
    >>> abs(sketch.quantiles(0, [0.5])[0] / 50.0 - 1.0) < 0.01
    True
    """

    __slots__ = ("base", "counts")

    def __init__(self, largest: Sequence[float | None]) -> None:
        self.base: Integers = np.array([first_cell(value) for value in largest], dtype=np.int64)
        self.counts: Integers = np.zeros(len(self.base) * CELLS, dtype=np.int64)

    def update(self, values: Floats) -> None:
        """Count [rows, lanes]; NaN and infinities are left out."""
        cells = self._cells(np.ascontiguousarray(values))
        if np.isfinite(values.sum()):
            np.add.at(self.counts, cells.ravel(), 1)
        else:
            np.add.at(self.counts, cells[np.isfinite(values)], 1)

    def merge(self, other: Self) -> None:
        """Add what another saw."""
        lanes, moved = self.counts.reshape(-1, CELLS), other.counts.reshape(-1, CELLS)
        for lane in np.flatnonzero(self.base != other.base):
            moved = moved.copy() if moved.base is other.counts else moved
            _align(lanes[lane], moved[lane], int(other.base[lane] - self.base[lane]))
        lanes += moved
        np.maximum(self.base, other.base, out=self.base)

    def quantiles(self, lane: int, shares: Sequence[float]) -> list[float]:
        """The values at ranks ceil(share * n) of one lane; it must have counted something."""
        counts = self.counts[lane * CELLS : (lane + 1) * CELLS]
        reached = np.cumsum(counts)
        ranks = np.clip(np.ceil(np.asarray(shares) * reached[-1]), 1, reached[-1])
        return [float(x) for x in self._middle(lane, np.searchsorted(reached, ranks))]

    def _cells(self, values: Floats) -> Integers:
        """Flat cells: from the most negative over about zero to the largest, lane after lane."""
        bits = values.view(np.int64)
        place = (bits & _MAGNITUDE) >> _MANTISSA_SHIFT
        place -= self.base
        np.clip(place, 0, CELLS_PER_SIGN - 1, out=place)
        place ^= bits >> 63  # ones' complement for negative values: -1 - place
        place += CELLS_PER_SIGN + np.arange(len(self.base), dtype=np.int64) * CELLS
        return place

    def _middle(self, lane: int, cells: NDArray[np.intp]) -> Floats:
        place = cells - CELLS_PER_SIGN
        negative = place < 0
        magnitude = np.where(negative, -1 - place, place)
        low = (magnitude + self.base[lane]) << _MANTISSA_SHIFT
        middle = (low + (1 << (_MANTISSA_SHIFT - 1))).view(np.float64)
        middle = np.where(magnitude == 0, 0.0, middle)
        return np.asarray(np.where(negative, -middle, middle), dtype=np.float64)


def first_cell(largest: float | None) -> int:
    """The lowest cell of a lane whose values are expected up to `largest` (None: unknown)."""
    size = abs(largest) if largest else _DEFAULT_LARGEST
    octave = int(np.float64(size).view(np.int64)) >> 52
    return max(0, octave + 1 + _OCTAVES_ABOVE - CELLS_PER_SIGN // OCTAVE) * OCTAVE


def _align(mine: Integers, other: Integers, ahead: int) -> None:
    """Move the lane with the lower range up to the other's, in place."""
    _raise_range(mine, ahead) if ahead > 0 else _raise_range(other, -ahead)


def _raise_range(counts: Integers, steps: int) -> None:
    """Let the lane begin `steps` cells higher; what falls below is about zero now."""
    steps = min(steps, CELLS_PER_SIGN - 1)
    for side in (counts[CELLS_PER_SIGN:], counts[CELLS_PER_SIGN - 1 :: -1]):
        lowest = side[: steps + 1].sum()
        side[1 : CELLS_PER_SIGN - steps] = side[steps + 1 :].copy()
        side[CELLS_PER_SIGN - steps :] = 0
        side[0] = lowest
