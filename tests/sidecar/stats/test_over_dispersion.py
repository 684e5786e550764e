"""Learned on one row of a hundred, a baseline judges all of them, and healthy days stay healthy.

Each day has shares of its own (Dirichlet), so windows differ by far more than chance does; at a
hundred times the volume this is all that is left to see.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from modelmonitor_api.baseline import BaselineFeature
from modelmonitor_sidecar.stats.budget import Budget
from modelmonitor_sidecar.stats.change import threshold_of, z_as_rare
from modelmonitor_sidecar.stats.change_detector import ChangeDetector
from modelmonitor_sidecar.stats.dispersion import intra_window_correlation
from modelmonitor_sidecar.stats.effect import Reference
from modelmonitor_sidecar.stats.evidence import chi_square
from modelmonitor_sidecar.stats.verdict import Bar, judge_against
from modelmonitor_sidecar.testing_baselines import categorical

ROWS_A_MINUTE = 1_000
SAMPLE = 100
LEARNED_DAYS, LIVE_DAYS, FEATURES, CELLS = 60, 30, 10, 10
LOOKS = 43_200
BUDGET = Budget(0.1, models=1, features=FEATURES, windows=2)

Shares = NDArray[np.float64]


def days(concentration: float, count: int, seed: int) -> Shares:
    return np.random.default_rng(seed).dirichlet(np.full(CELLS, concentration / CELLS), size=count)


def feature_of(counts: NDArray[np.int64], largest_change: float | None = None) -> BaselineFeature:
    """From the counts of hours, with the rho of hours."""
    rho = intra_window_correlation(counts)
    assert rho is not None
    rows = {f"c{place}": int(count) for place, count in enumerate(counts.sum(axis=0))}
    feature = categorical("c", rows, rho={"1h": rho})
    return replace(feature, largest_change=largest_change)


@cache
def learned(concentration: float) -> tuple[Reference, ...]:
    """Features learned on a sample of hours, each replayed in its order."""
    features = []
    for seed in range(FEATURES):
        hours = days(concentration, LEARNED_DAYS, seed).repeat(24, axis=0)
        chance = np.random.default_rng(seed + 1_000)
        counts = chance.multinomial(ROWS_A_MINUTE * 60 // SAMPLE, hours)
        feature = feature_of(counts)
        detector = ChangeDetector([Reference(feature)], [np.inf])
        largest = max(detector.feed([*batch, 0, 0])[0] for batch in counts)
        features.append(feature_of(counts, max(largest, 0.0)))
    return tuple(map(Reference, features))


@pytest.mark.parametrize("concentration", [50.0, 500.0])
@pytest.mark.parametrize(("window", "a_day"), [("1h", 24), ("24h", 1)])
def test_windows_of_all_rows_have_no_more_evidence_than_promised(
    concentration: float, window: str, a_day: int
) -> None:
    """Even if every effect mattered: 300 or 7,200 windows, and none drifts."""
    bar = Bar(minimum_effect=0.0, z_threshold=BUDGET.z_threshold(window))
    chance, drifted, beyond_chance, judged = np.random.default_rng(1), 0, 0, 0
    for seed, reference in enumerate(learned(concentration), start=100):
        for shares in days(concentration, LIVE_DAYS, seed).repeat(a_day, axis=0):
            counts = chance.multinomial(ROWS_A_MINUTE * 1_440 // a_day, shares)
            cells = np.append(counts, [0, 0])
            drifted += judge_against(reference, cells, window, bar).verdict == "drift"
            beyond_chance += chi_square(cells, reference.counts).statistic > 100
            judged += 1

    assert judged == FEATURES * LIVE_DAYS * a_day
    assert beyond_chance > 0.9 * judged
    assert drifted == 0


@pytest.mark.parametrize("concentration", [50.0, 500.0])
def test_no_healthy_minute_is_told_as_a_change(concentration: float) -> None:
    """Days with effects that matter (0.18 of PSI at 50) and with any evidence: no alarm."""
    detector, bar = watching(concentration)
    live = [days(concentration, 3, seed).repeat(1_440, axis=0) for seed in range(100, 110)]
    chance = np.random.default_rng(2)
    batches = [chance.multinomial(ROWS_A_MINUTE, shares) for shares in live]
    over, told = 0, 0
    for minute in range(3 * 1_440):
        detector.feed(np.concatenate([(*batch[minute], 0, 0) for batch in batches]))
        for feature in np.flatnonzero(detector.changed & (minute % 5 == 0)):
            over += 1
            told += detector.matters(int(feature), bar)

    assert over > 1_000
    assert told == 0


def test_a_change_larger_than_that_of_days_is_told_within_minutes() -> None:
    detector, bar = watching(500.0)
    chance = np.random.default_rng(3)
    healthy = [days(500.0, 1, seed)[0] for seed in range(100, 110)]
    broken = [np.append(0.6 * shares[:-1], 1 - 0.6 * shares[:-1].sum()) for shares in healthy]
    for _ in range(1_440):
        detector.feed(cells(chance, healthy))

    minutes = np.zeros(FEATURES)
    for minute in range(1, 31):
        detector.feed(cells(chance, broken))
        for feature in np.flatnonzero(minutes == 0):
            if detector.changed[feature] and detector.matters(int(feature), bar):
                minutes[feature] = minute

    assert (minutes > 0).all()
    assert np.median(minutes) <= 5


def watching(concentration: float) -> tuple[ChangeDetector, Bar]:
    references, threshold = learned(concentration), BUDGET.change_threshold(LOOKS)
    thresholds = [threshold_of(one.feature, threshold) for one in references]
    return ChangeDetector(references, thresholds), Bar(0.1, z_as_rare(threshold))


def cells(chance: np.random.Generator, shares: list[Shares]) -> NDArray[np.int64]:
    return np.concatenate([(*chance.multinomial(ROWS_A_MINUTE, one), 0, 0) for one in shares])
