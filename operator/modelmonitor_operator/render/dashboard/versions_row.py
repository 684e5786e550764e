"""The sixth row: versions of the chosen model side by side."""

from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.dashboard import fields, panels
from modelmonitor_operator.render.dashboard.columns import Column, values_by_labels
from modelmonitor_operator.render.dashboard.drift_row import times_threshold
from modelmonitor_operator.render.dashboard.layout import Row
from modelmonitor_operator.render.dashboard.panel import Panel, Query
from modelmonitor_operator.render.dashboard.scope import L_POD, Scope
from modelmonitor_operator.render.dashboard.traffic_row import error_ratio, mean_latency
from modelmonitor_operator.render.promql import Expression, count_by, max_by, sum_by, time

_VERSION: Final = (names.L_VERSION,)
_LEGEND: Final = "{{model_version}}"


def versions_row(scope: Scope) -> Row:
    """Of the chosen model; the proxy says `unknown` where only answers name their version."""
    model = scope.model
    requests = sum_by(_VERSION, model.rate(names.REQUESTS))
    pods = count_by(_VERSION, max_by((*_VERSION, L_POD), model.select(names.ROWS)))
    return Row(
        "Versions side by side",
        (
            _by_version("Requests by version", "Requests per second.", "reqps", requests),
            _by_version(
                "Errors by version",
                "Share of the requests that the server failed (5xx).",
                "percentunit",
                error_ratio(model, *_VERSION),
            ),
            _by_version(
                "Mean latency by version",
                "Mean time from a request's first byte to its answer's last.",
                "s",
                mean_latency(model, *_VERSION),
            ),
            _furthest(model),
            _by_version("Pods by version", "Pods that count rows of it.", "none", pods),
            _by_version(
                "Memory by version",
                "Mean memory of a pod's own containers, without ours.",
                "bytes",
                max_by(_VERSION, model.select(recorded.MEMORY_BYTES)),
            ).saying("needs the kubelet's metrics in this data source"),
            _baselines(model),
        ),
        folded=True,
    )


def _by_version(title: str, description: str, unit: str, expression: Expression) -> Panel:
    return panels.time_series(title, description, unit, Query(expression, _LEGEND)).saying(
        "no requests yet"
    )


def _furthest(scope: Scope) -> Panel:
    worst = max_by(_VERSION, times_threshold(scope))
    return (
        _by_version(
            "Largest score by threshold",
            "The furthest feature of each version in the chosen window, as a multiple of the "
            "effect that matters.",
            "none",
            worst,
        )
        .having(**fields.drawn(fields.GREEN, (1, fields.RED)), decimals=2)
        .saying(panels.NEEDS_ROWS)
    )


def _baselines(scope: Scope) -> Panel:
    labels = (names.L_VERSION, names.L_BASELINE)
    trained = scope.select(recorded.BASELINE_ALL_ROWS)
    created = max_by(labels, scope.select(names.BASELINE_CREATED))
    live = max_by(labels, sum_by((*labels, L_POD), scope.select(names.ROWS)))
    return (
        values_by_labels(
            "Baselines in use",
            "What each version is compared with (none: no baseline fits it), how many training "
            "rows that has, and how old it is.",
            labels,
            [
                Column("", live),
                Column("training rows", max_by(labels, trained), {"unit": "short"}),
                Column("age", time() - created, {"unit": "s"}),
            ],
        )
        .saying("no rows yet")
        .sized(24, 6)
    )
