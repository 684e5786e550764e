"""Tests of ranks against scipy and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from modelmonitor_cli.baseline.values import Floats
from modelmonitor_cli.compare.rank_tests import kolmogorov_smirnov, kruskal_wallis, mann_whitney
from modelmonitor_cli.compare.remarks import ROUGH, TIES, warnings_as_remarks

NUMBERS = st.lists(st.integers(-9, 9), min_size=2, max_size=20)


def floats(values: list[int] | list[float]) -> Floats:
    return np.array(values, dtype=np.float64)


def test_the_gap_of_two_distributions_by_hand() -> None:
    """Up to 2 there are 2 of 3 values of the one and none of the other."""
    outcome = kolmogorov_smirnov(floats([1, 2, 9]), floats([3, 4, 9.5]))
    assert outcome.effect == outcome.statistic == pytest.approx(2 / 3)


def test_pairs_by_hand() -> None:
    """Of 6 pairs the later is larger in 4, equal in 1, smaller in 1: r = 3/6."""
    outcome = mann_whitney(floats([1, 3]), floats([2, 3, 5]))
    assert outcome.effect == pytest.approx(0.5)


@given(NUMBERS, NUMBERS)
def test_the_rank_correlation_is_the_share_of_larger_less_smaller_pairs(
    first: list[int], other: list[int]
) -> None:
    larger = np.mean([np.sign(late - early) for early in first for late in other])
    assert mann_whitney(floats(first), floats(other)).effect == pytest.approx(larger, abs=1e-12)


@given(NUMBERS, NUMBERS)
def test_the_two_tables_can_be_swapped(first: list[int], other: list[int]) -> None:
    a, b = floats(first), floats(other)
    with warnings_as_remarks():
        assert kolmogorov_smirnov(a, b).p == pytest.approx(kolmogorov_smirnov(b, a).p)
    assert mann_whitney(a, b).effect == pytest.approx(-mann_whitney(b, a).effect)


def test_ranks_of_three_tables_by_hand() -> None:
    """Ranks 1 2, 3 4, 5 6: H = 12/42 (3^2/2 + 7^2/2 + 11^2/2) - 21 = 4.5714, over N - 1 = 5."""
    outcome = kruskal_wallis([floats([1, 2]), floats([3, 4]), floats([5, 6])])
    assert outcome.statistic == pytest.approx(12 / 42 * (9 + 49 + 121) / 2 - 21)
    assert outcome.effect == pytest.approx(outcome.statistic / 5)
    assert outcome.degrees_of_freedom == (2.0,)
    assert outcome.remarks == (ROUGH,)


def test_few_values_are_remarked_and_many_are_not() -> None:
    few = np.tile(np.arange(10.0), 50)
    many = np.arange(500.0)
    assert kolmogorov_smirnov(few, few).remarks == (TIES,)
    assert kolmogorov_smirnov(many, many).remarks == ()


def test_ties_make_p_too_large_as_the_remark_says() -> None:
    """Ten values, 400 healthy pairs: fewer than 5 % have p < 0.05."""
    chance = np.random.default_rng(11)
    draws = chance.integers(0, 10, size=(400, 2, 1_000)).astype(np.float64)
    low = sum(kolmogorov_smirnov(first, other).p < 0.05 for first, other in draws)
    assert low / len(draws) < 0.04


@given(NUMBERS, NUMBERS)
def test_p_values_are_scipys(first: list[int], other: list[int]) -> None:
    a, b = floats(first), floats(other)
    with warnings_as_remarks():
        assert kolmogorov_smirnov(a, b).p == pytest.approx(stats.ks_2samp(a, b).pvalue)
    assert mann_whitney(a, b).p == pytest.approx(stats.mannwhitneyu(a, b).pvalue, nan_ok=True)
