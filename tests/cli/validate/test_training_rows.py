"""Bounds on how many training rows a range or a list of categories leaves out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_api.baseline import Bins, Categories
from modelmonitor_api.spec import Feature
from modelmonitor_cli.validate.training_rows import not_allowed, outside_range
from modelmonitor_sidecar.testing_baselines import categorical, numeric

whole = st.integers(-20, 20).map(float)


@given(st.lists(whole, min_size=20, max_size=200), whole, whole, st.integers(2, 8))
def test_the_rows_outside_a_range_are_between_the_bounds(
    values: list[float], one: float, other: float, bins: int
) -> None:
    low, high = sorted((one, other))
    counts = numeric("x", values, bins=bins).counts
    assert isinstance(counts, Bins)

    fewest, most = outside_range(Feature("x", minimum=low, maximum=high), counts)

    outside = int(((np.array(values) < low) | (np.array(values) > high)).sum())
    assert fewest <= outside <= most
    assert (most == 0) == (outside == 0)


@pytest.mark.parametrize(
    ("allowed", "bounds"),
    [
        (("red", "blue"), (30, 30)),
        (("red",), (80, 80)),
        (("red", "tan"), (50, 80)),
        (("red", "blue", "tan", "pink"), (0, 0)),
    ],
)
def test_rows_not_allowed_by_hand(allowed: tuple[str, ...], bounds: tuple[int, int]) -> None:
    counts = categorical("x", {"red": 120, "blue": 50}, others={"tan": 20, "pink": 10}).counts
    assert isinstance(counts, Categories)
    assert not_allowed(allowed, counts) == bounds


def test_of_rare_values_without_a_count_nothing_is_known() -> None:
    assert not_allowed(("red",), Categories(("red", "blue"), (120, 50), 30, None)) == (50, 80)
