"""The fifth row: what the model answers."""

from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.dashboard import fields, panels, shapes
from modelmonitor_operator.render.dashboard.layout import Row
from modelmonitor_operator.render.dashboard.panel import Panel, Query
from modelmonitor_operator.render.dashboard.scope import WINDOW, Scope, ratio
from modelmonitor_operator.render.promql import (
    Expression,
    Like,
    max_by,
    sum_by,
)

OUTPUTS: Final = Like("prediction|score")
_VERSION: Final = (names.L_VERSION,)
_BY: Final = (names.L_FEATURE, *_VERSION)
_NEEDS_BASELINE: Final = "no data yet: needs predictions in the baseline and 200 rows in a window"


def prediction_row(scope: Scope) -> Row:
    """Predictions and scores of the chosen model and versions, in the chosen window."""
    versions = scope.versions
    return Row(
        "Predictions",
        (_distribution(versions), _drift(versions), _mean(versions), _unusable(versions)),
    )


def outputs(scope: Scope, series: Expression) -> Expression:
    """Those of the series that belong to predictions or scores."""
    info = scope.select(names.BASELINE_FEATURE_INFO, role=OUTPUTS)
    return series.also(info, on=(*_BY, names.L_BASELINE))


def _distribution(scope: Scope) -> Panel:
    return (
        shapes.distribution(
            "Predictions: baseline and live",
            outputs(scope, shapes.baseline_cells(scope)),
            outputs(scope, shapes.live_cells(scope)),
            " $2, version $1",
        )
        .saying(_NEEDS_BASELINE)
        .sized(12, 9)
    )


def _drift(scope: Scope) -> Panel:
    score, threshold = (
        max_by(_BY, outputs(scope, scope.select(metric, window=WINDOW, test=recorded.DRIFT)))
        for metric in (recorded.SCORE, recorded.THRESHOLD)
    )
    return (
        panels.time_series(
            "Drift of the predictions",
            "How differently the model answers than on the training data; dashed: the effect that "
            "matters.",
            "none",
            Query(score, "{{feature}} {{model_version}}"),
            Query(threshold, "threshold {{feature}} {{model_version}}"),
        )
        .overriding(fields.reference("^threshold", fields.RED))
        .saying(_NEEDS_BASELINE)
        .sized(12, 9)
    )


def _mean(scope: Scope) -> Panel:
    live = max_by(_BY, outputs(scope, shapes.mean(scope)))
    usual = max_by(_BY, outputs(scope, scope.select(names.BASELINE_MEAN)))
    return (
        panels.time_series(
            "Mean of the predictions",
            "Mean of numeric predictions and of scores; dashed: in the training data.",
            "none",
            Query(live, "{{feature}} {{model_version}}"),
            Query(usual, "baseline {{feature}} {{model_version}}"),
        )
        .having(min=None)
        .overriding(fields.reference("^baseline"))
        .saying("no numeric predictions yet")
        .sized(12, 8)
    )


def _unusable(scope: Scope) -> Panel:
    rows = sum_by(_VERSION, scope.rate(names.ROWS))
    found = {
        "no prediction found": scope.rate(names.ROWS_WITHOUT_PREDICTION),
        "missing or NaN": outputs(scope, scope.rate(names.FEATURE_MISSING_ROWS)),
        "infinite or unreadable": outputs(scope, scope.rate(names.FEATURE_INVALID_ROWS)),
    }
    return (
        panels.time_series(
            "Rows without a usable prediction",
            "Share of the rows whose prediction or score was not in the answer, or is no number.",
            "percentunit",
            *(
                Query(ratio(sum_by(_VERSION, lost), rows), f"{why} {{{{model_version}}}}")
                for why, lost in found.items()
            ),
        )
        .saying("no rows yet")
        .sized(12, 8)
    )
