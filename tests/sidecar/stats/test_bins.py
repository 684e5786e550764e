"""Bins: right-closed, exact for every float, whichever way a value is found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from modelmonitor_sidecar.stats.bins import NumericBins

finite = st.floats(-1.7e308, 1.7e308)
some_edges = st.lists(finite, max_size=12, unique=True).map(sorted)
anything = st.floats(allow_nan=True, allow_infinity=True)


def searched(
    edges: list[float], values: NDArray[np.float64], bins: NumericBins, feature: int
) -> NDArray[np.int64]:
    place = np.searchsorted(edges, values, side="left") + bins.offsets[feature]
    return np.where(np.isfinite(values), place, bins.total)


@given(st.lists(some_edges, min_size=1, max_size=4), st.data())
def test_every_float_falls_where_binary_search_puts_it(
    edges: list[list[float]], data: st.DataObject
) -> None:
    bins = NumericBins(edges)
    near = [
        x
        for one in edges
        for e in one
        for x in (e, np.nextafter(e, np.inf), np.nextafter(e, -np.inf))
    ]
    row = st.tuples(*[anything | st.sampled_from(near or [0.0])] * len(edges))
    values = np.array(data.draw(st.lists(row, min_size=1, max_size=20)))

    for order in (np.ascontiguousarray, np.asfortranarray):
        cells = bins.cells(order(values))
        for feature, one in enumerate(edges):
            assert (cells[:, feature] == searched(one, values[:, feature], bins, feature)).all()


@pytest.mark.parametrize("sigma", [0.5, 2.0, 5.0])
def test_skewed_features_are_counted_as_exactly_as_others(sigma: float) -> None:
    chance = np.random.default_rng(5)
    values = np.column_stack([chance.lognormal(0, sigma, 5000), chance.normal(size=5000)])
    edges = [
        np.quantile(column, np.arange(1, 20) / 20, method="inverted_cdf").tolist()
        for column in values.T
    ]

    counts = NumericBins(edges).count(values)

    assert counts.tolist() == [250] * 40


def test_a_value_at_an_edge_belongs_below_it() -> None:
    assert NumericBins([[1.0, 2.0]]).count(np.array([[1.0], [2.0], [2.5], [-0.0]])).tolist() == [
        2,
        1,
        1,
    ]


def test_a_feature_without_edges_has_one_bin() -> None:
    assert NumericBins([[]]).count(np.array([[1.0], [np.nan], [1e308]])).tolist() == [2]


def test_no_features_and_no_rows_are_no_trouble() -> None:
    assert NumericBins([]).count(np.zeros((5, 0))).tolist() == []
    assert NumericBins([[0.0]]).count(np.zeros((0, 1))).tolist() == [0, 0]


@pytest.mark.parametrize("edges", [[1.0, 1.0], [2.0, 1.0], [float("nan")], [0.0, float("inf")]])
def test_edges_that_are_none_are_refused(edges: list[float]) -> None:
    with pytest.raises(ValueError, match="strictly increasing"):
        NumericBins([edges])


def test_values_rounded_to_fp32_stay_on_their_side_of_an_edge() -> None:
    edges = [0.1, 0.2, 0.3]
    sent = np.array([[0.1], [0.2], [0.3], [0.4]], dtype=np.float32)

    as_sent = NumericBins([edges]).count(sent.astype(np.float64))
    rounded = NumericBins([edges]).rounded(np.dtype(np.float32)).count(sent.astype(np.float64))

    assert as_sent.tolist() != [1, 1, 1, 1]
    assert rounded.tolist() == [1, 1, 1, 1]


def test_edges_that_rounding_would_join_stay_exact() -> None:
    close = [16_777_216.0, 16_777_217.0]

    bins = NumericBins([close, [1e300]]).rounded(np.dtype(np.float32))

    assert bins.count(np.array([[16_777_217.0, 1e301]])).tolist() == [0, 1, 0, 0, 1]


def test_a_feature_takes_at_most_256_bytes() -> None:
    bins = NumericBins([np.linspace(0, 1, 9).tolist()] * 200)

    counters = bins.total * 8
    tables = sum(value.nbytes for value in vars(bins).values() if isinstance(value, np.ndarray))

    assert (counters + tables) / 200 <= 256
