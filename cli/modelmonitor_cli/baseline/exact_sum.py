"""Sums that are the same for every order of the values, to the last bit.

Digests of baselines are compared over machines, block sizes and row orders; a float sum depends on
all three.
"""

import math
import sys
from collections import defaultdict
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_LOW_BITS: Final = 26
_FRACTION_BITS: Final = 53
_LARGE: Final = 2.0**500
_SHRINK: Final = 600


class ExactSums:
    """The exact sum of finite floats per group.

    A float is an integer of 53 bits times a power of two; integers are added per group and power,
    in two halves whose float sums stay exact up to 2^26 values a call.  About 20 ns a value.
    """

    def __init__(self) -> None:
        self._sums: defaultdict[tuple[int, int], int] = defaultdict(int)

    def add(self, values: Floats, groups: Integers) -> None:
        """Add each value to the sum of its group (0, 1, ...)."""
        if not len(values):
            return
        fraction, power = np.frexp(values)
        integer = np.ldexp(fraction, _FRACTION_BITS).astype(np.int64)
        lowest = int(power.min())
        width = int(power.max()) - lowest + 1
        cell = groups * width + (power - lowest)
        high = np.bincount(cell, weights=integer >> _LOW_BITS)
        low = np.bincount(cell, weights=integer & ((1 << _LOW_BITS) - 1))
        for place in np.flatnonzero((high != 0) | (low != 0)).tolist():
            group, step = divmod(place, width)
            self._sums[group, lowest + step] += (int(high[place]) << _LOW_BITS) + int(low[place])

    def total(self, group: int) -> Fraction:
        """The exact sum of one group."""
        terms = (
            Fraction(integer) * Fraction(2) ** (power - _FRACTION_BITS)
            for (of, power), integer in self._sums.items()
            if of == group
        )
        return sum(terms, Fraction(0))


class SquaredDeviations:
    """The sum of (x - shift)^2, whatever the order; large deviations are summed scaled down.

    Each square is rounded once; with a shift near the mean the variance keeps 15 digits.
    """

    def __init__(self, shift: float) -> None:
        self._shift = shift
        self._sums = ExactSums()

    def add(self, values: Floats) -> None:
        """Add finite values."""
        with np.errstate(over="ignore"):
            deviations = values - self._shift
        large = np.abs(deviations) > _LARGE
        if large.any():
            scaled = np.ldexp(values[large], -_SHRINK) - math.ldexp(self._shift, -_SHRINK)
            self._sums.add(scaled**2, np.ones(len(scaled), dtype=np.int64))
            deviations = deviations[~large]
        self._sums.add(deviations**2, np.zeros(len(deviations), dtype=np.int64))

    def standard_deviation(self, count: int, mean: Fraction) -> float:
        """The population's, of `count` values with that exact mean."""
        squares = self._sums.total(0) + self._sums.total(1) * 4**_SHRINK
        variance = max(Fraction(0), squares / count - (mean - Fraction(self._shift)) ** 2)
        return _root(variance)


def _root(value: Fraction) -> float:
    if value < Fraction(2) ** 1000:
        return math.sqrt(value)
    largest = math.ldexp(sys.float_info.max, -_SHRINK)
    return math.ldexp(min(math.sqrt(value / 4**_SHRINK), largest), _SHRINK)
