"""The dashboard over all monitors, the worst first."""

from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.dashboard import fields, panels
from modelmonitor_operator.render.dashboard.columns import Column, values_by_labels
from modelmonitor_operator.render.dashboard.frame import Identity, dashboard
from modelmonitor_operator.render.dashboard.layout import Row
from modelmonitor_operator.render.dashboard.panel import Json, Panel, Query
from modelmonitor_operator.render.dashboard.scope import L_POD, Scope, fleet_scope, not_other, ratio
from modelmonitor_operator.render.dashboard.variables import fleet_variables
from modelmonitor_operator.render.promql import (
    Differs,
    Expression,
    aggregate,
    call,
    count_by,
    each,
    either,
    max_by,
    sum_by,
)
from modelmonitor_operator.render.rules.scope import MODEL, MONITOR
from modelmonitor_operator.render.rules.service_group import SERVER_ERRORS

_REMEMBERED: Final = "1d"
"""For how long a monitor stays in the list after nothing of it is scraped any more."""
_PAGE: Final = 1_000_000
_TICKET: Final = 1_000
_FAR: Final = 999
_SHOWN: Final = (*MODEL, names.L_DASHBOARD)
_LINES: Final = 10


def fleet_dashboard(cluster_label: str | None = None) -> Json:
    """Classic JSON; the same for any number of monitors, which come in when it is read."""
    scope = fleet_scope(cluster_label)
    identity = Identity(
        names.FLEET_DASHBOARD,
        "Model monitors",
        "All model monitors, the worst first; each leads to its own dashboard.",
        "now-24h",
    )
    rows = (
        Row("How many are well", _counts(scope)),
        Row("All models, the worst first", (_models(scope),)),
        Row("Over time", (_alerts(scope), _furthest(scope), _requests(scope))),
    )
    return dashboard(identity, rows, fleet_variables(scope), [])


def badness(scope: Scope) -> Expression:
    """By model: pages first, then tickets, then by score over threshold; 0 for the rest."""
    worst = call("clamp_max", times_threshold(scope), _FAR)
    nothing = known(scope) * 0
    return (
        either(_firing(scope, recorded.CRITICAL), nothing) * _PAGE
        + either(_firing(scope, recorded.WARNING), nothing) * _TICKET
        + either(worst, nothing)
    )


def known(scope: Scope) -> Expression:
    """1 for each model, and for each monitor itself (`__other__`) while it has an alert."""
    settings = scope.select(names.SETTING, setting="confirm", model=not_other()).over(_REMEMBERED)
    seen = max_by(MODEL, call("last_over_time", settings)) * 0 + 1
    return either(seen, count_by(MODEL, scope.firing()) * 0 + 1)


def times_threshold(scope: Scope) -> Expression:
    """Largest score by threshold of the tests that had enough rows, by model."""
    score, threshold = (
        scope.select(metric, test=Differs(recorded.WEEK))
        for metric in (recorded.SCORE, recorded.THRESHOLD)
    )
    enough = scope.select(recorded.VERDICT) >= 0
    return max_by(MODEL, (score / threshold).also(enough))


def _firing(scope: Scope, severity: str) -> Expression:
    return count_by(MODEL, scope.firing(severity=severity))


def _models(scope: Scope) -> Panel:
    critical, warning = (_firing(scope, one) for one in (recorded.CRITICAL, recorded.WARNING))
    drifting = count_by(MODEL, scope.select(recorded.VERDICT).equals(1))
    requests = sum_by(MODEL, scope.rate(names.REQUESTS, model=not_other()))
    failed = sum_by(MODEL, scope.rate(names.REQUESTS, model=not_other(), code=SERVER_ERRORS))
    rows = sum_by(MODEL, scope.rate(names.ROWS))
    columns = [
        Column("", badness(scope)),
        Column("", _with_dashboard(scope)),
        Column("act now", critical, _alarming(fields.RED)),
        Column("look today", warning, _alarming(fields.ORANGE)),
        Column("score by threshold", times_threshold(scope), _above_one()),
        Column("tests that drift", drifting, {"decimals": 0}),
        Column("requests", requests, {"unit": "reqps"}),
        Column("errors", ratio(failed, requests), {"unit": "percentunit"}),
        Column("rows", rows, {"unit": "cps"}),
    ]
    url = (
        f"/d/${{__data.fields.{names.L_DASHBOARD}:percentencode}}?${{datasource:queryparam}}"
        f"{_cluster(scope)}&var-model=${{__data.fields.{names.L_MODEL}:percentencode}}"
        "&${__url_time_range}"
    )
    return (
        values_by_labels(
            "Models",
            "First those with pages, then with tickets, then by how far the furthest feature is "
            "(above 1: more than matters); alerts about a monitor itself stand at __other__.",
            _SHOWN,
            columns,
        )
        .overriding(
            fields.field(names.L_MONITOR, links=fields.link("Its dashboard", url)),
            fields.field(names.L_DASHBOARD, custom__hidden=True),
        )
        .saying("no monitor is scraped")
        .sized(24, 14)
    )


def _with_dashboard(scope: Scope) -> Expression:
    """What is known, with the uid of its dashboard."""
    info = call("last_over_time", scope.select(names.MONITOR_INFO).over(_REMEMBERED))
    uids = max_by((*MONITOR, names.L_DASHBOARD), info)
    return max_by(_SHOWN, known(scope) * each(uids, MONITOR, (names.L_DASHBOARD,)))


def _cluster(scope: Scope) -> str:
    return "" if scope.cluster_label is None else "&${cluster:queryparam}"


def _counts(scope: Scope) -> tuple[Panel, ...]:
    info = call("last_over_time", scope.select(names.MONITOR_INFO).over(_REMEMBERED))
    monitors = count_by(MONITOR, info)
    pages, tickets = (
        count_by(MONITOR, scope.firing(severity=one))
        for one in (recorded.CRITICAL, recorded.WARNING)
    )
    drifting = count_by(MODEL, scope.select(recorded.VERDICT).equals(1))
    pods = count_by((recorded.L_NAMESPACE, L_POD), scope.select(names.PROXY_START_TIME))
    return (
        _number("Monitors", "Monitors that were scraped in the last day.", monitors, monitors),
        _number("Act now", "Monitors with a page.", pages, monitors, fields.RED),
        _number("Look today", "Monitors with a ticket.", tickets, monitors, fields.ORANGE),
        _number(
            "Drifting", "Models with a test that finds drift.", drifting, monitors, fields.ORANGE
        ),
        _number("Pods", "Pods with a sidecar that are scraped.", pods, monitors),
    )


def _number(
    title: str, description: str, found: Expression, known_ones: Expression, color: str = ""
) -> Panel:
    """How many there are; 0, not nothing, while any monitor is known."""
    count = either(aggregate("count", (), found), aggregate("count", (), known_ones) * 0)
    steps = ((1, color),) if color else ()
    return (
        panels.stat(title, description, "none", Query(count, title, "now"))
        .having(thresholds=fields.thresholds(fields.GREEN if color else fields.GREY, *steps))
        .saying("no monitor is scraped")
        .sized(4, 4)
    )


def _alerts(scope: Scope) -> Panel:
    return panels.stacked(
        "Alerts",
        "Alerts that fire, by name.",
        "none",
        Query(count_by(("alertname",), scope.firing()), "{{alertname}}"),
    ).saying("no alert fires")


def _furthest(scope: Scope) -> Panel:
    furthest = call("topk", _LINES, times_threshold(scope))
    return (
        panels.time_series(
            "Furthest models",
            f"The {_LINES} models whose furthest feature is furthest, as a multiple of the effect "
            "that matters.",
            "none",
            Query(furthest, "{{namespace}}/{{modelmonitor}} {{model}}"),
        )
        .having(**fields.drawn(fields.GREEN, (1, fields.RED)), decimals=2)
        .saying(panels.NEEDS_ROWS)
    )


def _requests(scope: Scope) -> Panel:
    requests = sum_by(MODEL, scope.rate(names.REQUESTS, model=not_other()))
    return panels.time_series(
        "Busiest models",
        f"Requests per second of the {_LINES} models that are asked most.",
        "reqps",
        Query(call("topk", _LINES, requests), "{{namespace}}/{{modelmonitor}} {{model}}"),
    ).saying("no requests yet")


def _alarming(color: str) -> dict[str, object]:
    return {
        "custom__cellOptions": {"mode": "basic", "type": "color-background"},
        "thresholds": fields.thresholds("transparent", (1, color)),
        "decimals": 0,
    }


def _above_one() -> dict[str, object]:
    return {
        "decimals": 2,
        "custom__cellOptions": {"type": "color-text"},
        "thresholds": fields.thresholds(fields.GREEN, (1, fields.ORANGE)),
    }
