"""Do means differ: Welch's t-test for two tables, Welch's analysis of variance for any number.

Neither assumes that the tables spread alike.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy import special, stats

from modelmonitor_cli.baseline.values import Floats
from modelmonitor_cli.compare.comparison import Remark
from modelmonitor_cli.compare.outcome import Outcome
from modelmonitor_cli.compare.remarks import NO_SPREAD, ROUGH, TOO_LARGE

FEWEST_FOR_MEANS: Final = 10
"""Below, p leans on the values being normal."""


def welch_t(first: Floats, other: Floats) -> Outcome | Remark:
    """Two means; the effect is Hedges' g, the difference in pooled standard deviations.

    scipy.stats.ttest_ind_from_stats with equal_var=False; B. L. Welch, Biometrika 34, 1947.
    """
    first, other = _scaled((first, other))
    if not _spread(first) and not _spread(other):
        return NO_SPREAD
    found = stats.ttest_ind_from_stats(*_summary(other), *_summary(first), equal_var=False)
    statistic, p = float(found.statistic), float(found.pvalue)
    effect = _hedges_g(first, other)
    if not np.isfinite([statistic, p, effect]).all():
        return TOO_LARGE
    return Outcome(statistic, (_welch_freedom(first, other),), p, effect, _few(first, other))


def welch_anova(samples: Sequence[Floats]) -> Outcome | Remark:
    """Several means; the effect is omega squared, the share of variance that tables explain.

    B. L. Welch, "On the comparison of several mean values", Biometrika 38, 1951.  With weights
    w = n / variance, W their sum and m the mean weighted by them,

        F = sum w (mean - m)^2 / (k - 1)  /  (1 + 2 (k - 2) / (k^2 - 1) sum (1 - w/W)^2 / (n - 1))

    Omega squared = (k - 1) (F - 1) / ((k - 1) (F - 1) + N), and 0 where that is negative
    (R. E. Kirk, Educational and Psychological Measurement 56, 1996).  Older scipy has no such test.
    """
    samples = _scaled(samples)
    if not all(_spread(sample) for sample in samples):
        return NO_SPREAD
    statistic, within = _welch_f(samples)
    between = len(samples) - 1
    p = float(stats.f.sf(statistic, between, within))
    gain = between * (statistic - 1)
    effect = max(0.0, gain / (gain + sum(map(len, samples))))
    if not np.isfinite([statistic, p, effect]).all():
        return TOO_LARGE
    return Outcome(statistic, (float(between), within), p, effect, _few(*samples))


def _summary(sample: Floats) -> tuple[float, float, int]:
    """Mean, standard deviation and rows; a constant has none, whatever rounding says."""
    deviation = float(sample.std(ddof=1)) if _spread(sample) else 0.0
    return float(sample.mean()), deviation, len(sample)


def _welch_freedom(first: Floats, other: Floats) -> float:
    """F. E. Satterthwaite, Biometrics Bulletin 2, 1946."""
    errors = [(deviation**2 / rows, rows) for _, deviation, rows in map(_summary, (first, other))]
    return sum(error for error, _ in errors) ** 2 / sum(
        error**2 / (rows - 1) for error, rows in errors
    )


def _welch_f(samples: Sequence[Floats]) -> tuple[float, float]:
    """F, and its second degrees of freedom."""
    tables = len(samples)
    sizes = np.array([len(sample) for sample in samples], dtype=np.float64)
    means = np.array([sample.mean() for sample in samples])
    weights = sizes / np.array([sample.var(ddof=1) for sample in samples])
    mean = float((weights * means).sum() / weights.sum())
    unequal = float(((1 - weights / weights.sum()) ** 2 / (sizes - 1)).sum())
    between = float((weights * (means - mean) ** 2).sum() / (tables - 1))
    statistic = between / (1 + 2 * (tables - 2) / (tables**2 - 1) * unequal)
    return statistic, (tables**2 - 1) / (3 * unequal)


def _hedges_g(first: Floats, other: Floats) -> float:
    """Unbiased for normal values: L. V. Hedges, Journal of Educational Statistics 6, 1981."""
    freedom = len(first) + len(other) - 2
    squares = sum(float(((sample - sample.mean()) ** 2).sum()) for sample in (first, other))
    difference = float(other.mean() - first.mean()) / float(np.sqrt(squares / freedom))
    half = freedom / 2
    bias = float(np.exp(special.gammaln(half) - special.gammaln(half - 0.5)) / np.sqrt(half))
    return difference * bias


def _scaled(samples: Sequence[Floats]) -> list[Floats]:
    """Moved to the first value and between -2 and 2; neither t nor F nor the effects change.

    So squares stay finite, and large values that differ little keep their difference.
    """
    largest = max(float(np.abs(sample).max()) for sample in samples) or 1.0
    return [sample / largest - samples[0][0] / largest for sample in samples]


def _spread(sample: Floats) -> bool:
    return bool(sample.min() < sample.max())


def _few(*samples: Floats) -> tuple[Remark, ...]:
    return (ROUGH,) if min(map(len, samples)) < FEWEST_FOR_MEANS else ()
