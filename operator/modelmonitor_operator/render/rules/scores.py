"""The effect of each test: how different, whatever the number of rows.

Drift: the largest of PSI beyond what chance gives, Jensen-Shannon (categories), Wasserstein in
standard deviations (features with an order).  Shares: the Jensen-Shannon distance of two cells.
"""

from modelmonitor_api import recorded
from modelmonitor_operator.render.promql import (
    Expression,
    call,
    either,
    ignoring,
    labelled,
    max_without,
    sum_without,
)
from modelmonitor_operator.render.rules.scope import FLAGGED, Scope, in_every_window


def all_scores(scope: Scope) -> Expression:
    """By feature and test."""
    drift = max_without([recorded.L_DISTANCE], _effects(scope))
    week = sum_without([recorded.L_DISTANCE], scope.select(recorded.DISTANCE, distance="week_psi"))
    return either(
        labelled(drift, recorded.L_TEST, recorded.DRIFT),
        labelled(week, recorded.L_TEST, recorded.WEEK),
        _of_shares(scope),
    )


def _effects(scope: Scope) -> Expression:
    """The measures that count for a feature, by `distance`; the largest decides."""

    def distance(name: str) -> Expression:
        return scope.select(recorded.DISTANCE, distance=name)

    beyond_chance = distance("psi") - ignoring(distance("psi_expected"), [recorded.L_DISTANCE])
    return either(
        call("clamp_min", beyond_chance, 0),
        distance("wasserstein"),
        distance("js").unless_but(distance("ks"), [recorded.L_DISTANCE]),
    )


def middle_shares(scope: Scope) -> Expression:
    """Half way between the window's share and the baseline's."""
    live = scope.select(recorded.SHARE, test=FLAGGED)
    base = scope.select(recorded.BASELINE_SHARE, test=FLAGGED)
    return (live + in_every_window(base)) / 2


def _of_shares(scope: Scope) -> Expression:
    """Of two cells: half of the sum of x log2(x / middle) over both cells of both sides."""
    live = scope.select(recorded.SHARE, test=FLAGGED)
    middle = scope.select(recorded.MIDDLE_SHARE)
    base = 2 * middle - live
    sides = ((live, middle), (base, middle), (1 - live, 1 - middle), (1 - base, 1 - middle))
    first, *others = (share * call("log2", share / between) for share, between in sides)
    divergence = sum(others, start=first) * 0.5
    return call("sqrt", call("clamp_min", divergence, 0))
