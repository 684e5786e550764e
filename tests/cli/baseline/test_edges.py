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
    if edges:
        assert rows.min() >= max(50, 0.005 * len(sample))
    else:
        assert rows.min() >= 1


@given(st.dictionaries(finite, st.integers(1, 10**6), min_size=1, max_size=25))
def test_discrete_values_have_a_bin_each_unless_too_rare(rows_by_value: dict[float, int]) -> None:
    edges = discrete_edges(rows_by_value)

    least = max(50, 0.005 * sum(rows_by_value.values()))
    values = np.array(sorted(rows_by_value))
    place = np.searchsorted(edges, values, side="left")
    rows = np.bincount(place, weights=[rows_by_value[value] for value in values])
    if edges:
        assert rows.min() >= least
    if min(rows_by_value.values()) >= least:
        assert len(edges) == len(rows_by_value) - 1


def test_a_small_bin_joins_its_smaller_neighbour() -> None:
    # 3.0 has 10 rows: below 50; of its neighbours 2.0 (200) and 4.0 (100) the latter is smaller
    assert discrete_edges({1.0: 400, 2.0: 200, 3.0: 10, 4.0: 100}) == (1.0, 2.0)
    assert discrete_edges({1.0: 400, 2.0: 90, 3.0: 10, 4.0: 100}) == (1.0, 3.0)


def test_ties_share_a_bin() -> None:
    sample = np.array([1.0] * 950 + list(range(2, 52)))
    assert equal_mass_edges(sample, 10, len(sample)) == (1.0,)


def test_negative_zero_is_zero() -> None:
    edges = equal_mass_edges(np.array([-0.0] * 100 + [1.0] * 100), 2, 200)
    assert [repr(edge) for edge in edges] == ["0.0"]


def test_of_a_sample_bins_must_be_a_tenth_larger() -> None:
    sample = np.array([0.0] * 994 + [1.0] * 6)
    assert equal_mass_edges(sample, 1_000, 1_000_000) == (0.0,)
    sample = np.array([0.0] * 995 + [1.0] * 5)
    assert equal_mass_edges(sample, 1_000, 1_000_000) == ()


@pytest.mark.parametrize("text", ["", "x" * 129, "__other__"])
def test_what_cannot_be_a_label_is_no_category(text: str) -> None:
    assert top_categories({text: 99, "a": 20}, ("__other__",)) == ("a",)


def test_at_most_19_categories() -> None:
    assert len(top_categories({f"w{i}": 100 + i for i in range(40)}, ())) == 19
