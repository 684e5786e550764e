"""The change detector: by hand, against its own formula, and on what it must and must not see."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.stats import norm

from modelmonitor_api.baseline import DEFAULT_RHO, BaselineFeature
from modelmonitor_sidecar.stats.change import (
    MEMORY_RATIOS,
    Memory,
    change_is_provisional,
    change_score,
    largest_rho,
    medium_memory_rows,
    remembered,
    threshold_of,
    z_as_rare,
)
from modelmonitor_sidecar.stats.change_detector import MEDIUM, SHORT, ChangeDetector
from modelmonitor_sidecar.stats.effect import Reference
from modelmonitor_sidecar.stats.verdict import Bar
from modelmonitor_sidecar.testing_baselines import categorical, numeric

NORMAL = np.random.default_rng(0).normal(size=100_000)
TEN_BINS = Reference(numeric("x", NORMAL))
COLOURS = Reference(categorical("c", {"red": 600, "blue": 400}, rho={"1h": 0.002}))
THRESHOLD = 16.0

Counts = NDArray[np.int64]

batches_of_two = arrays(
    np.int64, (12, 14), elements=st.integers(0, 400) | st.just(0) | st.just(100_000)
)


def both() -> ChangeDetector:
    """Ten bins, then four cells of categories."""
    return ChangeDetector([TEN_BINS, COLOURS], [THRESHOLD, 12.0])


def alone(reference: Reference, batches: Counts, cap: float) -> list[Memory]:
    memories = [Memory(np.zeros(len(reference.shares))) for _ in MEMORY_RATIOS]
    for batch in batches:
        memories = [
            remembered(memory, batch, reference, ratio, cap)
            for memory, ratio in zip(memories, MEMORY_RATIOS, strict=True)
        ]
    return memories


def drawn(shares: NDArray[np.float64], count: int, rows: int, seed: int) -> Counts:
    return np.random.default_rng(seed).multinomial(rows, shares, size=count)


def test_two_batches_of_two_cells_by_hand() -> None:
    """A baseline of 799 and 799 rows: p = 1/2 each, W = 1598/80 = 19.975; independent rows."""
    coin = Reference(numeric("x", np.repeat([0.0, 1.0], 799), bins=2))
    first, second = np.array([10, 0]), np.array([10, 10])

    memory = remembered(Memory(np.zeros(2)), first, coin, ratio=1.0)

    assert memory.log_evidence == 0.0
    assert memory.rows.tolist() == [10, 0]

    memory = remembered(memory, second, coin, ratio=1.0)

    # n/W = 20/19.975; q = (25 + 10/phi, 25) / (50 + 10/phi)
    phi = 20 / 19.975
    q = np.array([25 + 10 / phi, 25]) / (50 + 10 / phi)
    assert memory.log_evidence == pytest.approx(10 * np.log(q / 0.5).sum() / phi)
    assert memory.rows == pytest.approx([10 * math.exp(-20 / 19.975) + 10, 10])


def test_rows_that_resemble_each_other_count_for_less() -> None:
    """rho 0.01 and 100 rows remembered: phi = 1 + (100 + 20 - 1)/100 = 2.19."""
    alike = Reference(replace(TEN_BINS.feature, rho={"1h": 0.01, "5m": 0.0}))
    held = Memory(np.array([100.0, *[0.0] * 9]))
    batch = np.array([20, *[0] * 9])

    memory = remembered(held, batch, alike, ratio=1.0)

    p, phi = alike.shares[0], 2.19
    q = (50 * p + 100 / phi) / (50 + 100 / phi)
    assert memory.log_evidence == pytest.approx(20 * math.log(q / p) / phi)


def test_the_mean_of_three_memories_by_hand() -> None:
    assert change_score([math.log(1), math.log(2), math.log(6)]) == pytest.approx(math.log(3))
    assert change_score([5000.0, -5000.0, -5000.0]) == pytest.approx(5000 - math.log(3))


def test_the_length_of_the_memory_by_hand() -> None:
    assert [medium_memory_rows(rows) for rows in (100, 400, 8_000, 80_000, 9_000_000)] == [
        5, 5, 100, 1_000, 1_000,
    ]  # fmt: skip


def test_the_largest_correlation_counts_and_the_default_where_there_is_none() -> None:
    feature = TEN_BINS.feature

    assert largest_rho(replace(feature, rho={"5m": 0.001, "24h": 0.02})) == 0.02
    assert largest_rho(replace(feature, rho={})) == DEFAULT_RHO


@settings(max_examples=60)
@given(batches_of_two)
def test_all_features_at_once_are_as_each_alone(batches: Counts) -> None:
    detector = both()
    scores = [detector.feed(batch) for batch in batches][-1]

    for place, (reference, cap) in enumerate(((TEN_BINS, 2 * THRESHOLD), (COLOURS, 24.0))):
        memories = alone(reference, batches[:, detector.of(place)], cap)
        expected = change_score([memory.log_evidence for memory in memories])
        assert scores[place] == pytest.approx(float(expected), rel=1e-9, abs=1e-9)


@settings(max_examples=60)
@given(batches_of_two)
def test_a_score_is_always_a_number_and_never_above_its_ceiling(batches: Counts) -> None:
    detector = both()
    for batch in batches:
        scores = detector.feed(batch)
        assert np.isfinite(scores).all()
        assert (scores <= 2 * detector.thresholds).all()


@given(batches_of_two, st.permutations(range(12)))
@settings(max_examples=60)
def test_the_order_of_cells_does_not_matter(batches: Counts, order: list[int]) -> None:
    rows = {f"category {place}": 10 * 2**place for place in range(12)}
    mixed = {f"category {place}": 10 * 2**place for place in order}

    plain = alone(Reference(categorical("c", rows)), batches, math.inf)
    permuted = alone(Reference(categorical("c", mixed)), batches[:, [*order, 12, 13]], math.inf)

    for one, other in zip(plain, permuted, strict=True):
        assert one.log_evidence == pytest.approx(other.log_evidence, rel=1e-9, abs=1e-9)


@given(arrays(np.int64, (4, 14), elements=st.integers(0, 90)), st.integers(0, 3))
def test_batches_without_rows_change_nothing(batches: Counts, place: int) -> None:
    idle = np.insert(batches, place, 0, axis=0)
    one, other = both(), both()

    without = [one.feed(batch) for batch in batches][-1]
    scores = [other.feed(batch) for batch in idle][-1]

    assert scores.tolist() == without.tolist()


def test_a_feature_without_rows_keeps_its_score_while_others_move() -> None:
    detector = both()
    for batch in drawn(TEN_BINS.shares, 40, 50, seed=1):
        detector.feed([*batch, 30, 20, 0, 0])
    before = detector.scores[1]

    scores = detector.feed([50, *[0] * 13])

    assert scores[1] == before


def test_half_a_standard_deviation_is_seen_within_a_few_hundred_rows() -> None:
    rows = []
    for seed in range(20):
        detector = ChangeDetector([TEN_BINS], [THRESHOLD])
        for batch in drawn(TEN_BINS.shares, 100, 50, seed):
            detector.feed(batch)
        for count, batch in enumerate(drawn(_shifted(0.5), 40, 50, seed + 100), start=1):
            if detector.feed(batch)[0] > THRESHOLD:
                rows.append(50 * count)
                break

    assert len(rows) == 20
    assert np.median(rows) <= 400


def test_a_million_healthy_rows_raise_nothing() -> None:
    detector = ChangeDetector([TEN_BINS], [THRESHOLD])

    largest = max(detector.feed(batch)[0] for batch in drawn(TEN_BINS.shares, 20_000, 50, seed=5))

    assert largest < THRESHOLD


def test_the_onset_is_found_within_a_few_batches() -> None:
    misses = []
    for seed in range(20):
        detector = ChangeDetector([TEN_BINS], [THRESHOLD])
        for batch in drawn(TEN_BINS.shares, 200, 50, seed):
            detector.feed(batch)
        for batch in drawn(_shifted(0.5), 20, 50, seed + 100):
            detector.feed(batch)
        misses.append(detector.onset(0) - 200)

    assert abs(np.median(misses)) <= 2
    assert np.abs(misses).max() <= 20


def test_the_effect_since_the_onset_is_that_of_the_changed_rows_alone() -> None:
    detector = ChangeDetector([TEN_BINS], [THRESHOLD])
    for batch in drawn(TEN_BINS.shares, 400, 50, seed=1):
        detector.feed(batch)
    for batch in drawn(_shifted(0.5), 20, 50, seed=2):
        detector.feed(batch)

    since, kept = detector.effect_since_onset(0), detector.effect_remembered(0)

    assert since is not None
    assert kept is not None
    assert since.measure == "wasserstein"
    assert since.value == pytest.approx(0.5, abs=0.1)
    # 1,000 of the rows in a memory of 4,000 that fades: 1 - exp(-1/4) of the weight
    assert kept.value == pytest.approx(0.5 * (1 - math.exp(-0.25)), abs=0.05)


def test_much_evidence_for_next_to_nothing_has_no_effect() -> None:
    detector = ChangeDetector([TEN_BINS], [THRESHOLD])
    for batch in drawn(_shifted(0.05), 2_000, 200, seed=3):
        detector.feed(batch)

    effect = detector.effect_since_onset(0)

    assert detector.changed.tolist() == [True]
    assert effect is not None
    assert effect.value < 0.1


def test_what_matters_has_an_effect_and_evidence() -> None:
    detector = ChangeDetector([TEN_BINS], [THRESHOLD])
    for batch in drawn(TEN_BINS.shares, 400, 50, seed=1):
        detector.feed(batch)
    for batch in drawn(_shifted(0.5), 8, 50, seed=2):
        detector.feed(batch)

    verdict = detector.verdict(0, Bar(0.1, 5.6))

    assert verdict.effect_measure == "wasserstein"
    assert verdict.effect == pytest.approx(0.5, abs=0.15)
    assert detector.matters(0, Bar(0.1, 5.6))
    assert not detector.matters(0, Bar(0.6, 5.6))
    assert not detector.matters(0, Bar(0.1, 20.0))


def test_a_change_is_told_also_after_much_evidence_of_one_that_does_not_matter() -> None:
    detector, bar = ChangeDetector([TEN_BINS], [THRESHOLD]), Bar(0.1, 5.6)
    for batch in drawn(_shifted(0.05), 2_000, 200, seed=3):
        detector.feed(batch)
    assert detector.changed.all()
    assert detector.alarms([bar]) == []

    for batch in drawn(_shifted(1.0), 4, 200, seed=4):
        detector.feed(batch)

    assert detector.alarms([bar]) == [0]


def test_rows_that_resemble_each_other_matter_less() -> None:
    """The first batch tells nothing; the 250 rows since have phi = 1 + 0.05 * 249."""
    alike = Reference(replace(TEN_BINS.feature, rho={"1h": 0.05}))
    detectors = [ChangeDetector([one], [THRESHOLD]) for one in (TEN_BINS, alike)]
    for batch in drawn(_shifted(0.5), 6, 50, seed=2):
        for detector in detectors:
            detector.feed(batch)

    assert [one.matters(0, Bar(0.1, 4.0)) for one in detectors] == [True, False]
    assert detectors[1].verdict(0, Bar(0.1, 4.0)).phi == pytest.approx(13.45)


@settings(max_examples=60)
@given(batches_of_two, st.floats(0.0, 1.0), st.floats(0.0, 8.0))
def test_alarms_are_the_changes_that_matter(
    batches: Counts, minimum_effect: float, z_threshold: float
) -> None:
    detector, bar = both(), Bar(minimum_effect, z_threshold)
    detector.thresholds[:] = 1.0
    for batch in batches:
        detector.feed(batch)
        expected = [one for one in (0, 1) if detector.changed[one] and detector.matters(one, bar)]
        assert detector.alarms([bar, bar]) == expected


@given(st.floats(1.0, 300.0))
def test_a_score_as_rare_as_evidence_is_scipys(log_evidence: float) -> None:
    assert z_as_rare(log_evidence) == pytest.approx(norm.isf(math.exp(-log_evidence)), abs=1e-6)


def test_there_is_no_effect_of_no_rows() -> None:
    detector = both()

    assert not detector.matters(0, Bar(0.0, 0.0))
    assert detector.effect_since_onset(0) is detector.effect_remembered(1, SHORT) is None


def test_a_restart_forgets_one_feature_and_no_other() -> None:
    detector, fresh = both(), both()
    change = np.array([50, *[0] * 9, 0, 50, 0, 0])
    for _ in range(20):
        detector.feed(change)
    assert detector.changed.tolist() == [True, True]

    detector.restart(0)

    assert detector.changed.tolist() == [False, True]
    assert detector.scores[0] == 0.0
    assert detector.onset(0) == 20
    assert detector.effect_remembered(0, MEDIUM) is None
    for _ in range(3):
        detector.feed(change)
        fresh.feed(change)
    assert detector.scores[0] == fresh.scores[0]


def test_evidence_comes_down_again_after_a_change_is_mended() -> None:
    detector = ChangeDetector([TEN_BINS], [THRESHOLD])
    for _ in range(500):
        detector.feed([50, *[0] * 9])
    assert detector.scores[0] == pytest.approx(2 * THRESHOLD)

    for batch in drawn(TEN_BINS.shares, 200, 50, seed=4):
        detector.feed(batch)

    assert not detector.changed[0]


def test_one_enormous_batch_is_no_evidence_of_itself() -> None:
    """q is fixed before the batch: what was never seen before cannot have been expected."""
    detector = ChangeDetector([TEN_BINS], [THRESHOLD])

    assert detector.feed([10_000_000, *[0] * 9])[0] == pytest.approx(0.0)


def test_the_threshold_lies_above_what_training_rows_reached() -> None:
    feature = TEN_BINS.feature

    assert threshold_of(feature, 16.0) == 16.0
    assert threshold_of(replace(feature, largest_change=8.0), 16.0) == 16.0
    assert threshold_of(replace(feature, largest_change=20.0), 16.0) == 30.0


def test_a_change_is_provisional_where_the_training_rows_were_not_replayed() -> None:
    feature: BaselineFeature = TEN_BINS.feature

    assert change_is_provisional(feature)
    assert change_is_provisional(replace(feature, rho={}, largest_change=3.0))
    assert not change_is_provisional(replace(feature, largest_change=3.0))


def _shifted(by: float) -> NDArray[np.float64]:
    """Shares of the ten bins when all values have moved."""
    edges = TEN_BINS.feature.counts.edges  # type: ignore[union-attr]
    moved = np.searchsorted(edges, NORMAL + by)
    return np.bincount(moved, minlength=10) / len(NORMAL)
