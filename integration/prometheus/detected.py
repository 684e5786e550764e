"""The change detector once more, by numpy: from the batches that Prometheus recorded."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from prometheus.judged import Cells, Key, Recorded, Table, feature_of, rows_by_cell

from modelmonitor_api import names, recorded
from modelmonitor_api.baseline import Baseline
from modelmonitor_sidecar.stats.change import MEMORY_RATIOS, Memory, change_score, remembered
from modelmonitor_sidecar.stats.effect import Reference

CAP_FACTOR: Final = 2.0
"""Of the threshold: evidence above it is forgotten."""


def recorded_detector(found: Recorded) -> Table:
    """Evidence by memory, and the score."""
    evidence = found.table(recorded.LOG_EVIDENCE, (recorded.L_MEMORY,))
    scores = found.table(recorded.SCORE, (names.L_WINDOW,), f'test="{recorded.CHANGE}"')
    return {**evidence, **scores}


def detected(found: Recorded, baseline: Baseline, thresholds: Mapping[str, float]) -> Table:
    """The same, batch after batch; `thresholds` of the score, by feature."""
    batches: dict[str, list[tuple[str, Cells]]] = {}
    for (name, at), cells in found.cells(recorded.BATCH_CELL_ROWS).items():
        batches.setdefault(name, []).append((at, cells))
    return {
        key: value
        for name, ofs in batches.items()
        for key, value in _of_feature(baseline, name, ofs, CAP_FACTOR * thresholds[name])
    }


def _of_feature(
    baseline: Baseline, name: str, batches: list[tuple[str, Cells]], cap: float
) -> Iterator[tuple[Key, float]]:
    """The rules have something to say from the second batch on: the first is remembered then."""
    feature = feature_of(baseline, name)
    reference = Reference(feature)
    memories = [Memory(np.zeros(len(reference.shares))) for _ in MEMORY_RATIOS]
    for index, (at, cells) in enumerate(sorted(batches, key=lambda one: float(one[0]))):
        batch = rows_by_cell(feature, cells)
        memories = [
            remembered(memory, batch, reference, ratio, cap)
            for memory, ratio in zip(memories, MEMORY_RATIOS, strict=True)
        ]
        if index == 0:
            continue
        evidence = [memory.log_evidence for memory in memories]
        for memory, value in zip(recorded.MEMORIES, evidence, strict=True):
            yield (recorded.LOG_EVIDENCE, name, memory, at), value
        yield (recorded.SCORE, name, recorded.SEQUENTIAL, at), float(change_score(evidence))
