"""The whole chain of every window, in one group and in order: counts, shares, distances, verdicts.

In groups of their own numerator and denominator would come from different moments.  One text serves
all windows, which are told apart by label `window`.
"""

from collections.abc import Iterator
from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.promql import (
    Differs,
    Expression,
    Like,
    count_without,
    each_but,
    either,
    labelled,
    named,
    sum_by,
    sum_without,
)
from modelmonitor_operator.render.rules.cells import rows_by_cell
from modelmonitor_operator.render.rules.differences import (
    Counters,
    collector_counters,
    laid_end_to_end,
)
from modelmonitor_operator.render.rules.distances import baseline_distances
from modelmonitor_operator.render.rules.evidence import all_evidence, pooled_shares
from modelmonitor_operator.render.rules.rule import Group, Record
from modelmonitor_operator.render.rules.scope import (
    CELL_LABELS,
    COUNTED_CELL,
    COUNTERS_OF_CELLS,
    FEATURE,
    FLAGGED,
    OF_SHARES,
    Scope,
    for_each_cell,
)
from modelmonitor_operator.render.rules.scores import all_scores, middle_shares
from modelmonitor_operator.render.rules.second_opinion import week_distances, week_rows
from modelmonitor_operator.render.rules.verdicts import (
    alarms,
    drifting_windows,
    rollouts,
    verdicts,
)
from modelmonitor_operator.render.rules.windows import Window

INTERVAL: Final = "30s"
"""Between evaluations.  A whole part of the five minutes that longer windows are laid of, and after
which a sample is not seen any more."""
_FLAGGED: Final = "modelmonitor_feature_(missing|invalid|unseen|out_of_range)_rows_total"
"""Counters of the tests of shares; the last one's test has a shorter name."""
_UNREAD: Final = Like(f"{recorded.MISSING}|{recorded.INVALID}")


def window_group(scope: Scope, windows: tuple[Window, ...], every: str = INTERVAL) -> Group:
    """Everything of all windows, `every` so often; `windows` with those that longer ones are made
    of.
    """
    counters = collector_counters(scope, "rows")
    of_counters = tuple(window.name for window in windows if window.part is None)
    return Group(
        "modelmonitor-windows",
        every,
        (
            *(counters.continuity(window) for window in of_counters),
            *(_counted(counters, window, every) for window in windows),
            Record(recorded.CELL_ROWS, _cells(scope)),
            Record(recorded.LIVE_ROWS, _live_rows(scope)),
            Record(recorded.ROWS, _rows(scope)),
            Record(recorded.THRESHOLD, _share_thresholds(scope)),
            Record(recorded.SHARE, _shares(scope)),
            Record(recorded.MIDDLE_SHARE, middle_shares(scope)),
            Record(recorded.POOLED_SHARE, pooled_shares(scope)),
            *_distances(scope),
            Record(recorded.SCORE, all_scores(scope)),
            Record(recorded.EVIDENCE, all_evidence(scope)),
            Record(recorded.VERDICT, verdicts(scope)),
            Record(recorded.DRIFTING_WINDOWS, drifting_windows(scope, windows)),
            Record(recorded.ROLLOUT, rollouts(scope, windows)),
            Record(recorded.ALARM, alarms(scope)),
        ),
    )


def _counted(counters: Counters, window: Window, every: str) -> Record:
    return Record(
        recorded.COUNTED_ROWS,
        _from_counters(counters, window.name)
        if window.part is None
        else _from_parts(counters.scope, window.part, window.reach, every),
        {names.L_WINDOW: window.name},
    )


def _from_parts(scope: Scope, part: str, reach: str, every: str) -> Expression:
    parts = scope.select(recorded.COUNTED_ROWS, window=part)
    return laid_end_to_end(parts, part, reach, every)


def _from_counters(counters: Counters, window: str) -> Expression:
    """Flagged rows are counted without a baseline, too; there is nothing to compare them with."""
    cells = counters.counted(COUNTERS_OF_CELLS, window, category=Differs(names.MISSING))
    flagged = counters.counted_by_name(
        recorded.L_TEST, _FLAGGED, window, baseline=Differs(names.NO_BASELINE)
    )
    return either(
        sum_by(COUNTED_CELL, cells),
        named(
            sum_by((*FEATURE, recorded.L_TEST), flagged),
            recorded.L_TEST,
            recorded.RANGE,
            "out_of_range",
        ),
    )


def _cells(scope: Scope) -> Expression:
    """Only of windows that are asked for: those that rho is known of."""
    cells = rows_by_cell(scope, recorded.COUNTED_ROWS, test="")
    return cells.also_but(scope.select(recorded.RHO), CELL_LABELS)


def _live_rows(scope: Scope) -> Expression:
    return sum_without(CELL_LABELS, scope.select(recorded.CELL_ROWS)) > 0


def _rows(scope: Scope) -> Expression:
    """Of drift: rows with a value; of the shares: those, the missing and the invalid."""
    valid = sum_without(CELL_LABELS, scope.select(recorded.CELL_ROWS))
    unread = scope.select(recorded.COUNTED_ROWS, test=_UNREAD)
    every = valid + sum_without([recorded.L_TEST], unread)
    flagged = scope.select(recorded.COUNTED_ROWS, test=FLAGGED)
    return either(
        labelled(valid, recorded.L_TEST, recorded.DRIFT),
        flagged * 0 + each_but(every, [recorded.L_TEST]),
        week_rows(scope),
    )


def _share_thresholds(scope: Scope) -> Expression:
    """The same effect matters as for drift."""
    drift = scope.select(recorded.THRESHOLD, test=recorded.DRIFT)
    rows = scope.select(recorded.ROWS, test=OF_SHARES)
    return rows * 0 + each_but(drift, [recorded.L_TEST])


def _shares(scope: Scope) -> Expression:
    """(c + 1/2) / (n + B/2) of the cells, (c + 1/2) / (n + 1) of what is flagged."""
    cells = scope.select(recorded.CELL_ROWS)
    half = count_without(CELL_LABELS, cells) * 0.5
    flagged = scope.select(recorded.COUNTED_ROWS, test=FLAGGED)
    return either(
        (cells + 0.5) / for_each_cell(scope.select(recorded.LIVE_ROWS) + half),
        (flagged + 0.5) / ((scope.select(recorded.ROWS, test=OF_SHARES) > 0) + 1),
    )


def _distances(scope: Scope) -> Iterator[Record]:
    """One a rule: while it is evaluated, Prometheus holds every series that it reads."""
    for name, found in {**baseline_distances(scope), **week_distances(scope)}.items():
        yield Record(recorded.DISTANCE, found, {recorded.L_DISTANCE: name})
