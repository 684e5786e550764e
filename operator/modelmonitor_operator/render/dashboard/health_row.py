"""The last row: the monitor's own health; without it, silence would read as a healthy model."""

from typing import Final

from modelmonitor_api import names
from modelmonitor_operator.render.dashboard import fields, panels
from modelmonitor_operator.render.dashboard.layout import Row
from modelmonitor_operator.render.dashboard.panel import Panel, Query
from modelmonitor_operator.render.dashboard.pods import pods_table
from modelmonitor_operator.render.dashboard.scope import L_POD, Scope, ratio
from modelmonitor_operator.render.promql import (
    Differs,
    Expression,
    call,
    count_by,
    either,
    labelled,
    max_by,
    sum_by,
)

_DROPPED_SHARE: Final = 0.01
_UNDECODABLE_SHARE: Final = 0.05
_BUDGET: Final = "budget"


def health_row(scope: Scope) -> Row:
    """Of the whole monitor: all its models and pods."""
    return Row(
        "The monitor's own health",
        (
            _fates(scope),
            _lost(scope),
            _rows(scope),
            _collectors(scope),
            _memory(scope),
            _processor(scope),
            _series(scope),
            _connections(scope),
            _faults(scope),
            pods_table(scope),
        ),
        folded=True,
    )


def copies(scope: Scope) -> Expression:
    """Copies per second by what became of them."""
    by = (names.L_OUTCOME,)
    dropped = scope.rate(names.FRAMES_DROPPED)
    why = call("label_replace", dropped, names.L_OUTCOME, "dropped: $1", names.L_REASON, "(.*)")
    return either(sum_by(by, scope.rate(names.FRAMES)), sum_by(by, why))


def _fates(scope: Scope) -> Panel:
    return panels.stacked(
        "What became of the copies",
        "Copies of requests per second: decoded are counted, undecodable are in no known form, "
        "skipped are left out on purpose, dropped found no room or no collector.",
        "reqps",
        Query(copies(scope), "{{outcome}}"),
    ).saying("no inference requests yet")


def _lost(scope: Scope) -> Panel:
    known, dropped, undecodable = (
        sum_by((), series)
        for series in (
            scope.rate(names.FRAMES),
            scope.rate(names.FRAMES_DROPPED),
            scope.rate(names.FRAMES, outcome="undecodable"),
        )
    )
    total = known + either(dropped, known * 0)
    steps = ((_DROPPED_SHARE, fields.ORANGE), (_UNDECODABLE_SHARE, fields.RED))
    return (
        panels.time_series(
            "Copies lost",
            "Share of the copies that were dropped (an alert above 1 %) or not decodable (above "
            "5 %): statistics see fewer rows, traffic is not touched.",
            "percentunit",
            Query(ratio(dropped, total), "dropped"),
            Query(ratio(undecodable, known), "undecodable"),
        )
        .having(**fields.drawn(fields.GREEN, *steps))
        .saying("no inference requests yet")
    )


def _rows(scope: Scope) -> Panel:
    model = (names.L_MODEL,)
    return panels.time_series(
        "Rows counted",
        "Rows per second of each model; a request may carry many.",
        "cps",
        Query(sum_by(model, scope.rate(names.ROWS)), "{{model}}"),
        Query(sum_by(model, scope.rate(names.ROWS_INVALID)), "{{model}}, not readable as rows"),
    ).saying("no rows yet")


def _collectors(scope: Scope) -> Panel:
    connected = scope.select(names.PROXY_COLLECTOR_CONNECTED)
    return (
        panels.time_series(
            "Pods with a collector",
            "Proxies whose collector takes copies, of all proxies that are scraped; fewer means "
            "that features of some pods are not counted.",
            "none",
            Query(sum_by((), connected), "with a collector"),
            Query(count_by((), connected), "all"),
        )
        .overriding(fields.reference("all"))
        .having(decimals=0)
        .saying("not scraped")
    )


def _memory(scope: Scope) -> Panel:
    return panels.time_series(
        "Memory of the sidecars",
        "Resident memory of each worker.",
        "bytes",
        *_of_both(scope, names.PROXY_MEMORY, names.COLLECTOR_MEMORY),
    ).saying("not scraped")


def _of_both(scope: Scope, proxy: str, collector: str) -> tuple[Query, Query]:
    return (
        Query(max_by((L_POD,), scope.select(proxy)), "proxy {{pod}}"),
        Query(max_by((L_POD,), scope.select(collector)), "collector {{pod}}"),
    )


def _processor(scope: Scope) -> Panel:
    return panels.time_series(
        "Processor time of the sidecars",
        "Share of one core that each worker uses.",
        "percentunit",
        Query(sum_by((L_POD,), scope.rate(names.PROXY_CPU)), "proxy {{pod}}"),
        Query(sum_by((L_POD,), scope.rate(names.COLLECTOR_CPU)), "collector {{pod}}"),
    ).saying("not scraped")


def _series(scope: Scope) -> Panel:
    return (
        panels.time_series(
            "Series of features",
            "Series that each collector exposes; above the budget (dashed) whole features are left "
            "out and not judged.",
            "short",
            Query(max_by((L_POD,), scope.select(names.SERIES)), "{{pod}}"),
            Query(max_by((L_POD,), scope.select(names.SERIES_DROPPED)) > 0, "left out {{pod}}"),
            Query(max_by((), scope.select(names.SERIES_BUDGET)), _BUDGET),
        )
        .overriding(fields.reference(_BUDGET, fields.RED))
        .saying("not scraped")
    )


def _connections(scope: Scope) -> Panel:
    return panels.stacked(
        "Connections by what they speak",
        "New connections per second; only http1 can be read, all others are forwarded unread.",
        "cps",
        Query(sum_by((names.L_PROTOCOL,), scope.rate(names.CONNECTIONS)), "{{protocol}}"),
    ).saying("no connections yet")


def _faults(scope: Scope) -> Panel:
    deaths = either(
        _named(scope.rate(names.PROXY_WORKER_DEATHS), "proxy workers died"),
        _named(scope.rate(names.COLLECTOR_WORKER_DEATHS), "collector workers died"),
        _named(scope.rate(names.PROXY_LOOP_FAILURES), "proxy faults"),
        _named(scope.rate(names.COLLECTOR_ERRORS), "collector faults"),
        _named(scope.rate(names.PROXY_CONFIGURATION_FAILURES), "configurations refused"),
        _named(scope.rate(names.PROXY_DIALS, outcome=Differs("connected")), "dials refused"),
    )
    return panels.time_series(
        "Faults",
        "Faults of the sidecars per second, each survived and logged, and dials that the model "
        "server refused.",
        "cps",
        Query(deaths, "{{cause}}"),
    ).saying("none")


def _named(series: Expression, what: str) -> Expression:
    return labelled(sum_by((), series), names.L_CAUSE, what)
