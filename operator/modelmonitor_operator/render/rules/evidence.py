"""The evidence of each test as a normal score: is it more than chance?

Drift: Wilson-Hilferty of chi-square over the dispersion.  Shares: two proportions, over the root of
the dispersion; negative where the share fell.
"""

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.promql import (
    Expression,
    Matched,
    call,
    each_but,
    either,
    labelled,
    sum_without,
)
from modelmonitor_operator.render.rules.distances import dispersion
from modelmonitor_operator.render.rules.scope import FLAGGED, OF_SHARES, Scope, in_every_window


def all_evidence(scope: Scope) -> Expression:
    """By feature and test."""

    def distance(name: str) -> Expression:
        return sum_without([recorded.L_DISTANCE], scope.select(recorded.DISTANCE, distance=name))

    drift = wilson_hilferty(distance("chi2") / distance("phi"), distance("df"))
    week = wilson_hilferty(distance("week_chi2"), distance("week_df"))
    return either(
        labelled(drift, recorded.L_TEST, recorded.DRIFT),
        labelled(week, recorded.L_TEST, recorded.WEEK),
        _of_shares(scope),
    )


def wilson_hilferty(statistic: Expression, degrees: Expression) -> Expression:
    """z = ((X/k)^(1/3) - (1 - 2/(9k))) / sqrt(2/(9k)); 0 without degrees of freedom.

    E. Wilson, M. Hilferty, "The Distribution of Chi-Square", PNAS 1931.
    """
    spread = 2 / (9 * (degrees >= 1))
    z = ((statistic / degrees) ** (1 / 3) - (1 - spread)) / spread**0.5
    return either(z, degrees * 0)


def pooled_shares(scope: Scope) -> Expression:
    """r: what is flagged on both sides, of all rows of both."""
    flagged = scope.select(recorded.COUNTED_ROWS, test=FLAGGED)
    base = scope.select(recorded.BASELINE_FLAGGED_ROWS)
    rows = scope.select(recorded.ROWS, test=OF_SHARES) > 0
    base_rows = scope.select(recorded.BASELINE_ALL_ROWS)
    return (flagged + in_every_window(base)) / (rows + _for_each_test(base_rows))


def _of_shares(scope: Scope) -> Expression:
    """(q - p) / sqrt(r (1 - r)(1/n + 1/m) phi), r pooled; 0 where all or none are flagged."""
    flagged = scope.select(recorded.COUNTED_ROWS, test=FLAGGED)
    rows = scope.select(recorded.ROWS, test=OF_SHARES)
    base_rows = scope.select(recorded.BASELINE_ALL_ROWS)
    base = scope.select(recorded.BASELINE_FLAGGED_ROWS) / each_but(base_rows, [recorded.L_TEST])
    pooled = scope.select(recorded.POOLED_SHARE)
    sizes = 1 / rows + _for_each_test(1 / base_rows)
    rho = each_but(scope.select(recorded.RHO), [recorded.L_TEST])
    varies = (pooled * (1 - pooled)) > 0
    spread = call("sqrt", varies * sizes * dispersion(rows, rho))
    return either((flagged / rows - in_every_window(base)) / spread, pooled * 0)


def _for_each_test(right: Expression) -> Matched:
    return each_but(right, [recorded.L_TEST, names.L_WINDOW])
