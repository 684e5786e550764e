"""Which bin a number falls into, for many features at once, and how many fell into each.

Bins are right-closed: bin i of a feature holds edges[i-1] < x <= edges[i]; the outer ones are open.
NaN and infinities fall into no bin.  It refuses to know where edges come from and what a count
means.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .lanes import Lanes

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

GRID_CELLS: Final = 64
"""Cells of the lookup table of one feature, one byte each."""


_ANY_SPAN: Final = np.float32(0.0), np.float32(1.0)
"""Does for a single edge; never 0, for infinity times 0 is no number."""


class NumericBins:
    """Cells of all features side by side: feature f owns cells offsets[f] .. offsets[f + 1].

    A value is looked up in a table over an even grid (how many edges lie in earlier grid cells) and
    corrected by one exact comparison with the next edge.  Rounding (to single precision, too),
    multiplying and flooring never reverse an order, so with at most one edge in a grid cell the
    answer is exact, whatever was lost on the way.  Features whose edges crowd more (skewed ones)
    are found by binary search instead; which is which is decided here, once.

    About 9 ns a value by table, 40 ns by search.  Memory: `GRID_CELLS` + 16 bytes a feature and 16
    a bin.

    >>> NumericBins([[0.0, 1.0], [5.0]]).count(np.array([[0.0, 9.0], [0.5, 5.0], [np.nan, 1.0]]))
    array([1, 1, 0, 2, 1])
    """

    def __init__(self, edges: Sequence[Sequence[float]]) -> None:
        self._edges = [_checked(one) for one in edges]
        sizes = [len(one) + 1 for one in self._edges]
        self.offsets: Integers = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
        self.total = int(self.offsets[-1])
        self._upper: Floats = np.array([x for one in self._edges for x in (*one, np.inf)])
        grids = [_Grid(one) for one in self._edges]
        self._low = _column([grid.low for grid in grids])
        self._scale = _column([grid.scale for grid in grids])
        self._table = np.array([grid.edges_before for grid in grids], dtype=np.uint8).ravel()
        self._first = np.arange(len(grids), dtype=np.int32)[:, np.newaxis] * GRID_CELLS
        self._searched = [f for f, grid in enumerate(grids) if grid.crowded]

    def cells(self, values: Floats) -> Integers:
        """The cell of each value of [rows, features]; `total` (one past) where it is not finite."""
        return self.cells_of(Lanes.of_rows(values)).T

    def cells_of(self, lanes: Lanes) -> Integers:
        """The same of [features, rows], or of the first features alone."""
        clean = lanes.filled(0.0)
        found = self._looked_up(clean, lanes.single)
        for feature in self._searched:
            if feature >= len(clean):
                break
            place = np.searchsorted(self._edges[feature], clean[feature], side="left")
            found[feature] = place + self.offsets[feature]
        if lanes.finite is not None:
            found[~lanes.finite] = self.total
        return found

    def count(self, values: Floats) -> Integers:
        """How many finite values of [rows, features] fell into each cell."""
        return self.count_cells(self.cells(values))

    def count_cells(self, cells: Integers) -> Integers:
        """The same from the answer of `cells`."""
        counted = np.bincount(cells.ravel(order="K"), minlength=self.total + 1)
        return counted[: self.total].astype(np.int64, copy=False)

    def of(self, feature: int) -> slice:
        """The cells of one feature."""
        return slice(int(self.offsets[feature]), int(self.offsets[feature + 1]))

    def rounded(self, dtype: np.dtype[Any]) -> "NumericBins":
        """The same bins for values rounded to `dtype`; edges that this would join stay exact."""
        return NumericBins([_rounded(one, dtype).tolist() for one in self._edges])

    def _looked_up(self, clean: Floats, single: NDArray[np.float32]) -> Integers:
        first = slice(0, len(clean))
        with np.errstate(over="ignore"):  # beyond single precision: clipped
            grid = single - self._low[first]
            grid *= self._scale[first]
        np.clip(grid, 0, GRID_CELLS - 1, out=grid)
        place = grid.astype(np.int64)
        place += self._first[first]
        found = self._table.take(place) + self.offsets[: len(clean), np.newaxis]
        found += clean > self._upper.take(found)
        return found


class _Grid:
    """The lookup table of one feature; crowded: two edges share a grid cell, so it cannot serve."""

    def __init__(self, edges: Floats) -> None:
        with np.errstate(over="ignore"):
            single = edges.astype(np.float32)
            self.low, self.scale = _span(single)
            cell = np.clip((single - self.low) * self.scale, 0, GRID_CELLS - 1).astype(np.int64)
        self.crowded = len(np.unique(cell)) < len(cell)
        if self.crowded:
            self.low, self.scale = _ANY_SPAN
            cell = np.zeros(0, dtype=np.int64)
        self.edges_before = np.searchsorted(cell, np.arange(GRID_CELLS), side="left")


def _span(edges: NDArray[np.float32]) -> tuple[np.float32, np.float32]:
    """Where the grid starts and how many grid cells make one unit."""
    if len(edges) < 2:
        return _ANY_SPAN
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        scale = np.float32(GRID_CELLS) / (edges[-1] - edges[0])
    usable = np.isfinite(scale) and scale > 0.0 and np.isfinite(edges).all()
    return (edges[0], scale) if usable else _ANY_SPAN


def _column(values: Sequence[np.float32]) -> NDArray[np.float32]:
    return np.array(values, dtype=np.float32).reshape(-1, 1)


def _rounded(edges: Floats, dtype: np.dtype[Any]) -> Floats:
    with np.errstate(over="ignore"):  # then not finite, and the exact edges stay
        rounded = edges.astype(dtype).astype(np.float64)
    proper = np.all(np.isfinite(rounded)) and np.all(np.diff(rounded) > 0)
    return rounded if proper else edges


def _checked(edges: Sequence[float]) -> Floats:
    if not all(low < high for low, high in pairwise(edges)) or not np.all(np.isfinite(edges)):
        raise ValueError(f"edges must be finite and strictly increasing, not {list(edges)}")
    return np.asarray(edges, dtype=np.float64)
