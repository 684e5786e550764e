"""What arrives and what is predicted: drift, changes, shares, columns.  Tickets, unless asked."""

from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.promql import (
    Expression,
    Like,
    call,
    each,
    each_but,
    either,
    labelled,
    sum_by,
)
from modelmonitor_operator.render.rules.alerts.annotations import (
    MODEL_TEXT,
    Links,
    annotations,
    evidence,
    of_feature,
)
from modelmonitor_operator.render.rules.baseline_series import severity
from modelmonitor_operator.render.rules.rule import Alert
from modelmonitor_operator.render.rules.scope import BASELINE, FEATURE, MODEL, Scope
from modelmonitor_operator.render.rules.verdicts import LOUDNESS

INPUTS: Final = "input"
OUTPUTS: Final = Like("prediction|score")
COLUMN_SHARE: Final = 0.01
"""Of the rows: fewer strangers are noise."""
LEAST_ROWS: Final = 10
"""With the fault: fewer are somebody who tries something."""
_RECENT: Final = "15m"
_KEEP: Final = "10m"
_EVIDENCE: Final = evidence(recorded.ROWS, recorded.SCORE, recorded.THRESHOLD, recorded.EVIDENCE)
_SHARES: Final = (
    (recorded.MISSING_VALUES, recorded.MISSING, "is missing more often"),
    (recorded.INVALID_VALUES, recorded.INVALID, "holds invalid values"),
    (recorded.UNSEEN_CATEGORIES, recorded.UNSEEN, "has categories that training never saw"),
    (recorded.OUT_OF_RANGE, recorded.RANGE, "is out of the range of the training data"),
)


def data_alerts(scope: Scope, links: Links) -> tuple[Alert, ...]:
    """One for each way in which data can go wrong."""
    drift = scope.select(recorded.ALARM, test=recorded.DRIFT)
    inputs, outputs = (
        drift.also(scope.select(names.BASELINE_FEATURE_INFO, role=role), on=FEATURE)
        for role in (INPUTS, OUTPUTS)
    )
    return (
        _judged(links, recorded.FEATURE_DRIFT, inputs, "has drifted"),
        _change(scope, links),
        _judged(links, recorded.PREDICTION_DRIFT, outputs, "has drifted"),
        *(
            _judged(links, name, scope.select(recorded.ALARM, test=test), what)
            for name, test, what in _SHARES
        ),
        _column_missing(scope, links),
        _column_unexpected(scope, links),
        _not_finite(scope, links),
    )


def _judged(links: Links, name: str, alarm: Expression, what: str) -> Alert:
    texts = annotations(
        links,
        name,
        f"{{{{$labels.feature}}}} of {{{{$labels.model}}}} {what}",
        f"{{{{$labels.feature}}}} of {MODEL_TEXT} {what} ({{{{$labels.window}}}}, baseline "
        f"{{{{$labels.baseline}}}}): {_EVIDENCE}",
    )
    return Alert(name, alarm, of_feature(texts), keep=_KEEP)


def _change(scope: Scope, links: Links) -> Alert:
    """Evidence of a change, where a window drifts as well: once is enough.

    Where healthy days differ, evidence alone exceeds any threshold if only rows are many.  The
    window has to be older than the version's rollout, as for drift.
    """
    score, threshold = (
        scope.select(name, window=recorded.SEQUENTIAL)
        for name in (recorded.SCORE, recorded.THRESHOLD)
    )
    drifting = scope.select(recorded.VERDICT, test=recorded.DRIFT).equals(1)
    rollout = scope.select(recorded.ROLLOUT)
    matters = drifting.without(rollout, on=(*MODEL, names.L_WINDOW))
    alarm = (score > threshold).also_but(matters, LOUDNESS)
    texts = annotations(
        links,
        recorded.FEATURE_CHANGE,
        "{{$labels.feature}} of {{$labels.model}} has changed",
        f"{{{{$labels.feature}}}} of {MODEL_TEXT} has changed against baseline "
        f"{{{{$labels.baseline}}}} (log evidence, minute by minute): "
        f"{evidence(recorded.SCORE, recorded.THRESHOLD)}",
    )
    loud = each_but(severity(scope, "change_page"), LOUDNESS, [recorded.L_SEVERITY])
    return Alert(recorded.FEATURE_CHANGE, alarm * loud, of_feature(texts), keep=_KEEP)


def _column_missing(scope: Scope, links: Links) -> Alert:
    """A client may leave out what is null: as much as was missing in training is usual."""
    absent = sum_by(FEATURE, _recent(scope, names.FEATURE_ABSENT_ROWS)) >= LEAST_ROWS
    rows = sum_by(BASELINE, _recent(scope, names.ROWS))
    texts = annotations(
        links,
        recorded.COLUMN_MISSING,
        "Requests to {{$labels.model}} lack column {{$labels.feature}}",
        f"{{{{$value | humanizePercentage}}}} of the rows of 15 minutes to {MODEL_TEXT} lack "
        "column {{$labels.feature}} of the baseline.",
    )
    usual = scope.select(recorded.BASELINE_SHARE, test=recorded.MISSING)
    return Alert(
        recorded.COLUMN_MISSING,
        absent / each(rows, BASELINE) > each_but(usual + COLUMN_SHARE, [recorded.L_TEST]),
        of_feature(texts),
        {recorded.L_SEVERITY: recorded.WARNING},
        hold="5m",
    )


def _column_unexpected(scope: Scope, links: Links) -> Alert:
    strange = sum_by(BASELINE, _recent(scope, names.ROWS_UNEXPECTED_COLUMN)) >= LEAST_ROWS
    rows = sum_by(BASELINE, _recent(scope, names.ROWS))
    return Alert(
        recorded.COLUMN_UNEXPECTED,
        strange / rows > COLUMN_SHARE,
        annotations(
            links,
            recorded.COLUMN_UNEXPECTED,
            "Requests to {{$labels.model}} have columns that the baseline lacks",
            f"{{{{$value | humanizePercentage}}}} of the rows of 15 minutes to {MODEL_TEXT} have "
            "a column that the baseline lacks; a pod's status page names it.",
        ),
        {recorded.L_SEVERITY: recorded.WARNING},
        hold="5m",
    )


def _not_finite(scope: Scope, links: Links) -> Alert:
    """NaN and null are missing, infinity is invalid; only where the baseline had none missing."""
    outputs = scope.select(names.BASELINE_FEATURE_INFO, role=OUTPUTS)
    whole = scope.select(recorded.BASELINE_FLAGGED_ROWS, test=recorded.MISSING).equals(0)
    missing = sum_by(FEATURE, _recent(scope, names.FEATURE_MISSING_ROWS))
    missing = missing.also_but(whole, [recorded.L_TEST])
    infinite = sum_by(FEATURE, _recent(scope, names.FEATURE_INVALID_ROWS, reason="infinite"))
    found = either(
        labelled(missing, names.L_REASON, "NaN or missing"),
        labelled(infinite, names.L_REASON, "infinity"),
    )
    texts = annotations(
        links,
        recorded.PREDICTION_NOT_FINITE,
        "{{$labels.model}} answers with {{$labels.reason}}",
        f"{MODEL_TEXT} answered about {{{{$value | humanize}}}} times in 15 minutes with "
        "{{$labels.reason}} as {{$labels.feature}}; training data had none.",
    )
    return Alert(
        recorded.PREDICTION_NOT_FINITE,
        (found > 0).also(outputs, on=FEATURE),
        of_feature(texts),
        {recorded.L_SEVERITY: recorded.WARNING},
    )


def _recent(scope: Scope, metric: str, reason: str | None = None) -> Expression:
    matchers = {} if reason is None else {names.L_REASON: reason}
    return call("increase", scope.select(metric, **matchers).over(_RECENT))
