"""The monitoring itself: without these, silence would read as health."""

from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.promql import (
    Differs,
    Expression,
    Like,
    Matcher,
    call,
    either,
    max_by,
    sum_by,
)
from modelmonitor_operator.render.rules.alerts.annotations import MODEL_TEXT, Links, annotations
from modelmonitor_operator.render.rules.alerts.subjects import WHOLE_MODEL, WHOLE_MONITOR
from modelmonitor_operator.render.rules.rule import Alert
from modelmonitor_operator.render.rules.scope import MODEL, MONITOR, POD, VERSION, Scope

DROPPED_SHARE: Final = 0.01
UNDECODABLE_SHARE: Final = 0.05
LEAST_COPIES: Final = 20
"""Dropped or undecodable: fewer are a restart, or one client's."""
LEAST_REQUESTS: Final = 20
OPAQUE_SHARE: Final = 0.5
LEAST_BYTES: Final = 1_000_000
"""What probes alone carry is less."""
DEATHS: Final = 3
"""Of the collector's worker, in half an hour."""
ENDING: Final = "draining"
"""The reason of copies dropped because a pod ends: there is nothing to do about them."""
OPAQUE: Final = Like("h2|tls|unknown|ambiguous")
_WARNING: Final = {recorded.L_SEVERITY: recorded.WARNING}
_SIDECARS: Final = Like(f"{names.CONTAINER_PROXY}|{names.CONTAINER_COLLECTOR}")


def health_alerts(scope: Scope, links: Links) -> tuple[Alert, ...]:
    """What makes verdicts incomplete or absent."""
    return (
        _dropping(scope, links),
        _undecodable(scope, links),
        _collector_down(scope, links),
        _blind(scope, links),
        _budget(scope, links),
        _opaque(scope, links),
        _targets_missing(scope, links),
    )


def _dropping(scope: Scope, links: Links) -> Alert:
    dropped = _recent(scope, names.FRAMES_DROPPED, reason=Differs(ENDING))
    known = _recent(scope, names.FRAMES)
    share = (dropped >= LEAST_COPIES) / (dropped + known)
    return Alert(
        recorded.CAPTURE_DROPPING,
        share > DROPPED_SHARE,
        annotations(
            links,
            recorded.CAPTURE_DROPPING,
            "Copies of requests to {{$labels.model}} are dropped",
            f"{{{{$value | humanizePercentage}}}} of the copies of requests to {MODEL_TEXT} were "
            "dropped in 15 minutes; traffic is not touched.",
        ),
        _WARNING,
        hold="5m",
    )


def _undecodable(scope: Scope, links: Links) -> Alert:
    broken = _recent(scope, names.FRAMES, outcome="undecodable")
    share = (broken >= LEAST_COPIES) / _recent(scope, names.FRAMES)
    return Alert(
        recorded.PAYLOADS_UNDECODABLE,
        share > UNDECODABLE_SHARE,
        annotations(
            links,
            recorded.PAYLOADS_UNDECODABLE,
            "Requests to {{$labels.model}} cannot be read",
            f"{{{{$value | humanizePercentage}}}} of the requests to {MODEL_TEXT} in 15 minutes "
            "are in no form that a decoder knows.",
        ),
        _WARNING,
        hold="5m",
    )


def _collector_down(scope: Scope, links: Links) -> Alert:
    """Of pods that are there, and not about to end: then the collector may go before the proxy."""
    by = (*MONITOR, "pod")
    living = scope.select(names.PROXY_DRAINING).equals(0)
    alone = max_by(by, scope.select(names.PROXY_COLLECTOR_CONNECTED)).equals(0)
    deaths = call("increase", scope.select(names.COLLECTOR_WORKER_DEATHS).over("30m"))
    return Alert(
        recorded.COLLECTOR_DOWN,
        either(alone, sum_by(by, deaths) > DEATHS).also(living, on=POD),
        annotations(
            links,
            recorded.COLLECTOR_DOWN,
            "The collector of {{$labels.modelmonitor}} is down",
            "In pod {{$labels.pod}} no collector takes copies, or its worker dies again and "
            "again: features are not counted, traffic passes.",
        ),
        {**_WARNING, **WHOLE_MONITOR},
        hold="5m",
    )


def _blind(scope: Scope, links: Links) -> Alert:
    """Answered requests of a model and not a row, neither more than before nor a new series."""
    asked = sum_by(MODEL, _increase(scope, names.REQUESTS, model=_MODELS, code=Like("2..")))
    rows = scope.select(names.ROWS)
    seen = either(_increase(scope, names.ROWS) > 0, (rows > 0).without(rows.offset("15m")))
    return Alert(
        recorded.BLIND,
        (asked >= LEAST_REQUESTS).without(seen, on=MODEL),
        annotations(
            links,
            recorded.BLIND,
            "The monitor of {{$labels.model}} sees no rows",
            "About {{$value | humanize}} requests to {{$labels.model}} were answered in 15 "
            "minutes, and not one row was counted.",
        ),
        {**_WARNING, **WHOLE_MODEL},
        hold="5m",
    )


def _budget(scope: Scope, links: Links) -> Alert:
    return Alert(
        recorded.SERIES_BUDGET_EXCEEDED,
        max_by(MONITOR, scope.select(names.SERIES_DROPPED)) > 0,
        annotations(
            links,
            recorded.SERIES_BUDGET_EXCEEDED,
            "{{$labels.modelmonitor}} has more features than its budget of series",
            "{{$value | humanize}} series, of whole features, are left out: those are not judged.",
        ),
        {**_WARNING, **WHOLE_MONITOR},
        hold="10m",
    )


def _opaque(scope: Scope, links: Links) -> Alert:
    """By bytes: clients of HTTP/1 and of gRPC alike keep few connections open for days."""

    def carried(**matchers: Matcher) -> Expression:
        series = scope.select(names.CONNECTION_BYTES, **matchers)
        return sum_by(MONITOR, call("increase", series.over("1h")))

    share = (carried(protocol=OPAQUE) >= LEAST_BYTES) / carried()
    return Alert(
        recorded.OPAQUE_TRAFFIC,
        share > OPAQUE_SHARE,
        annotations(
            links,
            recorded.OPAQUE_TRAFFIC,
            "Traffic of {{$labels.modelmonitor}} cannot be read",
            "{{$value | humanizePercentage}} of the bytes of the last hour are HTTP/2, gRPC, TLS "
            "or something unknown: they are forwarded, and no request in them is counted.",
        ),
        {**_WARNING, **WHOLE_MONITOR},
        hold="15m",
    )


def _targets_missing(scope: Scope, links: Links) -> Alert:
    """Known before, still there, and no longer scraped; of a pod that is gone nothing is told."""
    known = call("last_over_time", scope.select(names.PROXY_START_TIME).over("6h"))
    unseen = scope.foreign("up", container=_SIDECARS).equals(0)
    return Alert(
        recorded.TARGETS_MISSING,
        max_by((*MONITOR, "pod"), known).also(unseen, on=POD),
        annotations(
            links,
            recorded.TARGETS_MISSING,
            "A sidecar of {{$labels.modelmonitor}} is not scraped",
            "Prometheus cannot scrape a sidecar of pod {{$labels.pod}}: nothing is known of it, "
            "and silence is not health.",
        ),
        {**_WARNING, **WHOLE_MONITOR},
        hold="10m",
    )


_MODELS: Final = Differs(names.OTHER)


def _recent(scope: Scope, metric: str, **matchers: Matcher) -> Expression:
    return sum_by(VERSION, _increase(scope, metric, **matchers))


def _increase(scope: Scope, metric: str, **matchers: Matcher) -> Expression:
    return call("increase", scope.select(metric, **matchers).over("15m"))
