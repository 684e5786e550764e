"""How far two histograms over the same bins are apart.

Every function takes the live and the baseline's counts of one feature, bin by bin, both with at
least one row, and returns a plain number.  What a distance means, and whether it is more than
chance, is decided elsewhere (`effect`, `evidence`).

PSI, Jensen-Shannon and Hellinger are taken from smoothed shares (c + 1/2) / (n + B/2): an empty bin
stays finite on either side, and its pull fades as rows arrive (a fixed floor does not do that).
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

PSEUDO_COUNT = 0.5


def smoothed_shares(counts: ArrayLike) -> Floats:
    """Shares of the bins with half a row more in each: (c + 1/2) / (n + B/2)."""
    smoothed = np.asarray(counts, dtype=np.float64) + PSEUDO_COUNT
    shares: Floats = smoothed / smoothed.sum()
    return shares


def population_stability(live: ArrayLike, base: ArrayLike) -> float:
    """PSI = sum (q - p) ln(q / p): symmetric, never negative, 0 only for equal smoothed shares.

    B. Yurdakul, "Statistical Properties of Population Stability Index", 2018.
    """
    return stability_of_shares(smoothed_shares(live), smoothed_shares(base))


def stability_of_shares(q: Floats, p: Floats) -> float:
    """The same of smoothed shares."""
    return float(np.dot(q - p, np.log(q / p)))


def expected_population_stability(bins: int, live_rows: int, base_rows: int) -> float:
    """The PSI to be expected without any drift: (B - 1)(1/n + 1/m).

    PSI * nm / (n + m) follows a chi-square with B - 1 degrees of freedom (Yurdakul 2018); within
    10 % of simulation from n = 5 B.
    """
    return (bins - 1) * (1.0 / live_rows + 1.0 / base_rows)


def jensen_shannon(live: ArrayLike, base: ArrayLike) -> float:
    """Jensen-Shannon distance to base 2: 0 for equal shares, at most 1.

    The square root of the divergence, as `scipy.spatial.distance.jensenshannon(base=2)`.
    D. Endres, J. Schindelin, "A new metric for probability distributions", 2003.
    """
    return divergence_root_of_shares(smoothed_shares(live), smoothed_shares(base))


def divergence_root_of_shares(q: Floats, p: Floats) -> float:
    """The same of smoothed shares."""
    middle = (p + q) / 2.0
    divergence = 0.5 * float(np.dot(p, np.log2(p / middle)) + np.dot(q, np.log2(q / middle)))
    return math.sqrt(max(divergence, 0.0))


def hellinger(live: ArrayLike, base: ArrayLike) -> float:
    """Hellinger distance sqrt(1/2 sum (sqrt p - sqrt q)^2): 0 for equal shares, at most 1."""
    return hellinger_of_shares(smoothed_shares(live), smoothed_shares(base))


def hellinger_of_shares(q: Floats, p: Floats) -> float:
    """The same of smoothed shares."""
    apart = np.sqrt(p) - np.sqrt(q)
    return math.sqrt(0.5 * float(np.dot(apart, apart)))


def kolmogorov_smirnov(live: ArrayLike, base: ArrayLike) -> float:
    """Largest difference of the cumulative shares at the edges of ordered bins.

    Never more than the statistic of the raw values: tests made of it are conservative.
    """
    return float(np.max(np.abs(cumulative_difference(live, base))))


def wasserstein(live: ArrayLike, base: ArrayLike, representatives: ArrayLike) -> float:
    """Wasserstein-1 distance of masses at the bins' representatives, in the feature's unit.

    The sum over steps between neighbouring representatives of |difference of cumulative shares|
    times the step: exact for mass at the representatives, as `scipy.stats.wasserstein_distance`.
    """
    steps = np.diff(np.asarray(representatives, dtype=np.float64))
    return float(np.sum(np.abs(cumulative_difference(live, base)[:-1]) * steps))


def cumulative_difference(live: ArrayLike, base: ArrayLike) -> Floats:
    """By how much the cumulative shares differ at the upper end of each bin."""
    return cumulative_shares(live) - cumulative_shares(base)


def cumulative_shares(counts: ArrayLike) -> Floats:
    """The share of the rows up to the upper end of each bin."""
    cumulative = np.cumsum(np.asarray(counts, dtype=np.float64))
    shares: Floats = cumulative / cumulative[-1]
    return shares
