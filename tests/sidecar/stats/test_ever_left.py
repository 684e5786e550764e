"""Has it ever left the baseline: the formula, its promise, and how soon it sees what."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.special import gammaln

from modelmonitor_sidecar.stats.effect import Reference
from modelmonitor_sidecar.stats.ever_left import ever_left, log_evidence
from modelmonitor_sidecar.testing_baselines import numeric

NORMAL = np.random.default_rng(0).normal(size=100_000)
TEN_BINS = Reference(numeric("x", NORMAL))
EDGES = np.quantile(NORMAL, np.arange(1, 10) / 10)

Floats = NDArray[np.float64]

counts = arrays(np.int64, 6, elements=st.integers(0, 10**6))
weights = arrays(np.float64, 6, elements=st.floats(0.001, 1.0))


def test_one_row_of_a_fair_coin_by_hand() -> None:
    """The other shares are 1/2 on average, so one row says nothing; two alike say a little.

    E = ((k/2)(k/2 + 1) / (k (k + 1))) / (1/4) = 4 * 10 * 11 / (20 * 21) with k = 20.
    """
    assert log_evidence([1, 0], [0.5, 0.5]) == pytest.approx(0.0, abs=1e-12)
    assert log_evidence([2, 0], [0.5, 0.5]) == pytest.approx(math.log(440 / 420))


@given(counts, weights)
def test_it_is_the_formula_with_scipys_gamma(totals: NDArray[np.int64], w: Floats) -> None:
    p = w / w.sum()
    k, n = 60, totals.sum()

    expected = gammaln(k) - gammaln(k + n)
    expected += (gammaln(k * p + totals) - gammaln(k * p)).sum() - (totals * np.log(p)).sum()

    assert log_evidence(totals, p) == pytest.approx(expected, rel=1e-9, abs=1e-6)


@given(counts, weights, st.permutations(range(6)))
def test_the_order_of_cells_does_not_matter(
    totals: NDArray[np.int64], w: Floats, order: list[int]
) -> None:
    p = w / w.sum()

    assert log_evidence(totals[order], p[order]) == pytest.approx(
        log_evidence(totals, p), rel=1e-9, abs=1e-6
    )


def test_evidence_is_one_on_average_whatever_comes() -> None:
    """All outcomes of three rows in three cells, weighed by their chance: E is exactly 1."""
    p = np.array([0.5, 0.3, 0.2])
    mean = 0.0
    for first in range(3):
        for second in range(3):
            for third in range(3):
                rows = [first, second, third]
                mean += math.exp(log_evidence(np.bincount(rows, minlength=3), p)) * p[rows].prod()

    assert mean == pytest.approx(1.0)


def test_of_healthy_streams_no_more_than_promised_is_ever_told() -> None:
    """300 streams, looked at 100 times each: at most 5 % may ever exceed 20."""
    chance = np.random.default_rng(1)
    told = 0
    for _ in range(300):
        totals = chance.multinomial(50, [0.1] * 10, size=100).cumsum(axis=0)
        told += any(log_evidence(row, [0.1] * 10) > math.log(20) for row in totals)

    assert told <= 15


@pytest.mark.parametrize(("shift", "rows"), [(0.1, 2_650), (0.25, 300), (0.5, 100)])
def test_a_shift_is_told_after_about_so_many_rows(shift: float, rows: int) -> None:
    shares = np.bincount(np.searchsorted(EDGES, NORMAL + shift), minlength=10) / len(NORMAL)
    chance, needed = np.random.default_rng(2), []
    for _ in range(30):
        totals = chance.multinomial(10, shares, size=1000).cumsum(axis=0)
        told = [log_evidence(row, [0.1] * 10) > math.log(20) for row in totals]
        needed.append(10 * (told.index(True) + 1))

    assert np.median(needed) == pytest.approx(rows, rel=0.5)


def test_more_rows_than_the_baseline_has_do_not_prove_its_noise() -> None:
    """2,000 rows of training, 200,000 of the same origin: the shares differ by chance alone."""
    chance, told = np.random.default_rng(3), 0
    for _ in range(50):
        reference = TEN_BINS.in_place(chance.multinomial(2_000, [0.1] * 10))
        told += ever_left(chance.multinomial(200_000, [0.1] * 10), reference, alpha=0.01).left

    assert told <= 1


def test_rows_that_resemble_each_other_count_for_less() -> None:
    alike = Reference(replace(TEN_BINS.feature, rho={"24h": 0.01}))
    rows = np.array([300, *[100] * 9])

    assert ever_left(rows, TEN_BINS, 0.001).left
    assert not ever_left(rows, alike, 0.001).left


def test_no_rows_have_not_left() -> None:
    nothing = ever_left(np.zeros(10), TEN_BINS, alpha=0.05)

    assert (nothing.log_evidence, nothing.left) == (0.0, False)
    assert nothing.threshold == pytest.approx(math.log(20))
