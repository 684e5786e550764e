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
    labelled,
    max_by,
    sum_by,
)
from modelmonitor_operator.render.rules.alerts.annotations import MODEL_TEXT, Links, annotations
from modelmonitor_operator.render.rules.rule import Alert
from modelmonitor_operator.render.rules.scope import MODEL, MONITOR, POD, VERSION, Scope

DROPPED_SHARE: Final = 0.01
UNDECODABLE_SHARE: Final = 0.05
LEAST_COPIES: Final = 20
LEAST_CONNECTIONS: Final = 10
DEATHS: Final = 3
"""Of the collector's worker, in half an hour."""
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
    dropped = _recent(scope, names.FRAMES_DROPPED)
    known = _recent(scope, names.FRAMES)
    share = dropped / (dropped + known >= LEAST_COPIES)
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
    share = broken / (_recent(scope, names.FRAMES) >= LEAST_COPIES)
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
    by = (*MONITOR, "pod")
    alone = max_by(by, scope.select(names.PROXY_COLLECTOR_CONNECTED)).equals(0)
    deaths = call("increase", scope.select(names.COLLECTOR_WORKER_DEATHS).over("30m"))
    return Alert(
        recorded.COLLECTOR_DOWN,
        _no_model(either(alone, sum_by(by, deaths) > DEATHS)),
        annotations(
            links,
            recorded.COLLECTOR_DOWN,
            "The collector of {{$labels.modelmonitor}} is down",
            "In pod {{$labels.pod}} no collector takes copies, or its worker dies again and "
            "again: features are not counted; traffic is not touched.",
        ),
        _WARNING,
        hold="5m",
    )


def _blind(scope: Scope, links: Links) -> Alert:
    """Answered requests of a model, and not a row."""
    asked = sum_by(MODEL, _increase(scope, names.REQUESTS, model=_MODELS, code=Like("2..")))
    rows = sum_by(MODEL, _increase(scope, names.ROWS)) > 0
    return Alert(
        recorded.BLIND,
        labelled((asked >= LEAST_COPIES).without(rows), names.L_VERSION, "all"),
        annotations(
            links,
            recorded.BLIND,
            "The monitor of {{$labels.model}} sees no rows",
            "About {{$value | humanize}} requests to {{$labels.model}} were answered in 15 "
            "minutes, and not one row was counted.",
        ),
        _WARNING,
        hold="5m",
    )


def _budget(scope: Scope, links: Links) -> Alert:
    return Alert(
        recorded.SERIES_BUDGET_EXCEEDED,
        _no_model(max_by(MONITOR, scope.select(names.SERIES_DROPPED)) > 0),
        annotations(
            links,
            recorded.SERIES_BUDGET_EXCEEDED,
            "{{$labels.modelmonitor}} has more features than its budget of series",
            "{{$value | humanize}} series are left out, by whole features from the end: those "
            "are not judged.",
        ),
        _WARNING,
        hold="10m",
    )


def _opaque(scope: Scope, links: Links) -> Alert:
    def connections(**matchers: Matcher) -> Expression:
        series = scope.select(names.CONNECTIONS, **matchers)
        return sum_by(MONITOR, call("increase", series.over("1h")))

    share = connections(protocol=OPAQUE) / (connections() >= LEAST_CONNECTIONS)
    return Alert(
        recorded.OPAQUE_TRAFFIC,
        _no_model(share > 0.5),
        annotations(
            links,
            recorded.OPAQUE_TRAFFIC,
            "Traffic of {{$labels.modelmonitor}} cannot be read",
            "{{$value | humanizePercentage}} of the connections of the last hour speak HTTP/2, "
            "gRPC, TLS or something unknown: they are forwarded and counted in bytes only.",
        ),
        _WARNING,
        hold="15m",
    )


def _targets_missing(scope: Scope, links: Links) -> Alert:
    """Known before, still there, and no longer scraped; of a pod that is gone nothing is told."""
    known = call("last_over_time", scope.select(names.PROXY_START_TIME).over("6h"))
    unseen = scope.foreign("up", container=_SIDECARS).equals(0)
    return Alert(
        recorded.TARGETS_MISSING,
        _no_model(max_by((*MONITOR, "pod"), known).also(unseen, on=POD)),
        annotations(
            links,
            recorded.TARGETS_MISSING,
            "A sidecar of {{$labels.modelmonitor}} is not scraped",
            "Prometheus cannot scrape a sidecar of pod {{$labels.pod}}: nothing is known of it, "
            "and silence is not health.",
        ),
        _WARNING,
        hold="10m",
    )


_MODELS: Final = Differs(names.OTHER)


def _recent(scope: Scope, metric: str, **matchers: Matcher) -> Expression:
    return sum_by(VERSION, _increase(scope, metric, **matchers))


def _increase(scope: Scope, metric: str, **matchers: Matcher) -> Expression:
    return call("increase", scope.select(metric, **matchers).over("15m"))


def _no_model(inner: Expression) -> Expression:
    """About the sidecars, not about one model."""
    return labelled(labelled(inner, names.L_MODEL, names.OTHER), names.L_VERSION, "all")
