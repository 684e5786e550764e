"""Has it ever left the baseline?  One number from totals alone, valid whenever it is looked at.

For rollouts: not "is the last hour different" but "was anything, since this version began".  With
totals C_i (n together), the baseline's shares p_i and k = 10 B, the evidence is that of all other
shares, weighed by a Dirichlet distribution around p, against p:

    ln E = ln G(k) - ln G(k + n) + sum_i (ln G(k p_i + C_i) - ln G(k p_i)) - sum_i C_i ln p_i

For independent rows of a baseline known without error, E exceeds 1/alpha at any time whatever with
a probability of alpha at most.  It never forgets: what was mended stays told.  It refuses to know
who asks, and when.

M. Lindon, A. Malek, "Anytime-Valid Inference for Multinomial Count Data", NeurIPS 2022.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .change import largest_rho
from .dispersion import dispersion
from .effect import Reference

CONCENTRATION: Final = 10
"""k for each cell: how near the other shares are looked for."""


@dataclass(frozen=True, slots=True)
class EverLeft:
    """ln E, what it is held against (ln 1/alpha), and whether it is above."""

    log_evidence: float
    threshold: float

    @property
    def left(self) -> bool:
        """The rows did not all come from the baseline."""
        return self.log_evidence > self.threshold


def ever_left(totals: ArrayLike, reference: Reference, alpha: float) -> EverLeft:
    """All rows so far, by cell, against the baseline.

    Counts are divided by phi + n/m before: rows that resemble each other count for less, and so do
    all rows when they become more than the m of the baseline, whose shares are not known better.
    """
    counts = np.asarray(totals, dtype=np.float64)
    n = int(counts.sum())
    phi = dispersion(n, largest_rho(reference.feature)) + n / max(reference.rows, 1)
    return EverLeft(log_evidence(counts / phi, reference.shares), -math.log(alpha))


def log_evidence(totals: ArrayLike, shares: ArrayLike) -> float:
    """ln E of the module's formula; 0 of no rows.  `shares` are positive and sum to 1."""
    c, p = np.asarray(totals, dtype=np.float64), np.asarray(shares, dtype=np.float64)
    k, n = CONCENTRATION * len(p), float(c.sum())
    grown = _log_gamma(k * p + c) - _log_gamma(k * p) - c * np.log(p)
    return math.lgamma(k) - math.lgamma(k + n) + float(grown.sum())


def _log_gamma(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([math.lgamma(value) for value in values.tolist()])
