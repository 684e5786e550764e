"""Has it changed since a moment ago?  A sequential test that may be looked at after every batch.

Windows answer late: a break must fill one first.  Here evidence grows batch by batch and is
compared with a threshold at each of them.  e-CUSUM on the counts of a feature's cells, with three
memories.  For a memory of R rows, which holds M_i rows in cell i (N together), for a batch of d_i
rows (n together) and the baseline's smoothed shares p_i:

    phi = max(1, 1 + (N + n - 1) rho, n / R)      no batch weighs more than the memory
    q_i = (K p_i + M_i / phi) / (K + N / phi)     what the memory expects; fixed before the batch
    L   = min(max(L, 0) + sum_i d_i ln(q_i / p_i) / phi, 2 threshold)
    M_i = exp(-n / R) M_i + d_i

    score = ln((e^L_short + e^L_medium + e^L_long) / 3)

For independent rows and a baseline known without error, e to the increment of L has a mean of 1 at
most, and so it takes at least e^threshold batches on average until a false alarm.  Rows that
resemble each other are allowed for by phi, and what phi does not see by a replay of the training
rows (`threshold_of`).  L has a ceiling so that it comes down soon after a change is mended.

J. Shin, A. Ramdas, A. Rinaldo, "E-detectors: a nonparametric framework for sequential change
detection", 2024.  `change_detector` has it for many features at once.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modelmonitor_api.baseline import DEFAULT_RHO, BaselineFeature

from .effect import Reference

BATCH_SECONDS: Final = 60
"""A batch where there is a clock."""
BATCH_ROWS: Final = 50
"""A batch where there is none."""

PRIOR_ROWS: Final = 50.0
"""K: as many rows of the baseline are mixed into what the memory expects."""
MEMORY_RATIOS: Final = (0.25, 1.0, 4.0)
"""Lengths of the short, the medium and the long memory, in medium memories."""
LONGEST_MEDIUM_ROWS: Final = 1_000.0
SHORTEST_MEDIUM_ROWS: Final = 5.0
REPLAY_MARGIN: Final = 1.5
"""The threshold is at least so many times what the training rows themselves reached."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Memory:
    """One memory of one feature: the rows by cell that it still holds, and its L."""

    rows: Floats
    log_evidence: float = 0.0


def remembered(
    memory: Memory, batch: ArrayLike, reference: Reference, ratio: float, cap: float = math.inf
) -> Memory:
    """The memory after one batch of rows by cell; the formula of this module, for one feature.

    `ratio` is one of `MEMORY_RATIOS`.  A batch without rows changes nothing.
    """
    d = np.asarray(batch, dtype=np.float64)
    p, n, held = reference.shares, float(d.sum()), float(memory.rows.sum())
    if n == 0:
        return memory
    length = ratio * medium_memory_rows(reference.rows)
    phi = max(1.0, 1.0 + (held + n - 1.0) * largest_rho(reference.feature), n / length)
    q = (PRIOR_ROWS * p + memory.rows / phi) / (PRIOR_ROWS + held / phi)
    grown = max(memory.log_evidence, 0.0) + float(np.dot(d, np.log(q / p))) / phi
    return Memory(math.exp(-n / length) * memory.rows + d, min(grown, cap))


def change_score(log_evidence: ArrayLike) -> Floats:
    """ln of the mean of e^L over the memories (first axis); finite whatever L is.

    >>> float(change_score([0.0, 0.0, 0.0]))
    0.0
    """
    values = np.asarray(log_evidence, dtype=np.float64)
    largest = values.max(axis=0)
    return np.asarray(largest + np.log(np.exp(values - largest).mean(axis=0)))


def medium_memory_rows(baseline_rows: int) -> float:
    """1,000, or an 80th of the baseline's rows: else the baseline's noise looks like a change.

    >>> medium_memory_rows(8_000), medium_memory_rows(1_000_000)
    (100.0, 1000.0)
    """
    return max(SHORTEST_MEDIUM_ROWS, min(LONGEST_MEDIUM_ROWS, baseline_rows / 80.0))


def largest_rho(feature: BaselineFeature) -> float:
    """The largest of any window, as a memory has no one length; the default where there is none."""
    return max(feature.rho.values(), default=DEFAULT_RHO)


def threshold_of(feature: BaselineFeature, budget_threshold: float) -> float:
    """What the score has to exceed: the budget's, and half as much again as the training rows."""
    return max(budget_threshold, REPLAY_MARGIN * (feature.largest_change or 0.0))


def z_as_rare(log_evidence: float) -> float:
    """The normal score that chance exceeds as rarely as it exceeds this evidence.

    >>> round(z_as_rare(18.46), 2)
    5.62
    """
    return -NormalDist().inv_cdf(math.exp(-log_evidence))


def change_is_provisional(feature: BaselineFeature) -> bool:
    """Without a replay of the training rows in their order a change is shown and never pages."""
    return feature.provisional or feature.largest_change is None
