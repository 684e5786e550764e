"""The fourth row: what changed in the chosen feature."""

from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.dashboard import fields, panels, shapes
from modelmonitor_operator.render.dashboard.columns import Column, values_by_labels
from modelmonitor_operator.render.dashboard.layout import Row
from modelmonitor_operator.render.dashboard.panel import Panel, Query
from modelmonitor_operator.render.dashboard.scope import L_CELL, WINDOW, Scope
from modelmonitor_operator.render.promql import (
    Differs,
    Expression,
    Like,
    aggregate,
    each,
    max_by,
    sum_by,
)
from modelmonitor_operator.render.rules.scope import BIN, FEATURE

QUANTILES: Final = (0.05, 0.5, 0.95)
_VERSION: Final = (names.L_VERSION,)
_FLAGGED: Final = Like("|".join(recorded.SHARE_TESTS))
_NO_NUMBERS: Final = "no numbers: this feature has categories, or no rows yet"


def feature_row(scope: Scope) -> Row:
    """Of the chosen model, versions and feature; distributions in the chosen window."""
    feature = scope.feature
    return Row(
        "The chosen feature",
        (
            _distribution(feature),
            _cells_over_time(feature),
            _edges(feature),
            _flagged(feature),
            _mean(feature),
            _ranks(feature),
            _score(feature),
            _change(feature),
        ),
    )


def flagged_share(scope: Scope) -> Expression:
    """Missing, invalid, unseen and out-of-range rows by all rows, by version and test."""
    by = (names.L_VERSION, recorded.L_TEST)
    flagged, rows = (
        sum_by(by, scope.select(metric, window=WINDOW, test=_FLAGGED))
        for metric in (recorded.COUNTED_ROWS, recorded.ROWS)
    )
    return flagged / (rows > 0)


def quantile_rank(scope: Scope, quantile: float) -> Expression:
    """Which share of the training rows lay below the live quantile, to the upper end of its bin.

    Bins have no numbers in Prometheus (edges are text), so a quantile in the feature's unit would
    be invented between them; its place among the training data is exact to a bin.
    """
    cumulative = sum_by(BIN, scope.select(recorded.COUNTED_ROWS, window=WINDOW, bin=Differs("")))
    rows = sum_by(FEATURE, scope.select(recorded.ROWS, window=WINDOW, test=recorded.DRIFT)) > 0
    reached = cumulative / each(rows, FEATURE) >= quantile
    below = max_by(BIN, scope.select(recorded.BASELINE_CUMULATIVE_ROWS, bin=Differs("")))
    base = below / each(max_by(FEATURE, scope.select(recorded.BASELINE_ROWS)), FEATURE)
    return aggregate("min", _VERSION, base.also(reached, on=BIN))


def _distribution(scope: Scope) -> Panel:
    return (
        shapes.distribution(
            "Baseline and live",
            shapes.baseline_cells(scope),
            shapes.live_cells(scope),
            ", version $1",
        )
        .saying(panels.NEEDS_ROWS)
        .sized(12, 9)
    )


def _cells_over_time(scope: Scope) -> Panel:
    cells = sum_by((L_CELL,), shapes.by_cell(shapes.live_cells(scope)))
    share = cells / each(sum_by((), cells) > 0, ())
    return (
        panels.stacked(
            "Bins or categories over time",
            "How the rows of each window spread; where the layers keep their thickness, nothing "
            "changes.",
            "percentunit",
            Query(share, "{{cell}}"),
        )
        .having(max=1)
        .saying(panels.NEEDS_ROWS)
        .sized(12, 9)
    )


def _edges(scope: Scope) -> Panel:
    shown = (names.L_VERSION, names.L_BASELINE, names.L_ROLE, names.L_KIND, names.L_EDGES)
    info = max_by(shown, scope.select(names.BASELINE_FEATURE_INFO))
    return (
        values_by_labels(
            "Where its bins end",
            "Upper edges of all bins but the last, in the feature's own unit; bin 00 is below the "
            "first.",
            shown,
            [Column("", info)],
        )
        .saying("no baseline")
        .sized(24, 4)
    )


def _flagged(scope: Scope) -> Panel:
    by = (names.L_VERSION, recorded.L_TEST)
    usual = sum_by(
        by, scope.select(recorded.BASELINE_FLAGGED_ROWS, test=Like("missing|invalid"))
    ) / each(sum_by(_VERSION, scope.select(recorded.BASELINE_ALL_ROWS)), _VERSION)
    return (
        panels.time_series(
            "Missing, invalid, unseen, out of range",
            "Share of the rows of each window; dashed: in the training data.",
            "percentunit",
            Query(flagged_share(scope), "{{test}} {{model_version}}"),
            Query(usual, "baseline {{test}} {{model_version}}"),
        )
        .overriding(fields.reference("^baseline"))
        .saying("no data yet")
    )


def _mean(scope: Scope) -> Panel:
    live = {"mean": shapes.mean(scope), "sd": shapes.deviation(scope)}
    usual = {
        "baseline mean": scope.select(names.BASELINE_MEAN),
        "baseline sd": scope.select(names.BASELINE_STANDARD_DEVIATION),
    }
    return (
        panels.time_series(
            "Mean and standard deviation",
            "Mean of the values, and how far they usually are from it (sd); dashed: the same of "
            "the training data.",
            "none",
            *(
                Query(max_by(_VERSION, one), f"{name} {{{{model_version}}}}")
                for name, one in {**live, **usual}.items()
            ),
        )
        .having(min=None)
        .overriding(fields.reference("^baseline"))
        .saying(_NO_NUMBERS)
    )


def _ranks(scope: Scope) -> Panel:
    return (
        panels.time_series(
            "Quantiles, as places in the training data",
            "Which share of the training rows lay below the point that 5 %, 50 % or 95 % of the "
            "live rows do not exceed, to the next edge of a bin; 50 % stays near 50 %.",
            "percentunit",
            *(
                Query(quantile_rank(scope, one), f"{one:.0%} {{{{model_version}}}}")
                for one in QUANTILES
            ),
        )
        .having(max=1)
        .saying(_NO_NUMBERS)
    )


def _score(scope: Scope) -> Panel:
    by = (names.L_WINDOW, names.L_VERSION)
    score, threshold = (
        max_by(by, scope.select(metric, test=recorded.DRIFT))
        for metric in (recorded.SCORE, recorded.THRESHOLD)
    )
    return (
        panels.time_series(
            "Score by window",
            "How different the rows of each length of window are; dashed: the effect that matters.",
            "none",
            Query(score, "{{window}} {{model_version}}"),
            Query(max_by(_VERSION, threshold), "threshold {{model_version}}"),
        )
        .overriding(fields.reference("^threshold", fields.RED))
        .saying(panels.NEEDS_ROWS)
        .sized(12, 8)
    )


def _change(scope: Scope) -> Panel:
    score, threshold = (
        max_by(_VERSION, scope.select(metric, test=recorded.CHANGE))
        for metric in (recorded.SCORE, recorded.THRESHOLD)
    )
    return (
        panels.time_series(
            "Change detector",
            "Logarithm of the evidence that the feature has changed, minute by minute; dashed: "
            "what an alarm needs.",
            "none",
            Query(score, "{{model_version}}"),
            Query(threshold, "threshold {{model_version}}"),
        )
        .having(min=None)
        .overriding(fields.reference("^threshold", fields.RED))
        .saying("no data yet: begins with the first rows")
        .sized(12, 8)
    )
