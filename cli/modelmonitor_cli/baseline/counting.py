"""The second pass: exact counts of one feature into its bins or categories.

Every row of a feature is counted, missing or invalid; never twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from modelmonitor_api.baseline import Bins, Categories, category_hash, significant
from modelmonitor_cli.baseline.dispersion import Dispersion
from modelmonitor_cli.baseline.exact_sum import ExactSums, SquaredDeviations
from modelmonitor_cli.baseline.values import Integers, Numbers, Texts
from modelmonitor_cli.baseline.windows import BlockWindows
from modelmonitor_sidecar.stats.bins import NumericBins

MOST_OTHER_HASHES: Final = 1_000

Dispersions = Mapping[str, Dispersion]


class Tally:
    """What bins and categories have in common: rows that have no value, and the windows."""

    def __init__(self, cells: int, dispersions: Dispersions) -> None:
        self.missing = self.invalid = 0
        self.cells: Integers = np.zeros(cells, dtype=np.int64)
        self._dispersions = dispersions

    def rho(self) -> dict[str, float]:
        """rho by window length, where it could be learned."""
        found = {name: one.rho() for name, one in self._dispersions.items()}
        return {name: rho for name, rho in found.items() if rho is not None}

    def _count(self, cells: Integers, windows: Sequence[BlockWindows]) -> None:
        """Cell `len(self.cells)` is no value."""
        self.cells += np.bincount(cells, minlength=len(self.cells) + 1)[:-1]
        for window in windows:
            self._dispersions[window.name].add(window, cells)


class BinTally(Tally):
    """Counts, means and spread of numbers in bins with given edges."""

    def __init__(self, edges: tuple[float, ...], shift: float, dispersions: Dispersions) -> None:
        super().__init__(len(edges) + 1, dispersions)
        self._edges = edges
        self._bins = NumericBins([edges])
        self._sums = ExactSums()
        self._squares = SquaredDeviations(shift)
        self._minimum, self._maximum = np.inf, -np.inf

    def add(self, numbers: Numbers, windows: Sequence[BlockWindows]) -> Integers:
        """Count one block; the cell of each row, one past the last where it has no value."""
        self.missing += numbers.missing
        self.invalid += numbers.invalid
        cells = self._bins.cells(numbers.values[:, None])[:, 0]
        self._count(cells, windows)
        known = cells < len(self.cells)
        values = numbers.values[known]
        if len(values):
            self._sums.add(values, cells[known])
            self._squares.add(values)
            self._minimum = min(self._minimum, values.min())
            self._maximum = max(self._maximum, values.max())
        return cells

    def counts(self) -> Bins:
        """The counts; an empty bin, possible on given edges only, is represented by its edge."""
        sums = [self._sums.total(cell) for cell in range(len(self.cells))]
        rows = self.cells.tolist()
        mean = sum(sums) / sum(rows)
        return Bins(
            edges=self._edges,
            rows=tuple(rows),
            representatives=tuple(
                significant(float(total / count) if count else self._edge(cell))
                for cell, (total, count) in enumerate(zip(sums, rows, strict=True))
            ),
            mean=significant(float(mean)),
            standard_deviation=significant(self._squares.standard_deviation(sum(rows), mean)),
            minimum=float(self._minimum) + 0.0,
            maximum=float(self._maximum) + 0.0,
        )

    def _edge(self, cell: int) -> float:
        return self._edges[min(cell, len(self._edges) - 1)]


class CategoryTally(Tally):
    """Counts of texts in given categories, and of all others together."""

    def __init__(self, values: tuple[str, ...], dispersions: Dispersions) -> None:
        super().__init__(len(values) + 1, dispersions)
        self._values = values
        self._place = {value: place for place, value in enumerate(values)}
        self._other_hashes: set[str] | None = set()

    def add(self, texts: Texts, windows: Sequence[BlockWindows]) -> Integers:
        """Count one block; the cell of each row, one past the last where it has no value."""
        self.missing += texts.missing
        self.invalid += texts.invalid
        other = len(self._values)
        places = [self._place.get(text, other) for text in texts.distinct]
        cells = np.array([*places, other + 1], dtype=np.int64)[texts.codes]
        self._count(cells, windows)
        self._remember(
            text for text, place in zip(texts.distinct, places, strict=True) if place == other
        )
        return cells

    def counts(self) -> Categories:
        """The counts."""
        *rows, other = self.cells.tolist()
        hashes = None if self._other_hashes is None else tuple(sorted(self._other_hashes))
        return Categories(self._values, tuple(rows), other, hashes)

    def _remember(self, others: Iterable[str]) -> None:
        for text in others:
            if self._other_hashes is None:
                return
            self._other_hashes.add(category_hash(text))
            if len(self._other_hashes) > MOST_OTHER_HASHES:
                self._other_hashes = None
