"""Moments: what numpy says of all values at once, however they were batched."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_sidecar.stats.moments import Moments, Summary

values = st.lists(st.floats(-1e3, 1e3) | st.sampled_from([np.nan, np.inf, -np.inf]), max_size=30)


def fed(*batches: list[float], shift: float = 3.0) -> Moments:
    moments = Moments([shift])
    for batch in batches:
        moments.update(np.array(batch, dtype=np.float64).reshape(-1, 1))
    return moments


@given(values, values)
def test_batches_are_what_all_at_once_would_be(a: list[float], b: list[float]) -> None:
    finite = np.array([x for x in a + b if np.isfinite(x)])

    summary = fed(a, b).summary(0)

    assert summary.values == len(finite)
    if len(finite):
        assert summary.mean == pytest.approx(finite.mean(), abs=1e-6)
        assert summary.standard_deviation == pytest.approx(finite.std(), rel=1e-6, abs=1e-4)
        assert (summary.minimum, summary.maximum) == (finite.min(), finite.max())


@given(values, values)
def test_replicas_merge_to_what_one_would_have_seen(a: list[float], b: list[float]) -> None:
    merged = fed(a)
    merged.merge(fed(b))

    assert merged.summary(0) == fed(a, b).summary(0)


def test_nothing_seen_has_no_moments() -> None:
    assert fed([np.nan]).summary(0) == Summary(0, None, None, None, None)


def test_a_shift_keeps_the_spread_of_large_numbers() -> None:
    sample = 1.7e12 + np.arange(1000.0)

    summary = fed(sample.tolist(), shift=1.7e12).summary(0)

    assert summary.standard_deviation == pytest.approx(sample.std(), rel=1e-12)


def test_one_absurd_value_leaves_all_sums_finite() -> None:
    moments = fed([1.0, 1e308, -1e308, 2.0])

    assert np.isfinite(moments.sums).all()
    assert np.isfinite(moments.squares).all()
    assert moments.summary(0).maximum == 1e308


def test_different_shifts_do_not_merge() -> None:
    with pytest.raises(ValueError, match="different shifts"):
        fed([1.0]).merge(fed([1.0], shift=0.0))


def test_first_lanes_alone_can_be_fed() -> None:
    moments = Moments([0.0, 0.0])
    moments.update(np.array([[1.0], [2.0]]))

    assert [moments.summary(lane).values for lane in (0, 1)] == [2, 0]
