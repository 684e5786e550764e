"""Everything that is counted of one model's rows; whole numbers add up to the bit.

It refuses to know time, names and verdicts.
"""

from typing import Self

import numpy as np
from numpy.typing import NDArray

from .categories import REASONS
from .layout import Layout
from .moments import Moments

Integers = NDArray[np.int64]


class Counts:
    """Counters of one stretch of rows, by feature in the layout's order.

    For each feature:  cells + missing + invalid = feature_rows  (values instead of cells where
    there are no bins).  `feature_rows` is `rows` for inputs; outputs have fewer where answers could
    not be read, discovered features where they came later.  Unseen and out-of-range rows are in a
    cell and flagged besides; `absent` rows, which lacked the whole column, are missing ones.
    `rows_unexpected_column`: rows with a column that neither baseline nor resource knows.
    """

    __slots__ = (
        "absent", "cells", "feature_rows", "invalid", "missing", "moments", "out_of_range", "rows",
        "rows_unexpected_column", "rows_wrong_width", "unseen",
    )  # fmt: skip

    def __init__(self, layout: Layout) -> None:
        self.rows = 0
        self.rows_wrong_width = 0
        self.rows_unexpected_column = 0
        self.cells: Integers = np.zeros(layout.cells, dtype=np.int64)
        self.feature_rows: Integers = np.zeros(layout.features, dtype=np.int64)
        self.missing: Integers = np.zeros(layout.features, dtype=np.int64)
        self.absent: Integers = np.zeros(layout.features, dtype=np.int64)
        self.invalid: Integers = np.zeros((len(REASONS), layout.features), dtype=np.int64)
        self.unseen: Integers = np.zeros(layout.features, dtype=np.int64)
        self.out_of_range: Integers = np.zeros(layout.features, dtype=np.int64)
        self.moments = Moments(layout.shift)

    def add(self, other: Self) -> None:
        """Count what another saw as well; both have one layout."""
        self.rows += other.rows
        self.rows_wrong_width += other.rows_wrong_width
        self.rows_unexpected_column += other.rows_unexpected_column
        for mine, others in zip(self._arrays(), other._arrays(), strict=True):
            mine += others
        self.moments.merge(other.moments)

    def difference(self, earlier: Self) -> list[Integers]:
        """What was counted since `earlier`, a copy of these counters: their arrays, subtracted.

        In the order cells, feature_rows, missing, absent, invalid, unseen, out_of_range.
        """
        return [now - then for now, then in zip(self._arrays(), earlier._arrays(), strict=True)]

    def _arrays(self) -> tuple[Integers, ...]:
        return (
            self.cells, self.feature_rows, self.missing, self.absent, self.invalid, self.unseen,
            self.out_of_range,
        )  # fmt: skip
