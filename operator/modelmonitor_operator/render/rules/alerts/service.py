"""What users of the model feel: errors, latency, silence.  These page."""

from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.promql import (
    Expression,
    Selector,
    call,
    either,
    labelled,
    sum_by,
    sum_without,
)
from modelmonitor_operator.render.rules.alerts.annotations import MODEL_TEXT, Links, annotations
from modelmonitor_operator.render.rules.rule import Alert
from modelmonitor_operator.render.rules.scope import MODEL, Scope
from modelmonitor_operator.render.rules.service_group import FAILED, SLOW, TOTAL

LEAST_FAILURES: Final = 10
"""In the longer window: fewer are no evidence, however few requests there were."""
EXPECTED_HOURLY: Final = 120
"""From so many requests an hour on silence is no chance: 30 are due in a quarter of an hour."""
UNUSUAL_REQUESTS: Final = 500
UNUSUAL_FACTOR: Final = 3
ALL_VERSIONS: Final = "all"
_WHAT: Final = {FAILED: "fail", SLOW: "fail or take longer than promised"}
_PAGING: Final = (("5m", "1h", 14.4), ("30m", "6h", 6.0))
_TICKETS: Final = (("2h", "1d", 3.0), ("6h", "3d", 1.0))
"""A shorter and a longer window, and how many times too fast the budget is spent in both."""


def service_alerts(scope: Scope, links: Links) -> tuple[Alert, ...]:
    """Burn rates of both objectives, no traffic, unusual traffic."""
    return (
        *_burn(scope, links, recorded.ERROR_BUDGET_BURN, FAILED),
        *_burn(scope, links, recorded.LATENCY_BUDGET_BURN, SLOW),
        _no_traffic(scope, links),
        _unusual(scope, links),
    )


def _burn(scope: Scope, links: Links, name: str, outcome: str) -> tuple[Alert, Alert]:
    """Multi-window, multi-burn-rate: SRE Workbook, chapter 5."""
    texts = annotations(
        links,
        name,
        f"Requests of {{{{$labels.model}}}} {_WHAT[outcome]} too often",
        f'Requests to {MODEL_TEXT} {_WHAT[outcome]} {{{{$value | printf "%.1f"}}}} times as often '
        "as the objective allows.",
    )
    page, ticket = (
        either(*(_burns(scope, outcome, *pair) for pair in pairs)) for pairs in (_PAGING, _TICKETS)
    )
    return (
        Alert(name, page, texts, {recorded.L_SEVERITY: recorded.CRITICAL}, "2m", "5m"),
        Alert(name, ticket, texts, {recorded.L_SEVERITY: recorded.WARNING}, "15m", "15m"),
    )


def _burns(scope: Scope, outcome: str, short: str, long: str, factor: float) -> Expression:
    """The rate in the shorter window, where it is too high in both and there is enough of it."""
    rates = (scope.select(recorded.BURN_RATE, outcome=outcome, window=w) for w in (short, long))
    now, lasting = (rate > factor for rate in rates)
    enough = _requests(scope, outcome, long) >= LEAST_FAILURES
    burning = now.also_but(lasting, [names.L_WINDOW]).also_but(enough, [names.L_WINDOW])
    return sum_without([names.L_WINDOW, names.L_OUTCOME], burning)


def _requests(scope: Scope, outcome: str, window: str) -> Selector:
    return scope.select(recorded.REQUESTS, outcome=outcome, window=window)


def _no_traffic(scope: Scope, links: Links) -> Alert:
    """Over all versions: one that is kept idle on purpose is no silence."""
    hourly = _requests(scope, TOTAL, "1h")
    quarter = call("max_over_time", _requests(scope, TOTAL, "5m").over("10m"))
    silent = sum_by(MODEL, quarter).equals(0)
    last_week = sum_by(MODEL, hourly.offset("1w"))
    least = sum_by(MODEL, call("min_over_time", hourly.over("18h", offset="6h")))
    a_day_known = sum_by(MODEL, hourly.offset("1d"))
    expected = either(last_week, least.also(a_day_known)) >= EXPECTED_HOURLY
    return Alert(
        recorded.NO_TRAFFIC,
        _whole_model(silent.also(expected, on=MODEL)),
        annotations(
            links,
            recorded.NO_TRAFFIC,
            "No requests reach {{$labels.model}}",
            f"For 15 minutes no request came, where at least {EXPECTED_HOURLY} an hour are usual "
            "at this time.",
        ),
        {recorded.L_SEVERITY: recorded.CRITICAL},
    )


def _unusual(scope: Scope, links: Links) -> Alert:
    hourly = _requests(scope, TOTAL, "1h")
    now, then = sum_by(MODEL, hourly), sum_by(MODEL, hourly.offset("1w"))
    more = (now > then * UNUSUAL_FACTOR) >= UNUSUAL_REQUESTS
    fewer = (now < then / UNUSUAL_FACTOR).also(then >= UNUSUAL_REQUESTS)
    return Alert(
        recorded.TRAFFIC_UNUSUAL,
        _whole_model(either(more, fewer)),
        annotations(
            links,
            recorded.TRAFFIC_UNUSUAL,
            "Traffic of {{$labels.model}} is far from last week's",
            "{{$value | humanize}} requests came in the last hour: more than three times, or less "
            "than a third, of the same hour last week.",
        ),
        {recorded.L_SEVERITY: recorded.WARNING},
        hold="30m",
    )


def _whole_model(inner: Expression) -> Expression:
    return labelled(inner, names.L_VERSION, ALL_VERSIONS)
