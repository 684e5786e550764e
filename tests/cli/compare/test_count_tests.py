"""Chi-square of counts: by hand, against scipy, and with rare values."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import contingency

from modelmonitor_cli.compare.count_tests import chi_square, cramers_v, joined_rare
from modelmonitor_cli.compare.remarks import RARE, ROUGH

COUNTS = st.integers(2, 4).flatmap(
    lambda tables: st.integers(2, 8).flatmap(
        lambda values: st.lists(
            st.lists(st.integers(1, 60), min_size=values, max_size=values),
            min_size=tables,
            max_size=tables,
        )
    )
)


def counts(rows: list[list[int]]) -> "np.typing.NDArray[np.float64]":
    return np.array(rows, dtype=np.float64)


def test_two_tables_by_hand() -> None:
    """30:20 against 20:30, expected 25 each: 4 * 25/25 = 4; phi^2 = 4/100 less chance 1/99."""
    outcome = chi_square(counts([[30, 20], [20, 30]]))
    assert outcome.statistic == pytest.approx(4.0)
    assert outcome.degrees_of_freedom == (1.0,)
    assert outcome.p == pytest.approx(math.erfc(math.sqrt(2)))
    assert outcome.effect == pytest.approx(math.sqrt((0.04 - 1 / 99) / (1 - 1 / 99)))
    assert outcome.remarks == ()


def test_nothing_in_common_is_one_and_equal_shares_are_none() -> None:
    assert chi_square(counts([[500, 0], [0, 500]])).effect == pytest.approx(1.0, abs=1e-3)
    assert chi_square(counts([[500, 100], [1000, 200]])).effect == 0


@given(COUNTS)
def test_without_rare_values_the_test_is_scipys(rows: list[list[int]]) -> None:
    table = counts(rows)
    joined = joined_rare(table)
    found = stats.chi2_contingency(joined, correction=False)
    outcome = chi_square(table)
    assert outcome.statistic == pytest.approx(found.statistic)
    assert outcome.p == pytest.approx(found.pvalue)
    plain = contingency.association(joined.astype(np.int64), method="cramer", correction=False)
    assert 0 <= outcome.effect <= plain + 0.02


def test_many_rows_take_the_correction_of_the_effect_away() -> None:
    table = counts([[30_000, 20_000, 9_000], [20_000, 30_000, 9_500]])
    plain = contingency.association(table.astype(np.int64), method="cramer", correction=False)
    assert chi_square(table).effect == pytest.approx(plain, rel=1e-3)


@given(COUNTS)
def test_joining_keeps_every_row_and_two_values(rows: list[list[int]]) -> None:
    table = counts(rows)
    joined = joined_rare(table)
    assert joined.sum(axis=1).tolist() == table.sum(axis=1).tolist()
    assert joined.shape[1] >= 2
    if joined.shape[1] > 2:
        expected = np.outer(joined.sum(axis=1), joined.sum(axis=0)) / joined.sum()
        assert expected.min() >= 5 - 1e-9


def test_only_rare_values_are_joined() -> None:
    """A value needs 10 rows in all; 3 and 4 are rare, together 7, so that of 12 goes too."""
    table = counts([[50, 40, 6, 2, 2], [50, 41, 6, 1, 2]])
    assert joined_rare(table).tolist() == [[50, 40, 10], [50, 41, 9]]
    assert chi_square(table).remarks == (RARE,)


def test_too_few_rows_for_two_values_are_rough() -> None:
    assert chi_square(counts([[3, 1], [2, 2]])).remarks == (ROUGH,)


def test_values_that_are_all_different_are_one_rare_value() -> None:
    """As when every row of the second table has a text of its own."""
    before = [500, 500, *[0] * 1_000]
    after = [0, 0, *[1] * 1_000]
    outcome = chi_square(counts([before, after]))
    assert outcome.degrees_of_freedom == (2.0,)
    assert outcome.effect == pytest.approx(1.0, abs=1e-3)


def test_next_to_no_rows_have_no_effect() -> None:
    assert cramers_v(1.0, counts([[1, 0], [0, 0]])) == 0
    assert cramers_v(2.0, counts([[1, 0], [0, 1]])) == 0
