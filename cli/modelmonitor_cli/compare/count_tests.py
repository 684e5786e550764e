"""Do shares of values differ: Pearson's chi-square on a table of counts."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from modelmonitor_cli.compare.comparison import Remark
from modelmonitor_cli.compare.outcome import Outcome
from modelmonitor_cli.compare.remarks import RARE, ROUGH

LEAST_EXPECTED: Final = 5.0
"""Rows of each cell that no difference would give; W. G. Cochran's rule (Biometrics 10, 1954)."""

Counts = NDArray[np.float64]


def chi_square(counts: Counts) -> Outcome:
    """Rows of `counts` are tables, columns are values (two or more, none without rows).

    Without Yates's correction.  The effect is Cramer's V without the bias that many values and few
    rows give (W. Bergsma, Journal of the Korean Statistical Society 42, 2013).
    """
    joined = joined_rare(counts)
    found = stats.chi2_contingency(joined, correction=False)
    remarks: list[Remark] = []
    if joined.shape != counts.shape:
        remarks.append(RARE)
    if found.expected_freq.min() < LEAST_EXPECTED:
        remarks.append(ROUGH)
    statistic = float(found.statistic)
    return Outcome(
        statistic,
        (float(found.dof),),
        float(found.pvalue),
        cramers_v(statistic, joined),
        tuple(remarks),
    )


def joined_rare(counts: Counts) -> Counts:
    """The counts, with the rarest values as one where a table would expect too few rows of them.

    At least two columns stay.  As few are joined as make the sum large enough.
    """
    rows = counts.sum(axis=1)
    enough = LEAST_EXPECTED * rows.sum() / rows.min()
    totals = counts.sum(axis=0)
    rarest_first = np.argsort(totals, kind="stable")
    sums = np.cumsum(totals[rarest_first])
    rare = int(np.count_nonzero(totals < enough))
    if rare == 0:
        return counts
    joined = max(rare, int(np.searchsorted(sums, enough)) + 1)
    joined = min(joined, counts.shape[1] - 1)
    pool = counts[:, rarest_first[:joined]].sum(axis=1, keepdims=True)
    return np.hstack((counts[:, np.sort(rarest_first[joined:])], pool))


def cramers_v(statistic: float, counts: Counts) -> float:
    """Between 0, equal shares, and 1, no value in common."""
    total = counts.sum()
    if total <= 1:
        return 0.0
    tables, values = counts.shape
    chance = (tables - 1) * (values - 1) / (total - 1)
    phi_squared = max(0.0, statistic / total - chance)
    sides = [side - (side - 1) ** 2 / (total - 1) for side in (tables, values)]
    narrow = min(sides) - 1
    return float(min(1.0, np.sqrt(phi_squared / narrow))) if narrow > 0 else 0.0
