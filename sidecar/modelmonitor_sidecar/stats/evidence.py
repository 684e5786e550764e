"""Is a difference more than chance?  Chi-square on raw counts, turned into a normal score.

It refuses to know effects, thresholds and windows.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """A chi-square statistic and its degrees of freedom (0: nothing could differ)."""

    statistic: float
    degrees: int


def chi_square(live: ArrayLike, base: ArrayLike) -> ChiSquare:
    """Two-sample Pearson statistic; bins empty on both sides drop out.

    sum (c sqrt(m/n) - b sqrt(n/m))^2 / (c + b), equal to the Pearson statistic of the 2 x B table
    (`scipy.stats.chi2_contingency(correction=False)`).  Both sides need at least one row.
    """
    c, b = np.asarray(live, dtype=np.float64), np.asarray(base, dtype=np.float64)
    statistic, bins = chi_square_rows(c[np.newaxis, :], b[np.newaxis, :])
    return ChiSquare(float(statistic[0]), max(int(bins[0]) - 1, 0))


def chi_square_rows(
    live: NDArray[np.float64], base: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The same for many pairs at once, one a row: statistics, and bins filled on either side."""
    n, m = live.sum(axis=1, keepdims=True), base.sum(axis=1, keepdims=True)
    both = live + base
    difference = live * np.sqrt(m / n) - base * np.sqrt(n / m)
    filled = both > 0
    terms = np.divide(difference**2, both, out=np.zeros_like(both), where=filled)
    return terms.sum(axis=1), filled.sum(axis=1)


def normal_score(chi: ChiSquare) -> float:
    """Wilson-Hilferty: the standard normal score with about the same tail probability.

    z = ((X/k)^(1/3) - (1 - 2/(9k))) / sqrt(2/(9k)); 0 where there are no degrees of freedom.  Errs
    to less evidence in the far tail (p = 1e-5 reads 1.1e-5 at 49 degrees, 2.4e-5 at 1).
    E. Wilson, M. Hilferty, "The Distribution of Chi-Square", PNAS 1931.
    """
    if chi.degrees < 1:
        return 0.0
    spread = 2.0 / (9.0 * chi.degrees)
    root = math.cbrt(chi.statistic / chi.degrees)
    return (root - (1.0 - spread)) / math.sqrt(spread)


def dispersed(chi: ChiSquare, phi: float) -> ChiSquare:
    """The statistic divided by the dispersion, the classic quasi-likelihood correction."""
    return ChiSquare(chi.statistic / phi, chi.degrees)
