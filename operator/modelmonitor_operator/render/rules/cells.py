"""From rows cumulated over bins to rows in each bin.

Every bin but the first names the bin before it in label `prev`, so that one join with itself gives
the difference.  Joins are by `bin`, never by an edge: Prometheus 3 rewrites numbers in labels.
"""

from modelmonitor_api import names
from modelmonitor_operator.render.promql import (
    Differs,
    Expression,
    Matcher,
    call,
    copied,
    each_but,
    either,
    sum_without,
)
from modelmonitor_operator.render.rules.scope import Scope


def rows_by_cell(scope: Scope, metric: str, /, **matchers: Matcher) -> Expression:
    """Rows of each bin, without `prev`, never below 0; and of each category, as they are."""
    here = scope.select(metric, prev=Differs(""), **matchers)
    below = copied(scope.select(metric, bin=Differs("")), names.L_BIN, names.L_PREVIOUS)
    differences = call("clamp_min", here - each_but(below, [names.L_BIN]), 0)
    return either(
        sum_without([names.L_PREVIOUS], differences), scope.select(metric, prev="", **matchers)
    )
