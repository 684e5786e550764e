"""The second row: how much is asked, what fails, how long it takes, what is left of the budgets."""

from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.dashboard import fields, panels
from modelmonitor_operator.render.dashboard.layout import Row
from modelmonitor_operator.render.dashboard.panel import Panel, Query
from modelmonitor_operator.render.dashboard.scope import RATE_INTERVAL, Scope, ratio
from modelmonitor_operator.render.promql import (
    Expression,
    call,
    max_by,
    number,
    sum_by,
)
from modelmonitor_operator.render.rules.service_group import FAILED, SERVER_ERRORS, SLOW

SHOWN_QUANTILES: Final = (0.5, 0.95, 0.99)
_BUCKET: Final = "le"
_PERCENT: Final = 100
_MILLISECONDS: Final = 1_000
_OBJECTIVE: Final = "objective"


def traffic_row(scope: Scope) -> Row:
    """Of the chosen model, over all its versions."""
    model = scope.model
    return Row(
        "Requests, errors, latency",
        (
            _requests(model),
            _errors(model),
            _latency(model),
            _burn(model, FAILED, "Error budget: how fast it is used up"),
            _burn(model, SLOW, "Latency budget: how fast it is used up"),
        ),
    )


def error_ratio(scope: Scope, *by: str) -> Expression:
    """Share of the requests that the server failed (5xx)."""
    failed = sum_by(by, scope.rate(names.REQUESTS, code=SERVER_ERRORS))
    return ratio(failed, sum_by(by, scope.rate(names.REQUESTS)))


def mean_latency(scope: Scope, *by: str) -> Expression:
    """Seconds a request takes on average."""
    total, count = (
        sum_by(by, scope.rate(f"{names.REQUEST_DURATION}_{part}")) for part in ("sum", "count")
    )
    return total / (count > 0)


def _requests(scope: Scope) -> Panel:
    by_code = sum_by((names.L_CODE,), scope.rate(names.REQUESTS))
    series = scope.select(names.REQUESTS).over(RATE_INTERVAL, offset="1w")
    return (
        panels.stacked(
            "Requests",
            "Requests per second by status code; dashed: all of them at the same time a week ago.",
            "reqps",
            Query(by_code, "{{code}}"),
            Query(sum_by((), call("rate", series)), "a week ago"),
        )
        .overriding(fields.reference("a week ago"))
        .saying("no requests yet")
    )


def _errors(scope: Scope) -> Panel:
    allowed = 1 - _setting(scope, "availability_percent") / _PERCENT
    return (
        panels.time_series(
            "Errors",
            "Share of the requests that the server failed (5xx); dashed: how many may fail.",
            "percentunit",
            Query(error_ratio(scope), "failed"),
            Query(allowed, _OBJECTIVE),
        )
        .overriding(fields.reference(_OBJECTIVE, fields.RED))
        .saying("no requests yet")
    )


def _latency(scope: Scope) -> Panel:
    buckets = sum_by((_BUCKET,), scope.rate(f"{names.REQUEST_DURATION}_bucket"))
    quantiles = (
        Query(call("histogram_quantile", number(q), buckets), f"{q:.0%} within")
        for q in SHOWN_QUANTILES
    )
    objective = _setting(scope, "latency_milliseconds") / _MILLISECONDS
    return (
        panels.time_series(
            "Latency",
            "Time within which so many requests were answered, over all pods; dashed: the promise.",
            "s",
            *quantiles,
            Query(mean_latency(scope), "mean"),
            Query(objective, _OBJECTIVE),
        )
        .overriding(fields.reference(_OBJECTIVE, fields.RED))
        .saying("no requests yet")
    )


def _burn(scope: Scope, outcome: str, title: str) -> Panel:
    burn = max_by((names.L_WINDOW,), scope.select(recorded.BURN_RATE, outcome=outcome))
    return (
        panels.time_series(
            title,
            "At 1 the month's budget lasts a month; above 14.4 for an hour somebody is paged, "
            "above 1 for days there is a ticket.",
            "none",
            Query(burn, "over {{window}}"),
        )
        .having(**fields.drawn(fields.GREEN, (1, fields.ORANGE), (14.4, fields.RED)))
        .saying("no objective is set (spec.objectives), or no requests yet")
        .sized(12, 7)
    )


def _setting(scope: Scope, name: str) -> Expression:
    return max_by((), scope.select(names.SETTING, setting=name))
