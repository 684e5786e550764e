"""The sketch: quantiles within 1 %, merges to the bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_sidecar.stats.lanes import Lanes
from modelmonitor_sidecar.stats.sketch import CELLS, RELATIVE_ERROR, Sketch, lowest_cells

SHARES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999]
numbers = st.lists(st.floats(-1e4, 1e4) | st.sampled_from([np.nan, np.inf]), max_size=40)
largest = st.sampled_from([1e-3, 1.0, 50.0, 1e4, 1e9])


def fed(values: list[float], expected: float | None = 1e4) -> Sketch:
    sketch = Sketch(lowest_cells([expected]))
    sketch.update(np.array(values, dtype=np.float64).reshape(-1, 1))
    return sketch


def merged(*sketches: Sketch) -> Sketch:
    whole = Sketch(sketches[0].base.copy())
    for sketch in sketches:
        whole.merge(sketch)
    return whole


@pytest.mark.parametrize("sigma", [0.5, 1.0, 3.0])
def test_quantiles_of_a_lognormal_are_within_one_percent(sigma: float) -> None:
    values = np.random.default_rng(1).lognormal(0.0, sigma, 100_000)

    found = fed(values.tolist(), float(values.max())).quantiles(0, SHARES)

    exact = np.quantile(values, SHARES, method="inverted_cdf")
    assert np.abs(np.array(found) / exact - 1).max() <= RELATIVE_ERROR


def test_quantiles_of_either_sign_are_within_one_percent() -> None:
    values = np.random.default_rng(2).normal(size=100_000)

    found = fed(values.tolist(), 4.0).quantiles(0, SHARES)

    exact = np.quantile(values, SHARES, method="inverted_cdf")
    assert np.abs(np.array(found) / exact - 1).max() <= RELATIVE_ERROR


@given(numbers, numbers, numbers, largest, largest, largest)
def test_merging_is_associative_and_commutative_to_the_bit(
    a: list[float], b: list[float], c: list[float], p: float, q: float, r: float
) -> None:
    x, y, z = fed(a, p), fed(b, q), fed(c, r)

    one, other, third = merged(merged(x, y), z), merged(x, merged(y, z)), merged(z, y, x)

    assert (one.counts == other.counts).all()
    assert (one.counts == third.counts).all()
    assert (one.base == other.base).all()
    assert (one.base == third.base).all()


@given(numbers, numbers)
def test_replicas_merge_to_what_one_would_have_seen(a: list[float], b: list[float]) -> None:
    assert (merged(fed(a), fed(b)).counts == fed(a + b).counts).all()


def test_every_finite_value_is_counted_once_whatever_it_is() -> None:
    hostile = [0.0, -0.0, 5e-324, 1e308, -1e308, 1.0, float(2**53 + 1), np.nan, np.inf, -np.inf]

    sketch = fed(hostile)

    assert sketch.counts.sum() == 7
    assert sketch.quantiles(0, [0.0, 1.0]) == sorted(sketch.quantiles(0, [0.0, 1.0]))


def test_a_unit_taken_a_thousand_times_too_small_still_has_its_median() -> None:
    sketch = fed([1000.0 * x for x in range(1, 1001)], expected=1000.0)

    assert sketch.quantiles(0, [0.5])[0] == pytest.approx(500_000, rel=0.01)


def test_an_unknown_range_serves_everyday_numbers() -> None:
    for scale in (1e-6, 1.0, 1e6):
        assert fed([scale] * 9, expected=None).quantiles(0, [0.5])[0] == pytest.approx(
            scale, rel=0.01
        )


def test_a_lane_takes_at_most_40_kilobytes() -> None:
    assert Sketch(lowest_cells([1.0])).counts.nbytes == CELLS * 8 <= 40_000


def test_lanes_do_not_mix_and_may_begin_later() -> None:
    sketch = Sketch(lowest_cells([10.0, 10.0, 10.0]))
    sketch.add(Lanes.of_rows(np.array([[1.0, 9.0]] * 5)), first=1)

    assert sketch.counts[:CELLS].sum() == 0
    assert sketch.quantiles(1, [0.5])[0] == pytest.approx(1.0, rel=0.01)
    assert sketch.quantiles(2, [0.5])[0] == pytest.approx(9.0, rel=0.01)
