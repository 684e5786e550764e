"""Healthy windows differ by more than chance: how much, learned from the baseline's own order.

Rows of one window resemble each other (the same hour, the same weather).  Their intra-window
correlation rho makes the variance of a share in a window of n rows phi = 1 + (n - 1) rho times that
of independent rows.  phi grows with the volume, so rho is what is stored, never phi.

J. Rao, A. Scott, "The Analysis of Categorical Data from Complex Sample Surveys", 1981.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from modelmonitor_api.baseline import DEFAULT_RHO
from modelmonitor_api.quantity import duration_seconds

from .evidence import chi_square_rows

MINIMUM_WINDOWS: Final = 5
"""Fewer windows say nothing about how windows differ."""


def dispersion(rows: int, rho: float) -> float:
    """phi = max(1, 1 + (n - 1) rho): by how much chi-square of n live rows is inflated.

    >>> dispersion(1001, 0.002)
    3.0
    """
    return max(1.0, 1.0 + (rows - 1) * rho)


def intra_window_correlation(window_counts: ArrayLike) -> float | None:
    """rho from the counts [windows, bins] of windows in time or row order; None: too few windows.

    Each window is held against the rest.  Without drift the mean of chi2/df is phi, so windows of
    one size n give rho = (phi - 1) / (n - 1).  Windows of unequal size have unequal expectations
    1 + g rho with g from `_leverage`; rho = sum (chi2/df - 1) / sum g, which is the same number
    where sizes are equal.  Never negative: phi below 1 would make evidence out of regularity.
    """
    counts = np.asarray(window_counts, dtype=np.float64)
    sizes = counts.sum(axis=1)
    counts, sizes = counts[sizes >= 2], sizes[sizes >= 2]
    if len(counts) < MINIMUM_WINDOWS:
        return None
    statistic, filled = chi_square_rows(counts, counts.sum(axis=0) - counts)
    degrees = int(filled.max()) - 1
    if degrees < 1:
        return 0.0
    excess = statistic / degrees - 1.0
    return max(0.0, float(excess.sum() / _leverage(sizes).sum()))


def _leverage(sizes: np.typing.NDArray[np.float64]) -> np.typing.NDArray[np.float64]:
    """g of each window: how much of rho its chi2/df shows, its own share and that of the rest.

    Var(c/n) = p(1-p)/n (1 + (n - 1) rho) for the window, and for the rest of N rows in windows n_j
    p(1-p)/N (1 + (sum n_j^2 / N - 1) rho); chi2 divides their sum by p(1-p)(1/n + 1/N).
    """
    rest = sizes.sum() - sizes
    rest_window = ((sizes**2).sum() - sizes**2) / rest
    own, others = (sizes - 1.0) / sizes, (rest_window - 1.0) / rest
    return np.asarray((own + others) / (1.0 / sizes + 1.0 / rest), dtype=np.float64)


def rho_for(rho_by_window: Mapping[str, float], window: str) -> float:
    """The stored rho of a window ("5m", "2000r"): its own, else the next longer's.

    Where none is longer, the longest there is; where only the other sort (time, rows) was learned,
    the largest; where nothing was learned, the stated default.
    """
    if not rho_by_window:
        return DEFAULT_RHO
    stored = _stored_for(window, tuple(rho_by_window))
    return max(rho_by_window.values()) if stored is None else rho_by_window[stored]


@lru_cache(maxsize=1024)
def _stored_for(window: str, known: tuple[str, ...]) -> str | None:
    """Which of the known windows; None: only the other sort."""
    alike = [name for name in known if counts_rows(name) == counts_rows(window)]
    ordered = sorted(alike, key=window_length)
    longer = [name for name in ordered if window_length(name) >= window_length(window)]
    return next(iter([*longer, *ordered[-1:]]), None)


def counts_rows(window: str) -> bool:
    """Whether the window's length is a number of rows ("500r") rather than of seconds ("5m")."""
    return window.endswith("r")


@lru_cache(maxsize=64)
def window_length(window: str) -> int:
    """Rows of "500r", seconds of "5m".

    >>> window_length("5m"), window_length("500r")
    (300, 500)
    """
    if counts_rows(window):
        return int(window[:-1])
    return duration_seconds(window, "window")
