"""The third row: every feature, ranked by how far it is from its baseline."""

from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.dashboard import fields, panels
from modelmonitor_operator.render.dashboard.columns import Column, values_by_labels
from modelmonitor_operator.render.dashboard.layout import Row
from modelmonitor_operator.render.dashboard.panel import Panel, Query
from modelmonitor_operator.render.dashboard.scope import WINDOW, Scope
from modelmonitor_operator.render.dashboard.variables import CHOOSABLE
from modelmonitor_operator.render.promql import (
    Differs,
    Expression,
    aggregate,
    call,
    count_by,
    each,
    either,
    labelled,
    max_by,
    number,
)

L_CHOICE: Final = "choice"
"""The feature, where its name may stand in a query as it is; else absent."""
_SHOWN: Final = (names.L_FEATURE, recorded.L_TEST, names.L_VERSION)
_LABELS: Final = (*_SHOWN, L_CHOICE)
_RANKED: Final = (names.L_MODEL, *_SHOWN)
_ABOVE_ALL_RATIOS: Final = 1_000
_LINES: Final = 10


def drift_row(scope: Scope, dashboard_path: str) -> Row:
    """Of the chosen model and versions, in the chosen window."""
    versions = scope.versions
    return Row(
        "Drift of every feature",
        (
            _ranking(versions, _link(scope, dashboard_path)),
            _rollout(scope),
            _drifting(versions),
            _course(versions),
            _changes(versions),
        ),
    )


def judged(scope: Scope, metric: str) -> Expression:
    """A recorded series of the chosen window, of the tests that make verdicts."""
    select = scope.select(metric, window=WINDOW, test=Differs(recorded.WEEK))
    return max_by(_RANKED, select)


def times_threshold(scope: Scope) -> Expression:
    """The score in units of its threshold."""
    return judged(scope, recorded.SCORE) / judged(scope, recorded.THRESHOLD)


def rank(scope: Scope) -> Expression:
    """Drift first, then by score over threshold; last what has not enough data."""
    verdict = judged(scope, recorded.VERDICT)
    near = call("clamp_max", times_threshold(scope), _ABOVE_ALL_RATIOS - 1)
    return verdict * _ABOVE_ALL_RATIOS + either(near, verdict * 0)


def _ranking(scope: Scope, url: str) -> Panel:
    last_week = labelled(
        max_by(_RANKED, scope.select(recorded.SCORE, test=recorded.WEEK)),
        recorded.L_TEST,
        recorded.DRIFT,
    )
    values = (
        Column("", rank(scope)),
        Column("verdict", judged(scope, recorded.VERDICT), fields.colored_cells(fields.VERDICTS)),
        Column("score", judged(scope, recorded.SCORE), {"decimals": 3}),
        Column("threshold", judged(scope, recorded.THRESHOLD), {"decimals": 3}),
        Column("z", judged(scope, recorded.EVIDENCE), {"decimals": 1}),
        Column("z needed", _needed(scope), {"decimals": 1}),
        Column("rows", judged(scope, recorded.ROWS), {"unit": "short", "decimals": 0}),
        Column("last week's score", last_week, {"decimals": 3}),
    )
    columns = [Column(one.name, _choosable(one.expression), one.looks) for one in values]
    return (
        values_by_labels(
            "Features, the furthest from the baseline first",
            "Drift means that the score (how different) is above the threshold, and z (could it be "
            "chance) above what is needed; last week's score compares with that hour a week ago.",
            _LABELS,
            columns,
        )
        .overriding(
            fields.field(names.L_FEATURE, links=fields.link("What changed in it", url)),
            fields.field(L_CHOICE, custom__hidden=True),
            fields.field(names.L_MODEL, custom__hidden=True),
        )
        .saying(panels.NEEDS_ROWS)
        .sized(24, 10)
    )


def _needed(scope: Scope) -> Expression:
    """The z of the false-alarm budget, in every row."""
    by = (names.L_MODEL, names.L_VERSION)
    least = max_by(by, scope.select(recorded.EVIDENCE_THRESHOLD, window=WINDOW))
    return judged(scope, recorded.EVIDENCE) * 0 + each(least, by)


def _choosable(values: Expression) -> Expression:
    return call("label_replace", values, L_CHOICE, "$1", names.L_FEATURE, f"({CHOOSABLE})")


def _link(scope: Scope, dashboard_path: str) -> str:
    """To this dashboard with the row's feature chosen."""
    kept = ["datasource", "model", "model_version", "window"]
    kept += [] if scope.cluster_label is None else ["cluster"]
    chosen = f"var-feature=${{__data.fields.{L_CHOICE}:percentencode}}"
    variables = [*(f"${{{name}:queryparam}}" for name in kept), chosen, "${__url_time_range}"]
    return f"{dashboard_path}?{'&'.join(variables)}"


def _rollout(scope: Scope) -> Panel:
    young = scope.model.select(recorded.ROLLOUT, window=WINDOW)
    return (
        panels.stat(
            "Rollout",
            "While a version, or its baseline, is younger than the window, drift alerts wait.",
            "none",
            Query(aggregate("count", (), young) * 0 + 1, "rollout", "now"),
        )
        .having(mappings=fields.texts({"1": ("under way: drift alerts wait", fields.BLUE)}))
        .saying("none: drift alerts are on")
        .sized(4, 8)
    )


def _drifting(scope: Scope) -> Panel:
    verdicts = judged(scope, recorded.VERDICT)
    drifting = count_by((recorded.L_TEST,), verdicts.equals(1))
    tested = count_by((recorded.L_TEST,), verdicts >= 0)
    return (
        panels.stacked(
            "Features that drift",
            "How many features each kind of test finds drifting.",
            "none",
            Query(either(drifting, tested * 0), "{{test}}"),
        )
        .having(decimals=0)
        .saying(panels.NEEDS_ROWS)
        .sized(6, 8)
    )


def _course(scope: Scope) -> Panel:
    return _nearest(
        "Score by threshold",
        f"The {_LINES} tests with the largest effect, as a multiple of the effect that matters.",
        times_threshold(scope),
        "{{feature}} {{test}} {{model_version}}",
    ).saying(panels.NEEDS_ROWS)


def _changes(scope: Scope) -> Panel:
    sequential = scope.within(test=recorded.CHANGE)
    score, threshold = (
        max_by(_RANKED, sequential.select(metric))
        for metric in (recorded.SCORE, recorded.THRESHOLD)
    )
    return _nearest(
        "Change detector by threshold",
        f"The {_LINES} features with the most evidence, minute by minute, of having changed; "
        "above 1 it is more than the budget of false alarms allows.",
        score / threshold,
        "{{feature}} {{model_version}}",
    ).saying("no data yet: begins with the first rows")


def _nearest(title: str, description: str, multiples: Expression, legend: str) -> Panel:
    nearest = call("topk", number(_LINES), multiples)
    return (
        panels.time_series(title, description, "none", Query(nearest, legend))
        .having(**fields.drawn(fields.GREEN, (1, fields.RED)), decimals=2)
        .sized(7, 8)
    )
