"""What live windows are compared with: one copy of what every pod exposes, made ready for joins.

Scraped baselines bear the labels of their pods; a comparison with them as they are matches nothing,
or several at once.  `max by` strips the labels and collapses the copies.
"""

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.promql import (
    Differs,
    Expression,
    Like,
    count_without,
    each_but,
    either,
    labelled,
    max_by,
    sum_without,
)
from modelmonitor_operator.render.rules.baseline_series import base_cells, base_rows, setting
from modelmonitor_operator.render.rules.cells import rows_by_cell
from modelmonitor_operator.render.rules.rule import Group, Record
from modelmonitor_operator.render.rules.scope import (
    BASELINE,
    BIN,
    CELL_LABELS,
    COUNTED_CELL,
    FEATURE,
    MODEL,
    Scope,
    for_each_cell,
)


def baseline_group(scope: Scope) -> Group:
    """Counts, shares, settings and thresholds of every baseline in use."""
    return Group(
        "modelmonitor-baseline",
        "1m",
        (
            Record(recorded.BASELINE_CUMULATIVE_ROWS, _cumulative(scope)),
            Record(
                recorded.BASELINE_CELL_ROWS, rows_by_cell(scope, recorded.BASELINE_CUMULATIVE_ROWS)
            ),
            Record(recorded.BASELINE_ROWS, sum_without(CELL_LABELS, base_cells(scope))),
            Record(recorded.BASELINE_FLAGGED_ROWS, _flagged(scope)),
            Record(recorded.BASELINE_ALL_ROWS, _all_rows(scope)),
            Record(recorded.BASELINE_SHARE, _shares(scope)),
            Record(recorded.BASELINE_STEP, _steps(scope)),
            Record(recorded.FEATURE_SETTING, _copies(scope, names.FEATURE_SETTING, FEATURE)),
            Record(recorded.MODEL_SETTING, _model_settings(scope)),
            Record(recorded.RHO, _by_window(scope, names.BASELINE_RHO, FEATURE)),
            Record(
                recorded.EVIDENCE_THRESHOLD, _by_window(scope, names.EVIDENCE_THRESHOLD, BASELINE)
            ),
            *_thresholds(scope),
            Record(recorded.SEVERITY, _severity(scope)),
        ),
    )


def _cumulative(scope: Scope) -> Expression:
    metrics = f"{names.BASELINE_CUMULATIVE_ROWS}|{names.BASELINE_CATEGORY_ROWS}"
    return max_by(COUNTED_CELL, scope.select("", __name__=Like(metrics)))


def _flagged(scope: Scope) -> Expression:
    """Nothing in a baseline is unseen or out of range."""
    missing = max_by(FEATURE, scope.select(names.BASELINE_MISSING_ROWS))
    rows = {
        recorded.MISSING: missing,
        recorded.INVALID: max_by(FEATURE, scope.select(names.BASELINE_INVALID_ROWS)),
        recorded.UNSEEN: base_rows(scope) * 0,
        recorded.RANGE: base_rows(scope) * 0,
    }
    return either(*(labelled(found, recorded.L_TEST, test) for test, found in rows.items()))


def _all_rows(scope: Scope) -> Expression:
    flagged = sum_without([recorded.L_TEST], scope.select(recorded.BASELINE_FLAGGED_ROWS))
    return base_rows(scope) + flagged


def _shares(scope: Scope) -> Expression:
    """(b + 1/2) / (m + B/2) of the cells, (b + 1/2) / (m + 1) of what is flagged."""
    half = count_without(CELL_LABELS, base_cells(scope)) * 0.5
    flagged = scope.select(recorded.BASELINE_FLAGGED_ROWS)
    every = scope.select(recorded.BASELINE_ALL_ROWS) + 1
    return either(
        (base_cells(scope) + 0.5) / for_each_cell(base_rows(scope) + half),
        (flagged + 0.5) / each_but(every, [recorded.L_TEST]),
    )


def _steps(scope: Scope) -> Expression:
    """A constant has no spread, and so no steps."""
    steps = max_by(BIN, scope.select(names.BASELINE_STEP))
    spread = max_by(FEATURE, scope.select(names.BASELINE_STANDARD_DEVIATION)) > 0
    return steps / each_but(spread, [names.L_BIN])


def _copies(scope: Scope, metric: str, by: tuple[str, ...]) -> Expression:
    return max_by((*by, names.L_SETTING), scope.select(metric))


def _model_settings(scope: Scope) -> Expression:
    series = scope.select(names.SETTING, model=Differs(names.OTHER))
    return max_by((*MODEL, names.L_SETTING), series)


def _by_window(scope: Scope, metric: str, by: tuple[str, ...]) -> Expression:
    return max_by((*by, names.L_WINDOW), scope.select(metric))


def _thresholds(scope: Scope) -> tuple[Record, ...]:
    """The smallest effect that matters, by window; the change detector's own."""
    effect = each_but(setting(scope, "minimum_effect"), [names.L_WINDOW, names.L_SETTING])
    windows = scope.select(recorded.RHO) * 0 + effect
    change = sum_without([names.L_SETTING], setting(scope, "change_threshold"))
    return (
        Record(recorded.THRESHOLD, windows, {recorded.L_TEST: recorded.DRIFT}),
        Record(
            recorded.THRESHOLD,
            change,
            {recorded.L_TEST: recorded.CHANGE, names.L_WINDOW: recorded.SEQUENTIAL},
        ),
    )


def _severity(scope: Scope) -> Expression:
    """What the sidecars say may page is critical: asked for, and not provisional."""
    pages = scope.select(recorded.FEATURE_SETTING, setting=Like("page|change_page"))
    return either(
        labelled(pages.equals(1), recorded.L_SEVERITY, recorded.CRITICAL),
        labelled(pages.equals(0) + 1, recorded.L_SEVERITY, recorded.WARNING),
    )
