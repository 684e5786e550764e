"""Benjamini and Hochberg, against scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, norm

from modelmonitor_sidecar.stats.discoveries import adjusted, discoveries, p_value

p_values = st.lists(st.floats(0.0, 1.0), max_size=30)


def test_five_by_hand() -> None:
    # sorted 0.005, 0.01, 0.03, 0.04, 0.9, times 5/rank: 0.025, 0.025, 0.05, 0.05, 0.9
    assert adjusted([0.04, 0.005, 0.9, 0.01, 0.03]) == pytest.approx(
        [0.05, 0.025, 0.9, 0.025, 0.05]
    )


@given(p_values)
def test_it_is_scipys(p: list[float]) -> None:
    assert adjusted(p) == pytest.approx(np.asarray(false_discovery_control(p)) if p else [])


@given(p_values)
def test_nothing_becomes_more_likely_and_the_order_stays(p: list[float]) -> None:
    found = adjusted(p)

    assert (found >= p).all()
    assert (np.diff(found[np.argsort(p)]) >= 0).all()


def test_of_forty_healthy_features_hardly_ever_one_is_marked() -> None:
    lists = np.random.default_rng(0).uniform(size=(500, 40))

    assert np.mean([discoveries(one).any() for one in lists]) <= 0.07
    assert np.mean([(one <= 0.05).any() for one in lists]) >= 0.8


@given(st.floats(-8.0, 30.0))
def test_the_tail_of_a_normal_score_is_scipys(z: float) -> None:
    assert p_value(z) == pytest.approx(norm.sf(z), rel=1e-9)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        adjusted([0.5, wrong])
