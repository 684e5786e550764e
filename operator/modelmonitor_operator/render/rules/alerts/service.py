"""What users of the model feel: errors, latency, refusal, silence.  These page."""

from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.promql import (
    Selector,
    call,
    either,
    sum_by,
)
from modelmonitor_operator.render.rules.alerts.annotations import MODEL_TEXT, Links, annotations
from modelmonitor_operator.render.rules.alerts.subjects import WHOLE_MODEL, WHOLE_MONITOR
from modelmonitor_operator.render.rules.rule import Alert
from modelmonitor_operator.render.rules.scope import MODEL, MONITOR, TARGET, Scope
from modelmonitor_operator.render.rules.service_group import FAILED, SLOW, TOTAL

EXPECTED_HOURLY: Final = 120
"""From so many requests an hour on silence is no chance: 30 are due in a quarter of an hour."""
UNUSUAL_REQUESTS: Final = 500
UNUSUAL_FACTOR: Final = 3
REFUSED_SHARE: Final = 0.1
LEAST_ABORTED: Final = 20
ABORTED_SHARE: Final = 0.5
"""Of the requests of 5 minutes: clients that give up now and then are no outage."""
LEAST_REFUSED: Final = 10
"""Of the dials of five minutes."""
_AROUND_LAST_WEEK: Final = ("3h", "166h")
"""Hours that ended between an hour before and two hours after this moment, a week ago."""
_WHAT: Final = {FAILED: "fail", SLOW: "fail or are late"}


def service_alerts(scope: Scope, links: Links) -> tuple[Alert, ...]:
    """Burn rates of both objectives, an unreachable server, no traffic, unusual traffic."""
    return (
        *_burn(scope, links, recorded.ERROR_BUDGET_BURN, FAILED),
        *_burn(scope, links, recorded.LATENCY_BUDGET_BURN, SLOW),
        _unreachable(scope, links),
        _no_traffic(scope, links),
        _unusual(scope, links),
    )


def _burn(scope: Scope, links: Links, name: str, outcome: str) -> tuple[Alert, Alert]:
    """A page and a ticket."""
    texts = annotations(
        links,
        name,
        f"Requests of {{{{$labels.model}}}} {_WHAT[outcome]} too often",
        f'Requests to {MODEL_TEXT} {_WHAT[outcome]} {{{{$value | printf "%.1f"}}}} times as often '
        "as the objective allows.",
    )
    page, ticket = (
        scope.select(recorded.BURNING, outcome=outcome, severity=severity)
        for severity in (recorded.CRITICAL, recorded.WARNING)
    )
    return (
        Alert(name, page, texts, {recorded.L_SEVERITY: recorded.CRITICAL}, "2m", "5m"),
        Alert(name, ticket, texts, {recorded.L_SEVERITY: recorded.WARNING}, "15m", "15m"),
    )


def _requests(scope: Scope, outcome: str, window: str) -> Selector:
    return scope.select(recorded.REQUESTS, outcome=outcome, window=window)


def _unreachable(scope: Scope, links: Links) -> Alert:
    """Dials refused, or most requests ended without an answer: neither is in any error budget.

    Refused to sidecars that live and had reached the server before: one that starts is waited for.
    Probes come through the proxy, so a server that loads its model is refused to them for minutes.
    """
    dials = scope.select(names.PROXY_DIALS).over("5m")
    refused = scope.select(names.PROXY_DIALS, outcome="refused").over("5m")
    reached = scope.select(names.PROXY_DIALS, outcome="connected").offset("5m") > 0
    living = scope.select(names.PROXY_DRAINING).equals(0)
    of_served = call("increase", refused).also(reached, on=TARGET).also(living, on=TARGET)
    often = sum_by(MONITOR, of_served) >= LEAST_REFUSED
    by_code = scope.select(recorded.REQUESTS_BY_CODE)
    aborted = sum_by(MONITOR, scope.select(recorded.REQUESTS_BY_CODE, code="aborted"))
    hanging = (aborted >= LEAST_ABORTED) / sum_by(MONITOR, by_code) > ABORTED_SHARE
    return Alert(
        recorded.SERVER_UNREACHABLE,
        either(often / sum_by(MONITOR, call("increase", dials)) > REFUSED_SHARE, hanging),
        annotations(
            links,
            recorded.SERVER_UNREACHABLE,
            "The model server of {{$labels.modelmonitor}} does not answer",
            "{{$value | humanizePercentage}} of 5 minutes' connections are refused, or requests "
            "end without an answer: no error budget counts them.",
        ),
        {recorded.L_SEVERITY: recorded.CRITICAL, **WHOLE_MONITOR},
        hold="5m",
    )


def _no_traffic(scope: Scope, links: Links) -> Alert:
    """Over all versions, as long as there are pods: a version may be idle, and all pods gone.

    Usual is what every hour had that ended within `_AROUND_LAST_WEEK`: neither begin and end of a
    working day nor a change of the clock are a silence.
    """
    hourly = _requests(scope, TOTAL, "1h")
    five = _requests(scope, TOTAL, "5m")
    last, middle, first = (
        sum_by(MODEL, part) for part in (five, five.offset("5m"), five.offset("10m"))
    )
    silent = (last + middle + first).equals(0)
    last_week = sum_by(MODEL, call("min_over_time", hourly.over(*_AROUND_LAST_WEEK)))
    least = sum_by(MODEL, call("min_over_time", hourly.over("18h", offset="6h")))
    known = least.also(hourly.offset("1d"), on=MODEL)
    expected = either(last_week, known) >= EXPECTED_HOURLY
    served = silent.also(scope.select(names.PROXY_START_TIME), on=MONITOR)
    return Alert(
        recorded.NO_TRAFFIC,
        served.also(expected),
        annotations(
            links,
            recorded.NO_TRAFFIC,
            "No requests reach {{$labels.model}}",
            f"For 15 minutes no request came, where at least {EXPECTED_HOURLY} an hour are usual "
            "at this time.",
        ),
        {recorded.L_SEVERITY: recorded.CRITICAL, **WHOLE_MODEL},
    )


def _unusual(scope: Scope, links: Links) -> Alert:
    """Last week's hours are those that ended an hour before or after: clocks change by one."""
    hourly = _requests(scope, TOTAL, "1h")
    now = sum_by(MODEL, hourly)
    least, most = (
        sum_by(MODEL, call(function, hourly.over("2h", offset="167h")))
        for function in ("min_over_time", "max_over_time")
    )
    more = (now > most * UNUSUAL_FACTOR) >= UNUSUAL_REQUESTS
    fewer = now < (least >= UNUSUAL_REQUESTS) / UNUSUAL_FACTOR
    return Alert(
        recorded.TRAFFIC_UNUSUAL,
        either(more, fewer),
        annotations(
            links,
            recorded.TRAFFIC_UNUSUAL,
            "Traffic of {{$labels.model}} is far from last week's",
            "{{$value | humanize}} requests came in the last hour: more than three times, or less "
            "than a third, of last week's around this time.",
        ),
        {recorded.L_SEVERITY: recorded.WARNING, **WHOLE_MODEL},
        hold="30m",
    )
