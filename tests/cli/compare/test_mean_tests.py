"""Welch's tests against scipy, by hand, and where there is nothing to compute."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from modelmonitor_cli.baseline.values import Floats
from modelmonitor_cli.compare.mean_tests import welch_anova, welch_t
from modelmonitor_cli.compare.outcome import Outcome
from modelmonitor_cli.compare.remarks import NO_SPREAD, ROUGH

NUMBERS = st.lists(st.integers(-50, 50), min_size=2, max_size=30).filter(
    lambda it: len(set(it)) > 1
)


def floats(values: list[int] | list[float]) -> Floats:
    return np.array(values, dtype=np.float64)


def done(outcome: object) -> Outcome:
    assert isinstance(outcome, Outcome)
    return outcome


def test_two_means_by_hand() -> None:
    """Variances 1 and 4, three rows each: t = 3 / sqrt(5/3), and g = 3 / sqrt(5/2) times 4/5.

    The factor for 4 degrees of freedom is exactly Gamma(2) / (sqrt 2 Gamma(3/2)) = 0.7979.
    """
    outcome = done(welch_t(floats([1, 2, 3]), floats([3, 5, 7])))
    assert outcome.statistic == pytest.approx(3 / math.sqrt(5 / 3))
    factor = math.gamma(2) / (math.sqrt(2) * math.gamma(1.5))
    assert outcome.effect == pytest.approx(3 / math.sqrt(5 / 2) * factor)
    assert outcome.remarks == (ROUGH,)


@given(NUMBERS, NUMBERS)
def test_the_t_test_is_scipys(first: list[int], other: list[int]) -> None:
    outcome = done(welch_t(floats(first), floats(other)))
    found = stats.ttest_ind(other, first, equal_var=False)
    assert outcome.statistic == pytest.approx(found.statistic, abs=1e-9)
    assert outcome.degrees_of_freedom == pytest.approx((found.df,))
    assert outcome.p == pytest.approx(found.pvalue, abs=1e-12)


@given(NUMBERS, NUMBERS)
def test_the_later_table_being_larger_is_positive(first: list[int], other: list[int]) -> None:
    here, there = welch_t(floats(first), floats(other)), welch_t(floats(other), floats(first))
    assert done(here).effect == pytest.approx(-done(there).effect)
    assert done(here).effect * (np.mean(other) - np.mean(first)) >= -1e-12


@given(NUMBERS, NUMBERS)
def test_of_two_tables_the_analysis_of_variance_is_the_t_test_squared(
    first: list[int], other: list[int]
) -> None:
    t = done(welch_t(floats(first), floats(other)))
    f = done(welch_anova([floats(first), floats(other)]))
    assert f.statistic == pytest.approx(t.statistic**2, abs=1e-9)
    assert f.degrees_of_freedom == pytest.approx((1.0, *t.degrees_of_freedom))
    assert f.p == pytest.approx(t.p, abs=1e-9)


def test_several_means_as_welch_published_them() -> None:
    """Three tables whose F, by the formula with plain numbers: weights 3/1, 3/4, 4/1."""
    samples = [floats([1, 2, 3]), floats([2, 4, 6]), floats([4, 5, 5, 6])]
    sizes, means = [3, 3, 4], [2.0, 4.0, 5.0]
    weights = [3 / 1, 3 / 4, 4 / (2 / 3)]
    mean = sum(w * m for w, m in zip(weights, means, strict=True)) / sum(weights)
    between = sum(w * (m - mean) ** 2 for w, m in zip(weights, means, strict=True)) / 2
    unequal = sum(
        (1 - w / sum(weights)) ** 2 / (n - 1) for w, n in zip(weights, sizes, strict=True)
    )
    outcome = done(welch_anova(samples))
    assert outcome.statistic == pytest.approx(between / (1 + 2 * 1 / 8 * unequal))
    assert outcome.degrees_of_freedom == pytest.approx((2.0, 8 / (3 * unequal)))
    gain = 2 * (outcome.statistic - 1)
    assert outcome.effect == pytest.approx(gain / (gain + 10))


@given(st.lists(NUMBERS, min_size=3, max_size=5))
def test_the_analysis_of_variance_is_the_one_of_newer_scipy(samples: list[list[int]]) -> None:
    outcome = done(welch_anova([floats(sample) for sample in samples]))
    found = stats.f_oneway(*samples, equal_var=False)
    assert outcome.statistic == pytest.approx(found.statistic, abs=1e-9)
    assert outcome.p == pytest.approx(found.pvalue, abs=1e-9)
    assert 0 <= outcome.effect < 1


def test_equal_means_have_no_effect() -> None:
    outcome = done(welch_anova([floats([1, 2, 3]), floats([0, 2, 4]), floats([2, 1, 3])]))
    assert outcome.statistic == 0
    assert outcome.effect == 0
    assert outcome.p == 1


def test_one_constant_table_can_be_compared_with_a_mean_of_another() -> None:
    assert isinstance(welch_t(floats([1, 1, 1]), floats([1, 2, 3])), Outcome)
    assert welch_t(floats([1, 1]), floats([2, 2])) == NO_SPREAD
    assert welch_anova([floats([1, 1]), floats([1, 2]), floats([1, 3])]) == NO_SPREAD


def test_the_largest_numbers_there_are_do_not_overflow() -> None:
    huge = welch_t(floats([1e308, 1.1e308, 1.2e308]), floats([1.5e308, 1.6e308, 1.7e308]))
    plain = welch_t(floats([1.0, 1.1, 1.2]), floats([1.5, 1.6, 1.7]))
    assert done(huge).statistic == pytest.approx(done(plain).statistic)
    assert done(huge).effect == pytest.approx(done(plain).effect)


def test_the_effect_does_not_grow_with_the_rows() -> None:
    """A shift of half a standard deviation: g is near 0.5 for 100 rows and for 100,000."""
    quantiles = [stats.norm.ppf((np.arange(rows) + 0.5) / rows) for rows in (100, 100_000)]
    few, many = (done(welch_t(sample, sample + 0.5)) for sample in quantiles)
    assert few.effect == pytest.approx(0.5, abs=0.01)
    assert many.effect == pytest.approx(0.5, abs=0.001)
    assert many.p < 1e-300 < few.p
