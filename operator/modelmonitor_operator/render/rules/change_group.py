"""The sequential change detector: e-CUSUM over three memories, one batch a minute.

A rule may read its own last value, so the recursion lives in the rules: what is remembered of
earlier batches predicts this one; where it predicts better than the baseline does, evidence grows.
First the batch of a minute ago is remembered, then this minute's is counted and held against it.

After a gap of more than five minutes (the time after which Prometheus does not see a sample any
more) it starts anew at 0, which errs to silence; two Prometheis side by side hold two of it.
Formulas: `modelmonitor_sidecar.stats.change`.
"""

from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.promql import (
    Differs,
    Expression,
    Matched,
    call,
    each_but,
    either,
    labelled,
    max_without,
    sum_by,
    sum_without,
)
from modelmonitor_operator.render.rules.baseline_series import setting
from modelmonitor_operator.render.rules.cells import rows_by_cell
from modelmonitor_operator.render.rules.differences import Counters, collector_counters
from modelmonitor_operator.render.rules.rule import Group, Record
from modelmonitor_operator.render.rules.scope import (
    CELL_LABELS,
    COUNTED_CELL,
    COUNTERS_OF_CELLS,
    Scope,
    for_each_cell,
)

BATCH: Final = "1m"
"""How long a batch is, and how often it is taken."""
PRIOR_ROWS: Final = 50
"""The baseline's weight in the prediction."""
MEMORY_FACTORS: Final = {"short": 0.25, "medium": 1.0, "long": 4.0}
CAP_FACTOR: Final = 2
"""Evidence above this many thresholds is forgotten, so that an alarm ends soon after its cause."""
_BATCH_SECONDS: Final = 60


def change_group(scope: Scope) -> Group:
    """Memory, batch, evidence and score; the order matters."""
    counters = collector_counters(scope, "batch")
    sequential = {recorded.L_TEST: recorded.CHANGE, names.L_WINDOW: recorded.SEQUENTIAL}
    return Group(
        "modelmonitor-change",
        BATCH,
        (
            Record(recorded.MEMORY_ROWS, _remembered(scope)),
            counters.continuity(BATCH),
            Record(recorded.BATCH_COUNTED_ROWS, _batch(counters)),
            Record(recorded.BATCH_CELL_ROWS, rows_by_cell(scope, recorded.BATCH_COUNTED_ROWS)),
            Record(recorded.MEMORY_LENGTH, _lengths(scope)),
            Record(recorded.BATCH_DISPERSION, _dispersion(scope)),
            Record(recorded.BATCH_EVIDENCE, _gained(scope)),
            Record(recorded.LOG_EVIDENCE, _evidence(scope)),
            Record(recorded.SCORE, _score(scope), sequential),
            Record(recorded.DETECTOR_AGE, _age(scope)),
        ),
    )


def _remembered(scope: Scope) -> Expression:
    """M <- exp(-n / (r W)) M + d, of the batch before this one."""
    memory, batch = scope.select(recorded.MEMORY_ROWS), scope.select(recorded.BATCH_CELL_ROWS)
    lengths = scope.select(recorded.MEMORY_LENGTH)
    kept = call("exp", 0 - 1 / lengths * _for_each_memory(sum_without(CELL_LABELS, batch)))
    later = memory * for_each_cell(kept) + _for_each_memory(batch)
    first = (labelled(batch, recorded.L_MEMORY, name) for name in MEMORY_FACTORS)
    return either(later, *first)


def _batch(counters: Counters) -> Expression:
    cells = counters.counted_by_now(COUNTERS_OF_CELLS, BATCH, category=Differs(names.MISSING))
    return sum_by(COUNTED_CELL, cells)


def _lengths(scope: Scope) -> Expression:
    """r W: the rows after which a memory has mostly forgotten."""
    rows = sum_without([names.L_SETTING], setting(scope, "change_memory_rows"))
    return either(
        *(
            labelled(rows * factor, recorded.L_MEMORY, name)
            for name, factor in MEMORY_FACTORS.items()
        )
    )


def _dispersion(scope: Scope) -> Expression:
    """phi = max(1, 1 + (N + n - 1) rho, n / (r W)): a batch never weighs more than the memory."""
    rows = sum_without(CELL_LABELS, scope.select(recorded.BATCH_CELL_ROWS))
    remembered = sum_without(CELL_LABELS, scope.select(recorded.MEMORY_ROWS))
    rho = _for_each_memory(setting(scope, "change_rho"), names.L_SETTING)
    resemblance = call("clamp_min", (remembered + _for_each_memory(rows) - 1) * rho + 1, 1)
    weight = 1 / scope.select(recorded.MEMORY_LENGTH) * _for_each_memory(rows)
    return either(resemblance >= weight, weight.also(resemblance))


def _gained(scope: Scope) -> Expression:
    """sum d ln(q / p) / phi, q = (K p + M / phi) / (K + N / phi); nothing without rows."""
    phi, memory = scope.select(recorded.BATCH_DISPERSION), scope.select(recorded.MEMORY_ROWS)
    share = scope.select(recorded.BASELINE_SHARE, test="")
    total = sum_without(CELL_LABELS, memory) / phi + PRIOR_ROWS
    expected = memory / for_each_cell(phi) + _for_each_memory(PRIOR_ROWS * share)
    ratio = expected / for_each_cell(total) / _for_each_memory(share)
    rows = scope.select(recorded.BATCH_CELL_ROWS) > 0
    return sum_without(CELL_LABELS, call("ln", ratio) * _for_each_memory(rows)) / phi


def _evidence(scope: Scope) -> Expression:
    """L <- min(max(L, 0) + gained, cap); a batch without rows leaves it as it is.

    Rows are asked for once more: a Prometheus that was away ends no series, and for five minutes
    sees what the last batch gained before it went.
    """
    before = scope.select(recorded.LOG_EVIDENCE)
    rows = sum_without(CELL_LABELS, scope.select(recorded.BATCH_CELL_ROWS))
    gained = scope.select(recorded.BATCH_EVIDENCE).also_but(rows > 0, [recorded.L_MEMORY])
    alive = scope.select(recorded.BATCH_DISPERSION)
    grown = call("clamp_min", either(before, alive * 0), 0) + gained
    cap = _for_each_memory(setting(scope, "change_threshold") * CAP_FACTOR, names.L_SETTING)
    return either(grown <= cap, gained * 0 + cap, before.also(alive), alive * 0)


def _score(scope: Scope) -> Expression:
    """ln of the mean of e^L over the memories, from the largest on so that nothing overflows."""
    evidence = scope.select(recorded.LOG_EVIDENCE)
    largest = max_without([recorded.L_MEMORY], evidence)
    above = call("exp", evidence - _for_each_memory(largest))
    mean = sum_without([recorded.L_MEMORY], above) / len(MEMORY_FACTORS)
    return largest + call("ln", mean)


def _age(scope: Scope) -> Expression:
    """For how long the recursion has run, by feature."""
    alive = max_without([recorded.L_MEMORY], scope.select(recorded.LOG_EVIDENCE)) * 0
    return either(scope.select(recorded.DETECTOR_AGE), alive).also(alive) + _BATCH_SECONDS


def _for_each_memory(right: Expression, *others: str) -> Matched:
    return each_but(right, [recorded.L_MEMORY, *others])
