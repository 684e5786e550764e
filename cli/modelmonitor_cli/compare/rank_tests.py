"""Do values come in another order or shape: tests that see only which value is larger."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy import stats

from modelmonitor_cli.baseline.values import Floats
from modelmonitor_cli.compare.comparison import Remark
from modelmonitor_cli.compare.outcome import Outcome
from modelmonitor_cli.compare.remarks import ROUGH, TIES

FEWEST_FOR_RANKS: Final = 5
"""Below, the chi-square approximation of Kruskal and Wallis is rough."""
FEW_VALUES: Final = 100
"""Different ones; below, Kolmogorov and Smirnov's p is noticeably too large (measured: of healthy
pairs 3.5 % instead of 5 % had p < 0.05 at 100 values, 2.4 % at 10)."""


def kolmogorov_smirnov(first: Floats, other: Floats) -> Outcome:
    """Any difference of two distributions; the effect is the test's own D, the largest gap
    between the shares of values up to a point.

    scipy.stats.ks_2samp: exact up to 10,000 values a table without ties.
    """
    found = stats.ks_2samp(first, other)
    return Outcome(
        float(found.statistic), (), float(found.pvalue), float(found.statistic), _ties(first, other)
    )


def mann_whitney(first: Floats, other: Floats) -> Outcome:
    """Are values of one table larger; the effect is the rank-biserial correlation.

    r = 2 U / (n m) - 1, the share of pairs in which the later table's value is larger less the
    share in which it is smaller (D. S. Kerby, Comprehensive Psychology 3, 2014).
    """
    found = stats.mannwhitneyu(other, first)
    effect = 2 * float(found.statistic) / (len(first) * len(other)) - 1
    return Outcome(float(found.statistic), (), float(found.pvalue), effect)


def kruskal_wallis(samples: Sequence[Floats]) -> Outcome:
    """Do ranks differ among several tables; the effect is epsilon squared, H / (N - 1).

    M. Tomczak, E. Tomczak, Trends in Sport Sciences 1, 2014.
    """
    found = stats.kruskal(*samples)
    rows = sum(map(len, samples))
    few = min(map(len, samples)) < FEWEST_FOR_RANKS
    return Outcome(
        float(found.statistic),
        (float(len(samples) - 1),),
        float(found.pvalue),
        float(found.statistic) / (rows - 1),
        (ROUGH,) if few else (),
    )


def _ties(first: Floats, other: Floats) -> tuple[Remark, ...]:
    both = np.concatenate((first, other))
    return (TIES,) if len(np.unique(both)) < min(FEW_VALUES, len(both) / 2) else ()
