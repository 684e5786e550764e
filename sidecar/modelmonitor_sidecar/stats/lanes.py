"""Numbers of many features, each feature's side by side in memory, looked through once."""

from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Lanes:
    """Values [lanes, rows], and which of them are finite (None: all are, the quick case).

    >>> Lanes.of_rows(np.array([[1.0, 2.0], [3.0, np.nan]])).finite_rows().tolist()
    [2, 1]
    """

    __slots__ = ("finite", "single", "values")

    def __init__(
        self, values: Floats, finite: NDArray[np.bool_] | None, single: NDArray[np.float32]
    ) -> None:
        """`single`: the values in single precision, 0 where there is no finite one."""
        self.values = values
        self.finite = finite
        self.single = single

    @classmethod
    def of_rows(cls, rows: Floats) -> Self:
        """The lanes of [rows, lanes]."""
        values = np.ascontiguousarray(rows.T)
        finite = None if _all_finite(values) else np.isfinite(values)
        clean = values if finite is None else np.where(finite, values, 0.0)
        with np.errstate(over="ignore"):  # infinite then, which who uses it must expect
            return cls(values, finite, clean.astype(np.float32))

    def part(self, first: int, end: int) -> Self:
        """Some of the lanes."""
        finite = None if self.finite is None else self.finite[first:end]
        return type(self)(self.values[first:end], finite, self.single[first:end])

    def filled(self, others: Floats | float) -> Floats:
        """The values, with `others` where there is no finite one."""
        return self.values if self.finite is None else np.where(self.finite, self.values, others)

    def finite_rows(self) -> NDArray[np.int64]:
        """How many finite values each lane has."""
        lanes, rows = self.values.shape
        if self.finite is None:
            return np.full(lanes, rows, dtype=np.int64)
        return np.asarray(self.finite.sum(axis=1), dtype=np.int64)


def _all_finite(values: Floats) -> bool:
    """Whether no value is NaN or infinite; False also where only their sum is too large.

    One addition a value, a fifth of asking each; False costs time, never truth.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(values.sum()))
