"""Distributions and means of one feature, as the feature's and the predictions' rows show them.

It refuses to know which feature it is.
"""

from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.dashboard import fields, panels
from modelmonitor_operator.render.dashboard.columns import bars
from modelmonitor_operator.render.dashboard.panel import Panel, Query
from modelmonitor_operator.render.dashboard.scope import L_CELL, RATE_INTERVAL, WINDOW, Scope
from modelmonitor_operator.render.promql import (
    Expression,
    Selector,
    call,
    each,
    either,
    max_by,
    sum_by,
)

L_SERIES: Final = "series"
_BY: Final = (names.L_FEATURE, names.L_VERSION, names.L_BASELINE)
"""Within one monitor and model: which feature, of which version, against which baseline."""


def distribution(title: str, baseline: Expression, live: Expression, series: str) -> Panel:
    """Bars: the baseline's share of each bin or category beside that of the window.

    `series` (of `$1`, a version, and `$2`, a feature) names the groups of bars.
    """
    both = either(_shares(baseline, f"baseline{series}"), _shares(live, f"live{series}"))
    panel = panels.bar_chart(
        title,
        "Share of the rows with a value in each bin (from the lowest values to the highest) or "
        "category: in the training data, and in the chosen window.",
        "percentunit",
        Query(both, shape="table"),
    )
    return bars(panel, L_CELL, L_SERIES).overriding(
        fields.fields("^baseline", color={"fixedColor": fields.GREY, "mode": "fixed"})
    )


def by_cell(cells: Expression) -> Expression:
    """With bin or category under one label."""
    with_bins = call("label_replace", cells, L_CELL, "$1", names.L_BIN, "(.+)")
    return call("label_replace", with_bins, L_CELL, "$1", names.L_CATEGORY, "(.+)")


def live_cells(scope: Scope) -> Selector:
    """Rows of the chosen window in each bin or category."""
    return scope.select(recorded.CELL_ROWS, window=WINDOW)


def baseline_cells(scope: Scope) -> Selector:
    """Rows of the baseline in each bin or category."""
    return scope.select(recorded.BASELINE_CELL_ROWS)


def mean(scope: Scope) -> Expression:
    """Mean value.

    Not of `rate()`, which takes a sum that falls, as sums of negative values do, for a counter that
    began anew.  Pods that did begin anew are left out until the interval is past.
    """
    return _gained(scope, names.FEATURE_VALUE_SUM) / _values(scope)


def deviation(scope: Scope) -> Expression:
    """Standard deviation: from squares of the distance to the baseline's mean, less the shift's."""
    squares = _gained(scope, names.FEATURE_VALUE_SQUARES) / _values(scope)
    origin = either(max_by(_BY, scope.select(names.BASELINE_MEAN)), squares * 0)
    return call("sqrt", call("clamp_min", squares - (mean(scope) - origin) ** 2, 0))


def _shares(cells: Expression, series: str) -> Expression:
    by = (L_CELL, names.L_FEATURE, names.L_VERSION)
    rows = sum_by(by, by_cell(cells))
    whole = sum_by(by[1:], cells) > 0
    named = call(
        "label_replace",
        call("label_join", rows / each(whole, by[1:]), L_SERIES, "\n", by[2], by[1]),
        L_SERIES,
        series,
        L_SERIES,
        "(?s)(.*)\n(.*)",
    )
    return sum_by((L_CELL, L_SERIES), named)


def _values(scope: Scope) -> Expression:
    return _gained(scope, names.FEATURE_VALUE_COUNT) > 0


def _gained(scope: Scope, metric: str) -> Expression:
    """What was added in the rate interval; pods scraped at one moment are extrapolated alike."""
    interval = scope.select(metric).over(RATE_INTERVAL)
    count = scope.select(names.FEATURE_VALUE_COUNT).over(RATE_INTERVAL)
    return sum_by(_BY, call("delta", interval).also(call("resets", count).equals(0)))
