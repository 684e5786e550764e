"""The first row: is it healthy, since when, which alert, what to do."""

from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.dashboard import fields, panels
from modelmonitor_operator.render.dashboard.columns import Column, values_by_labels
from modelmonitor_operator.render.dashboard.layout import Row
from modelmonitor_operator.render.dashboard.panel import Panel, Query
from modelmonitor_operator.render.dashboard.scope import (
    ALERTS,
    ALERTS_SINCE,
    L_ALERT,
    WINDOW,
    Scope,
)
from modelmonitor_operator.render.promql import (
    Differs,
    Expression,
    aggregate,
    call,
    either,
    max_by,
    time,
)

SHOWN_LABELS: Final = (
    recorded.L_SEVERITY,
    L_ALERT,
    names.L_MODEL,
    names.L_VERSION,
    names.L_FEATURE,
    names.L_WINDOW,
)
_IDENTITY: Final = (recorded.L_NAMESPACE, names.L_MONITOR, *SHOWN_LABELS, recorded.L_TEST)
"""Labels that tell alerts apart; `ALERTS_FOR_STATE` has all of them but `alertstate`."""

HEALTH: Final = fields.texts(
    {
        "2": ("act now", fields.RED),
        "1": ("look today", fields.ORANGE),
        "0": ("healthy", fields.GREEN),
        "-1": ("not enough data yet", fields.GREY),
        "-2": ("no baseline", fields.GREY),
    }
)
_MILLISECONDS: Final = 1_000


def status_row(scope: Scope, runbook_url: str) -> Row:
    """Four answers in one line, details below."""
    return Row(
        "Is it healthy, since when, which alert, what to do",
        (
            _health(scope),
            _since(scope),
            _firing(scope, runbook_url),
            _advice(runbook_url),
            _tests(scope),
            _evidence(scope),
        ),
    )


def health(scope: Scope) -> Expression:
    """2 a page, 1 a ticket, 0 neither, -1 no verdicts yet, -2 nothing to judge by; nothing where
    nothing is scraped.
    """
    baselines = aggregate("max", (), scope.select(names.SETTING, setting="baselines"))
    return either(
        _any(scope.firing(severity=recorded.CRITICAL)) + 2,
        _any(scope.firing(severity=recorded.WARNING)) + 1,
        _any(scope.select(recorded.VERDICT) >= 0),
        baselines.equals(0) - 2,
        _any(scope.select(names.MONITOR_INFO)) - 1,
    )


def since(scope: Scope) -> Expression:
    """Milliseconds since 1970 at which the oldest alert began, or the last one ended."""
    began = scope.select(ALERTS_SINCE).also(scope.firing(), on=_IDENTITY)
    fired = call("max_over_time", call("timestamp", scope.firing()).each("7d", "5m"))
    seconds = either(aggregate("min", (), began), max_by((), fired))
    return seconds * _MILLISECONDS


def _health(scope: Scope) -> Panel:
    return (
        panels.stat(
            "Healthy?",
            "What the alerts that fire ask for: act now (a page), look today (a ticket), nothing. "
            "Without a baseline only requests are watched.",
            "none",
            Query(health(scope), "health", "now"),
        )
        .having(mappings=HEALTH)
        .saying("not seen: is the sidecar scraped?")
        .sized(4, 8)
    )


def _since(scope: Scope) -> Panel:
    return (
        panels.stat(
            "Since",
            "When the oldest alert that fires began; while none fires, when the last one ended.",
            "dateTimeFromNow",
            Query(since(scope), "since", "now"),
        )
        .saying("no alert in 7 days")
        .sized(4, 8)
    )


def _firing(scope: Scope, runbook_url: str) -> Panel:
    began = scope.select(ALERTS_SINCE).also(scope.firing(), on=_IDENTITY)
    return (
        values_by_labels(
            "Which alert",
            "Alerts that fire, the oldest first; the name leads to its page in the runbook.",
            SHOWN_LABELS,
            [Column("for", max_by(SHOWN_LABELS, time() - began), {"unit": "s"})],
        )
        .overriding(
            fields.field(recorded.L_SEVERITY, **fields.colored_cells(fields.SEVERITIES)),
            fields.field(
                L_ALERT,
                links=fields.link(
                    "What to do", f"{runbook_url}/${{__data.fields.{L_ALERT}:percentencode}}.md"
                ),
            ),
        )
        .saying("no alert fires")
        .sized(10, 8)
    )


def _advice(runbook_url: str) -> Panel:
    return panels.text(
        "What to do",
        "The way from an alert to its cause.",
        f"""1. Open the alert's page: its name leads there, or [all pages]({runbook_url}).
2. **act now**: users feel it. Errors, latency, no traffic are in the next row.
3. **look today**: the data changed. Under *Drift*, the name of a feature shows what changed in it.
4. **not enough data yet**: no window had enough rows so far. Nothing to do.
5. **no baseline**: only requests are watched, no feature. Count the training data, `modelmonitor
   baseline build train.csv --configmap NAME | kubectl apply -f -`, and name it in the monitor:
   `spec.models[].baselines: [{{configMap: NAME}}]`.
6. **not seen**, or numbers that stand still: the last row shows the monitor's own health.
""",
    ).sized(6, 8)


def _tests(scope: Scope) -> Panel:
    verdicts = scope.select(
        recorded.VERDICT, window=WINDOW, test=Differs(recorded.WEEK), model=Differs(names.OTHER)
    )
    counted = ((1, "drift"), (0, "ok"), (-1, "not enough data"))
    return (
        panels.stat(
            "Tests in the chosen window",
            "How many tests of features came to which verdict; a feature has up to five.",
            "none",
            *(
                Query(_count_of(verdicts, verdicts.equals(value)), legend, "now")
                for value, legend in counted
            ),
        )
        .having(color={"mode": "fixed", "fixedColor": fields.GREY})
        .overriding(
            fields.field("drift", color={"mode": "thresholds"}, thresholds=_red_from_one()),
            fields.field("ok", color={"mode": "fixed", "fixedColor": fields.GREEN}),
        )
        .saying(panels.NEEDS_ROWS)
        .sized(8, 6)
    )


def _red_from_one() -> dict[str, object]:
    return fields.thresholds(fields.GREEN, (1, fields.RED))


def _evidence(scope: Scope) -> Panel:
    return panels.alert_list(
        "Alerts with their evidence",
        "The same alerts with their texts, pending ones too; needs a data source whose rules "
        "Grafana may read.",
        scope.select(ALERTS).text.removeprefix(ALERTS),
    ).sized(16, 6)


def _any(samples: Expression) -> Expression:
    """0 if there are any."""
    return aggregate("count", (), samples) * 0


def _count_of(every: Expression, some: Expression) -> Expression:
    return either(aggregate("count", (), some), _any(every))
