"""Quantiles of any number of values within 1 %, in fixed memory, mergeable to the bit.

A dense DDSketch: C. Masson, J. Rim, H. Lee, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch
with Relative-Error Guarantees", VLDB 2019.
"""

import math
from collections.abc import Sequence
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from .lanes import Lanes

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CELLS_PER_SIGN: Final = 2048
CELLS: Final = 2 * CELLS_PER_SIGN
RELATIVE_ERROR: Final = 0.01

_GAMMA: Final = (1.0 + 0.99 * RELATIVE_ERROR) / (1.0 - 0.99 * RELATIVE_ERROR)  # room to round
_PER_UNIT_OF_LOGARITHM: Final = 1.0 / math.log(_GAMMA)
_CELLS_ABOVE: Final = int(math.log(4096.0) * _PER_UNIT_OF_LOGARITHM)
"""Room above the largest expected value: a unit taken a thousand times too small still fits."""
_DEFAULT_LARGEST: Final = 1e3
_LEAST: Final = 1e-3  # within the first cell, so that the sign of what is about zero is kept
_MOST: Final = CELLS_PER_SIGN - 0.5


class Sketch:
    """Counts by relative size: 2,048 cells for either sign of a lane, each 2 % wide.

    Cell i of a lane holds g^i <= |x| < g^(i+1), g = 1.0099/0.9901, counted from the lane's `base`.
    The range of 17 decades hangs from the largest value expected of the lane (3 decades above it,
    14 below): what is larger falls into the outermost cell, what is smaller counts as zero.  So it
    depends on the baseline alone, replicas have equal ones, and merging is addition.  Lanes of
    unequal range are moved to the higher one first; merging is associative and commutative anyhow.

    32 KiB a lane; 5 ns a value.  Single precision finds the cell: 0.01 % of a value at most.

    >>> sketch = Sketch(lowest_cells([100.0]))
    >>> sketch.update(np.arange(1.0, 101.0).reshape(-1, 1))
    >>> abs(sketch.quantiles(0, [0.5])[0] / 50.0 - 1.0) < 0.01
    True
    """

    __slots__ = ("_offsets", "base", "counts")

    def __init__(self, base: Integers) -> None:
        self.base = base
        self.counts: Integers = np.zeros(len(self.base) * CELLS, dtype=np.int64)
        self._offsets = np.arange(len(self.base), dtype=np.int64) * CELLS

    def update(self, values: Floats) -> None:
        """Count [rows, lanes], or only the first lanes; NaN and infinities are left out."""
        self.add(Lanes.of_rows(values))

    def add(self, lanes: Lanes, first: int = 0) -> None:
        """Count [lanes, rows], of lanes from `first` on."""
        cells = self._cells(lanes.single, first)
        chosen = cells.ravel() if lanes.finite is None else cells[lanes.finite]
        np.add.at(self.counts, chosen, 1)

    def merge(self, other: Self) -> None:
        """Add what another saw."""
        counts, base = other.counts, other.base
        lanes, moved = self.counts.reshape(-1, CELLS), counts.reshape(-1, CELLS)
        unequal = np.flatnonzero(self.base != base)
        if len(unequal):
            moved = moved.copy()
        for lane in unequal:
            _align(lanes[lane], moved[lane], int(base[lane] - self.base[lane]))
        lanes += moved
        self.base = np.maximum(self.base, base)

    def quantiles(self, lane: int, shares: Sequence[float]) -> list[float]:
        """The values at ranks ceil(share * n) of one lane; it must have counted something."""
        counts = self.counts[lane * CELLS : (lane + 1) * CELLS]
        reached = np.cumsum(counts)
        ranks = np.clip(np.ceil(np.asarray(shares) * reached[-1]), 1, reached[-1])
        places = np.searchsorted(reached, ranks) - CELLS_PER_SIGN
        return [_middle(int(place), int(self.base[lane])) for place in places]

    def _cells(self, values: NDArray[np.float32], first: int) -> Integers:
        """Flat cells: from the most negative over about zero to the largest, lane after lane."""
        lanes = slice(first, first + len(values))
        place = np.abs(values)
        with np.errstate(divide="ignore"):  # both ends are clipped just below
            np.log(place, out=place)
        place *= _PER_UNIT_OF_LOGARITHM
        place -= self.base[lanes, np.newaxis].astype(np.float32)
        np.clip(place, _LEAST, _MOST, out=place)
        np.copysign(place, values, out=place)
        place += np.float32(CELLS_PER_SIGN)
        cells = place.astype(np.int64)
        cells += self._offsets[lanes, np.newaxis]
        return cells


def lowest_cells(largest: Sequence[float | None]) -> Integers:
    """The `base` of lanes whose values are expected up to `largest`."""
    return np.array([lowest_cell(value) for value in largest], dtype=np.int64)


def lowest_cell(largest: float | None) -> int:
    """The cell that a lane begins with, if values up to `largest` are expected (None: unknown)."""
    size = abs(largest) if largest else _DEFAULT_LARGEST
    top = math.floor(math.log(size) * _PER_UNIT_OF_LOGARITHM)
    return top + 1 + _CELLS_ABOVE - CELLS_PER_SIGN


def _middle(place: int, base: int) -> float:
    """The value with the least relative error for cell `place` (negative: of negative values)."""
    magnitude = place if place >= 0 else -1 - place
    if magnitude == 0:
        return 0.0
    exponent = (magnitude + base + 1) / _PER_UNIT_OF_LOGARITHM
    middle = 2.0 / (_GAMMA + 1.0) * math.exp(min(exponent, 709.0))
    return middle if place >= 0 else -middle


def _align(mine: Integers, other: Integers, ahead: int) -> None:
    """Move the lane with the lower range up to the other's, in place."""
    if ahead > 0:
        _raise_range(mine, ahead)
    else:
        _raise_range(other, -ahead)


def _raise_range(counts: Integers, steps: int) -> None:
    """Let the lane begin `steps` cells higher; what falls below counts as zero now."""
    steps = min(steps, CELLS_PER_SIGN - 1)
    for side in (counts[CELLS_PER_SIGN:], counts[CELLS_PER_SIGN - 1 :: -1]):
        lowest = side[: steps + 1].sum()
        side[1 : CELLS_PER_SIGN - steps] = side[steps + 1 :].copy()
        side[CELLS_PER_SIGN - steps :] = 0
        side[0] = lowest
