"""Every distance between two sides, as `modelmonitor_sidecar.stats.distances` has them.

PSI, Jensen-Shannon and Hellinger come from smoothed shares, Kolmogorov-Smirnov and Wasserstein
from the cumulated rows of features with an order, chi-square from raw rows of cells that are not
empty on both sides.  Functions here serve both references: a baseline, which has no window and so
is matched for each one, and the same hour a week ago.
"""

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.promql import (
    Differs,
    Expression,
    Matched,
    call,
    count_without,
    each_but,
    max_without,
    sum_without,
)
from modelmonitor_operator.render.rules.baseline_series import base_cells, base_rows
from modelmonitor_operator.render.rules.scope import (
    CELL_LABELS,
    Scope,
    for_each_cell,
    in_every_window,
)

BIN_LABELS = (names.L_BIN, names.L_PREVIOUS)


def baseline_distances(scope: Scope) -> dict[str, Expression]:
    """All distances to the baseline, by name; nothing without rows."""
    live, base = (
        scope.select(recorded.SHARE, test=""),
        scope.select(recorded.BASELINE_SHARE, test=""),
    )
    cells, rows = scope.select(recorded.CELL_ROWS), scope.select(recorded.LIVE_ROWS)
    base_shares = base_cells(scope) / for_each_cell(base_rows(scope))
    difference = cells / for_each_cell(rows) - in_every_window(base_shares)
    filled = cells + in_every_window(base_cells(scope)) > 0
    apart = _apart(scope)
    found = {
        "psi": stability(live, in_every_window(base)),
        "psi_expected": expected_stability(cells, 1 / rows + in_every_window(1 / base_rows(scope))),
        "js": jensen_shannon(live, in_every_window(base)),
        "hellinger": _hellinger(live, base),
        "ks": max_without(BIN_LABELS, apart),
        "wasserstein": moved(scope, apart),
        "chi2": chi_square(difference, filled) * rows * in_every_window(base_rows(scope)),
        "df": degrees(filled).also(rows),
        "phi": dispersion(rows, scope.select(recorded.RHO)),
    }
    assert tuple(found) == recorded.DISTANCES
    return found


def dispersion(rows: Expression, rho: Expression | Matched) -> Expression:
    """phi = max(1, 1 + (n - 1) rho)."""
    return call("clamp_min", (rows - 1) * rho + 1, 1)


def stability(live: Expression, base: Expression | Matched) -> Expression:
    """PSI = sum (q - p) ln(q / p) of smoothed shares by cell."""
    return sum_without(CELL_LABELS, (live - base) * call("ln", live / base))


def expected_stability(cells: Expression, reciprocals: Expression) -> Expression:
    """(B - 1)(1/n + 1/m)."""
    return (count_without(CELL_LABELS, cells) - 1) * reciprocals


def jensen_shannon(live: Expression, base: Matched) -> Expression:
    """The distance to base 2, of shares q and p by cell, from their ratio x = q / p:

    JS^2 = 1/2 [sum q log2(2 / (1 + 1/x)) + sum p log2(2 / (1 + x))]

    Joins cost most of all; this has four of them, and no more rounding than the usual form.
    """
    ratio = live / base
    of_live = sum_without(CELL_LABELS, call("log2", 2 / (1 / ratio + 1)) * live)
    of_base = sum_without(CELL_LABELS, call("log2", 2 / (ratio + 1)) * base)
    return call("sqrt", call("clamp_min", 0.5 * (of_live + of_base), 0))


def moved(scope: Scope, apart: Expression) -> Expression:
    """Wasserstein in standard deviations, from the difference of cumulative shares by bin."""
    steps = each_but(scope.select(recorded.BASELINE_STEP), [names.L_PREVIOUS, names.L_WINDOW])
    return sum_without(BIN_LABELS, apart * steps)


def chi_square(difference: Expression, filled: Expression) -> Expression:
    """sum (c/n - b/m)^2 / (c + b), which is chi-square over n m; `filled` is c + b above 0."""
    return sum_without(CELL_LABELS, difference**2 / filled)


def degrees(filled: Expression) -> Expression:
    """Cells that are not empty on both sides, less one."""
    return count_without(CELL_LABELS, filled) - 1


def cumulative_share(cumulative: Expression, rows: Expression) -> Expression:
    """Of the rows of a feature, those in a bin or a lower one."""
    return cumulative / each_but(rows, BIN_LABELS)


def _hellinger(live: Expression, base: Expression) -> Expression:
    apart = call("sqrt", live) - in_every_window(call("sqrt", base))
    return call("sqrt", 0.5 * sum_without(CELL_LABELS, apart**2))


def _apart(scope: Scope) -> Expression:
    """By how much cumulative shares differ at the upper end of each bin."""
    live = scope.select(recorded.COUNTED_ROWS, bin=Differs(""))
    base = scope.select(recorded.BASELINE_CUMULATIVE_ROWS, bin=Differs(""))
    shares = cumulative_share(live, scope.select(recorded.LIVE_ROWS))
    return call("abs", shares - in_every_window(cumulative_share(base, base_rows(scope))))
