"""Laws of edges: rising, no empty bin, none too small; ties share a bin."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_cli.baseline.edges import discrete_edges, equal_mass_edges, top_categories

finite = st.floats(allow_nan=False, allow_infinity=False)
samples = st.lists(finite, min_size=1, max_size=400) | st.lists(
    st.integers(-3, 3).map(float), min_size=1, max_size=400
)


@given(samples, st.integers(2, 30))
def test_bins_are_rising_never_empty_and_large_enough(values: list[float], bins: int) -> None:
    sample = np.array(values)

    edges = equal_mass_edges(sample, bins, len(sample))

    rows = np.bincount(np.searchsorted(edges, sample, side="left"), minlength=len(edges) + 1)
    assert all(low < high for low, high in pairwise(edges))
    assert len({repr(edge) for edge in edges}) == len(edges)
    assert len(rows) == len(edges) + 1 <= bins
    assert set(edges) <= set(values)
    assert min(rows) >= 1
    assert_small_bins_would_be_hidden(rows.tolist())
    assert len(rows) > 1 or len({*values}) == 1


def assert_small_bins_would_be_hidden(rows: list[int]) -> None:
    """Where there are more than two bins, in a table of so many rows."""
    for small in range(len(rows)) if len(rows) > 2 else ():
        neighbours = [rows[at] for at in (small - 1, small + 1) if 0 <= at < len(rows)]
        large_enough = rows[small] >= max(50, 0.005 * sum(rows))
        would_be_hidden = min(neighbours) > max(0.1 * sum(rows), 10 * rows[small])
        assert large_enough or (would_be_hidden and rows[small] >= 0.001 * sum(rows))


@given(st.dictionaries(finite, st.integers(1, 10**6), min_size=1, max_size=25))
def test_discrete_values_have_a_bin_each_unless_too_rare(rows_by_value: dict[float, int]) -> None:
    edges = discrete_edges(rows_by_value)

    least = max(50, 0.005 * sum(rows_by_value.values()))
    values = np.array(sorted(rows_by_value))
    place = np.searchsorted(edges, values, side="left")
    rows = np.bincount(place, weights=[rows_by_value[value] for value in values])
    assert_small_bins_would_be_hidden(rows.astype(int).tolist())
    assert len(rows) > 1 or len(rows_by_value) == 1
    if min(rows_by_value.values()) >= least:
        assert len(edges) == len(rows_by_value) - 1


def test_a_small_bin_joins_its_smaller_neighbour() -> None:
    # 3.0 has 10 rows: below 50; of its neighbours 2.0 (200) and 4.0 (100) the latter is smaller
    assert discrete_edges({1.0: 400, 2.0: 200, 3.0: 10, 4.0: 100}) == (1.0, 2.0)
    assert discrete_edges({1.0: 400, 2.0: 90, 3.0: 10, 4.0: 100}) == (1.0, 3.0)


def test_a_rare_value_is_not_hidden_beside_a_frequent_one() -> None:
    # 0.3 % beside 70 %: the frequent value could fall to 40 % for its sake, unseen
    assert discrete_edges({0.0: 2_970, 1.0: 7_000, 2.0: 30}) == (0.0, 1.0)
    assert discrete_edges({0.0: 30, 1.0: 7_000, 2.0: 2_970}) == (0.0, 1.0)


def test_one_row_of_a_thousand_and_less_is_merged_for_the_others_sake() -> None:
    assert discrete_edges({0.0: 2_991, 1.0: 7_000, 2.0: 9}) == (0.0,)


@pytest.mark.parametrize("rare", [1, 30, 49, 4_000])
def test_two_values_are_two_bins_however_rare_one_is(rare: int) -> None:
    assert discrete_edges({0.0: 1_000_000, 1.0: rare}) == (0.0,)
    assert equal_mass_edges(np.array([0.0] * 99_999 + [1.0]), 10, 100_000) == (0.0,)


def test_ties_share_a_bin() -> None:
    sample = np.array([1.0] * 950 + list(range(2, 52)))
    assert equal_mass_edges(sample, 10, len(sample)) == (1.0,)


def test_a_value_that_fills_a_bin_shares_it_with_none() -> None:
    # 0.3 % negative, 0.4 % positive, all else 0
    sample = np.array([-2.0] * 10 + [-1.0] * 20 + [0.0] * 9_930 + [float(i) for i in range(1, 41)])
    assert equal_mass_edges(sample, 10, len(sample)) == (-1.0, 0.0)


def test_negative_zero_is_zero() -> None:
    edges = equal_mass_edges(np.array([-0.0] * 100 + [1.0] * 100), 2, 200)
    assert [repr(edge) for edge in edges] == ["0.0"]


def test_of_a_sample_bins_must_be_a_tenth_larger() -> None:
    sample = np.array([0.0] * 940 + [1.0] * 54 + [2.0] * 6)
    assert equal_mass_edges(sample, 1_000, 1_000_000) == (0.0, 1.0)
    sample = np.array([0.0] * 940 + [1.0] * 55 + [2.0] * 5)
    assert equal_mass_edges(sample, 1_000, 1_000_000) == (0.0,)


@pytest.mark.parametrize("text", ["", "x" * 129, "__other__"])
def test_what_cannot_be_a_label_is_no_category(text: str) -> None:
    assert top_categories({text: 99, "a": 20}, ("__other__",)) == ("a",)


def test_at_most_19_categories() -> None:
    assert len(top_categories({f"w{i}": 100 + i for i in range(40)}, ())) == 19
