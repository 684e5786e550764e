"""Marks over all charts: versions that appear, rollouts, alerts that fire."""

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.dashboard.panel import DATA_SOURCE, Json
from modelmonitor_operator.render.dashboard.scope import L_ALERT, Scope
from modelmonitor_operator.render.promql import Expression, call, count_by, max_by, sum_by

_VERSION = (names.L_MODEL, names.L_VERSION)


def annotations(scope: Scope) -> list[Json]:
    """Of the whole monitor: a version of one model may move the features of another."""
    rollouts = max_by((names.L_MODEL,), scope.select(recorded.ROLLOUT))
    alerts = (recorded.L_SEVERITY, L_ALERT, names.L_MODEL, names.L_VERSION, names.L_FEATURE)
    return [
        _mark("New version", "blue", new_versions(scope), "{{model}} {{model_version}}"),
        _mark("Rollout", "super-light-blue", rollouts, "{{model}}: drift alerts wait"),
        _mark(
            "Alerts",
            "red",
            count_by(alerts, scope.firing()),
            "{{alertname}} {{model}} {{model_version}} {{feature}}",
        ),
    ]


def new_versions(scope: Scope) -> Expression:
    """Versions that count rows now and did not between 20 and 5 minutes ago."""
    rows = scope.select(names.ROWS)
    before = call("last_over_time", rows.over("15m", offset="5m"))
    return sum_by(_VERSION, rows).without(sum_by(_VERSION, before))


def _mark(name: str, color: str, expression: Expression, text: str) -> Json:
    return {
        "datasource": DATA_SOURCE,
        "enable": True,
        "expr": expression.text,
        "hide": False,
        "iconColor": color,
        "name": name,
        "step": "60s",
        "tagKeys": names.L_MODEL,
        "textFormat": text,
        "titleFormat": name,
        "useValueForTime": False,
    }
