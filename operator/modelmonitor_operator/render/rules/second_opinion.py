"""The same hour a week ago in the baseline's place: is it drift, or just a Monday?

Shown beside the verdict against the baseline, and never an alarm.  The effect is PSI beyond chance,
for features of every kind.  Without rows a week ago (a new version, a changed baseline, retention
below eight days) there is no series: "no reference".
"""

from typing import Final

from modelmonitor_api import recorded
from modelmonitor_operator.render.promql import Expression, call, either, labelled
from modelmonitor_operator.render.rules.distances import (
    chi_square,
    degrees,
    dispersion,
    expected_stability,
    stability,
)
from modelmonitor_operator.render.rules.scope import Scope, for_each_cell

WINDOW: Final = "1h"
"""The window that is compared."""
_WEEK: Final = "1w"


def week_rows(scope: Scope) -> Expression:
    """The fewer of both hours' rows."""
    now, then = _rows(scope)
    return labelled(either(now < then, then.also(now)), recorded.L_TEST, recorded.WEEK)


def week_distances(scope: Scope) -> dict[str, Expression]:
    """Effect, and evidence: both hours vary more than chance, by
    phi = (phi_n/n + phi_m/m) / (1/n + 1/m).
    """
    now, then = _rows(scope)
    shares = scope.select(recorded.SHARE, window=WINDOW, test="")
    cells = scope.select(recorded.CELL_ROWS, window=WINDOW)
    before = cells.offset(_WEEK)
    filled = cells + before > 0
    psi = stability(shares, shares.offset(_WEEK))
    difference = cells / for_each_cell(now) - before / for_each_cell(then)
    rho = scope.select(recorded.RHO, window=WINDOW)
    spread = dispersion(now, rho) / now + dispersion(then, rho) / then
    return {
        "week_psi": call("clamp_min", psi - expected_stability(cells, 1 / now + 1 / then), 0),
        "week_chi2": chi_square(difference, filled) * (now + then) / spread,
        "week_df": degrees(filled).also(now),
    }


def _rows(scope: Scope) -> tuple[Expression, Expression]:
    rows = scope.select(recorded.LIVE_ROWS, window=WINDOW)
    return rows, rows.offset(_WEEK)
