"""The change detector of the rules is numpy's, batch by batch; and what a gap does to it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from modelmonitor_api import recorded
from modelmonitor_cli.testing_fleet import Pod, Rows, fleet, known, small, source, write_monitor
from modelmonitor_operator.render.rules.baseline_group import baseline_group
from modelmonitor_operator.render.rules.change_group import change_group
from modelmonitor_operator.render.rules.scope import Scope
from modelmonitor_operator.testing_rules import Samples, value_of, values_of
from modelmonitor_sidecar.collect.series import CHANGE_LOOKS_PER_MONTH
from modelmonitor_sidecar.stats.change import (
    MEMORY_RATIOS,
    Memory,
    change_score,
    remembered,
    threshold_of,
)
from modelmonitor_sidecar.stats.effect import Reference
from modelmonitor_sidecar.testing_replicas import FLAGS, watched_rows
from modelmonitor_sidecar.testing_scrapes import Recording
from modelmonitor_sidecar.testing_windows import batch

SCOPE: Final = Scope("team-a", "churn")
CHAIN: Final = (baseline_group(SCOPE), change_group(SCOPE))
END: Final = 65 * 60
MOMENTS: Final = [180, 960, 1_260, 2_460, 3_180, END]

Evaluated = Callable[..., Iterator[dict[int, Samples]]]
Trace = dict[int, tuple[Memory, ...]]
"""The memories of one feature after each evaluation."""


def breaking(now: int, pod: Pod) -> Rows:
    """Healthy rows, a few idle minutes, a break, and health again."""
    if pod.name == "idle" or 900 <= now < 1_200:
        return []
    return source(now, moved=0.8 if 2_100 < now < 3_000 else 0.0)(now, pod)


def traces(recording: Recording) -> dict[str, Trace]:
    """By feature."""
    (version,) = recording.targets[0].replica.versions
    budget = version.statistics.budget.change_threshold(CHANGE_LOOKS_PER_MONTH)
    watched = dict(version.statistics.watched())
    batches = {at: batch(recording.targets, at) for at in range(0, END + 1, 60)}
    found: dict[str, Trace] = {}
    for row, place in watched_rows(version).items():
        feature = watched[place].baseline
        assert feature is not None
        reference, cap = Reference(feature), 2 * threshold_of(feature, budget)
        memories = tuple(Memory(np.zeros(len(reference.shares))) for _ in MEMORY_RATIOS)
        trace = found[row.feature] = {}
        for at, counted in batches.items():
            if row in counted:
                memories = tuple(
                    remembered(memory, counted[row][:-FLAGS], reference, ratio, cap)
                    for memory, ratio in zip(memories, MEMORY_RATIOS, strict=True)
                )
            trace[at] = memories
    return found


@pytest.mark.promtool
def test_evidence_and_score_are_numpys_over_an_hour_of_batches(
    tmp_path: Path, evaluated: Evaluated
) -> None:
    folder = write_monitor(tmp_path / "churn", known())
    pods = [
        Pod("a", rows=20, scrape_seconds=30),
        Pod("b", rows=15, scrape_seconds=30, first=11, restarts=(1_930,)),
        Pod("idle", scrape_seconds=60, first=3),
    ]
    recording = fleet(folder, pods, END, breaking)
    expected = traces(recording)

    for samples in evaluated(CHAIN, recording, MOMENTS, 60):
        for moment in MOMENTS:
            for feature, trace in expected.items():
                memories = trace[moment]
                _agree(samples[moment], feature, memories)
    ceilings = [max(m.log_evidence for t in one.values() for m in t) for one in expected.values()]
    assert max(ceilings) > 30, "the break reaches the ceiling"


def _agree(samples: Samples, feature: str, memories: tuple[Memory, ...]) -> None:
    evidence = [memory.log_evidence for memory in memories]
    found = [
        value_of(samples, recorded.LOG_EVIDENCE, feature=feature, memory=name)
        for name in recorded.MEMORIES
    ]
    assert found == pytest.approx(evidence, rel=1e-9, abs=1e-9)
    score = value_of(samples, recorded.SCORE, feature=feature, test=recorded.CHANGE)
    assert score == pytest.approx(float(change_score(evidence)), rel=1e-9, abs=1e-9)


@pytest.mark.promtool
@pytest.mark.parametrize(
    ("gap", "goes_on"), [(range(1_000, 1_150), True), (range(1_000, 1_480), False)]
)
def test_a_gap_of_more_than_five_minutes_restarts_it(
    gap: range, goes_on: bool, tmp_path: Path, evaluated: Evaluated
) -> None:
    """Unscraped sidecars, which is how a Prometheus that was down sees them."""
    folder = write_monitor(tmp_path / "churn", small())
    recording = fleet(folder, [Pod("a", gap=gap)], 1_740, source(1))

    for samples in evaluated(CHAIN, recording, [960, 1_380, 1_740], 60):
        ages = [values_of(samples[at], recorded.DETECTOR_AGE, feature="age") for at in samples]
        if goes_on:
            assert ages == [[840.0], [1_260.0], [1_620.0]]
        else:
            assert ages == [[840.0], [], [180.0]]
