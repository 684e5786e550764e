"""How many, how large, how spread, from where to where: one lane a feature, many at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from .lanes import Lanes

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CLIP: Final = 1e100
"""Beyond this a value enters the sums as if it were this, so that no square is ever infinite."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Moments of one feature; None where there were no values."""

    values: int
    mean: float | None
    standard_deviation: float | None
    minimum: float | None
    maximum: float | None


class Moments:
    """Sums of x - shift and of its square, smallest and largest, per lane.

    A shift near the mean keeps the variance  (s2 - s1^2/n) / n  from cancelling.  Lanes with equal
    shifts merge by addition.  NaN and infinities are not counted.  40 bytes a lane; 5 ns a value.

    >>> moments = Moments([0.0])
    >>> moments.update(np.array([[1.0], [3.0], [np.nan]]))
    >>> moments.summary(0)
    Summary(values=2, mean=2.0, standard_deviation=1.0, minimum=1.0, maximum=3.0)
    """

    __slots__ = ("maximum", "minimum", "shift", "squares", "sums", "values")

    def __init__(self, shift: Sequence[float] | Floats) -> None:
        self.shift: Floats = np.array(shift, dtype=np.float64)
        lanes = len(self.shift)
        self.values: Integers = np.zeros(lanes, dtype=np.int64)
        self.sums: Floats = np.zeros(lanes)
        self.squares: Floats = np.zeros(lanes)
        self.minimum: Floats = np.full(lanes, np.inf)
        self.maximum: Floats = np.full(lanes, -np.inf)

    def update(self, values: Floats) -> None:
        """Add [rows, lanes], or only the first lanes."""
        self.add(Lanes.of_rows(values))

    def add(self, lanes: Lanes) -> None:
        """Add [lanes, rows], or only the first lanes."""
        if lanes.values.size == 0:
            return
        first = slice(0, len(lanes.values))
        low, high = self.minimum[first], self.maximum[first]
        self.values[first] += lanes.finite_rows()
        np.minimum(low, lanes.filled(np.inf).min(axis=1), out=low)
        np.maximum(high, lanes.filled(-np.inf).max(axis=1), out=high)
        shift = self.shift[first, np.newaxis]
        with np.errstate(over="ignore"):  # clipped before it enters the sums
            deviations = lanes.filled(shift) - shift
        if max(-float(deviations.min()), float(deviations.max())) > CLIP:
            deviations = np.clip(deviations, -CLIP, CLIP)
        self.sums[first] += deviations.sum(axis=1)
        self.squares[first] += np.einsum("ij,ij->i", deviations, deviations)

    def merge(self, other: Self) -> None:
        """Add what another saw with the same shifts."""
        if not np.array_equal(self.shift, other.shift):
            raise ValueError("moments with different shifts do not add up; move one to the other's")
        self.values += other.values
        self.sums += other.sums
        self.squares += other.squares
        np.minimum(self.minimum, other.minimum, out=self.minimum)
        np.maximum(self.maximum, other.maximum, out=self.maximum)

    def summary(self, lane: int) -> Summary:
        """Mean, standard deviation (of the population) and range of one lane."""
        n = int(self.values[lane])
        if n == 0:
            return Summary(0, None, None, None, None)
        mean = float(self.sums[lane]) / n
        variance = max(0.0, float(self.squares[lane]) / n - mean * mean)
        return Summary(
            n,
            float(self.shift[lane]) + mean,
            math.sqrt(variance),
            float(self.minimum[lane]),
            float(self.maximum[lane]),
        )
