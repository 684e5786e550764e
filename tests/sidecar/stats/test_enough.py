"""How many rows a window needs: for every bin a row, as far as the baseline tells."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm

from modelmonitor_api.baseline import BaselineFeature, Bins
from modelmonitor_sidecar.stats.effect import Reference
from modelmonitor_sidecar.stats.enough import feature_needs_rows, needed_rows
from modelmonitor_sidecar.stats.verdict import Bar, judge_with
from modelmonitor_sidecar.testing_baselines import categorical, numeric

NORMAL = np.random.default_rng(0).normal(size=10_000)


def flag(rows: int, rare: int) -> BaselineFeature:
    """0, but 1 in so many of the rows."""
    share = rare / rows
    spread = math.sqrt(share * (1 - share))
    counts = Bins((0.0,), (rows - rare, rare), (0.0, 1.0), share, spread, 0.0, 1.0)
    return BaselineFeature("x", "input", "discrete", counts)


def test_needed_rows_by_hand() -> None:
    assert (needed_rows(10), needed_rows(11), needed_rows(2)) == (200, 220, 200)
    assert feature_needs_rows(numeric("x", NORMAL)) == 200
    assert feature_needs_rows(flag(10_000, 50)) == 200
    assert feature_needs_rows(flag(10_000, 30)) == 334
    assert feature_needs_rows(flag(10_000, 1)) == 10_000


def test_rare_categories_ask_for_no_more_rows() -> None:
    assert feature_needs_rows(categorical("x", {"red": 99_980, "blue": 20})) == 200


def test_bins_that_other_data_left_empty_ask_for_nothing() -> None:
    counts = Bins((0.0, 1.0), (0, 100, 0), (0.0, 0.5, 2.0), 0.5, 0.1, 0.2, 0.9)
    nothing = Bins((0.0,), (0, 0), (0.0, 0.0), 0.0, 0.0, 0.0, 0.0)
    assert feature_needs_rows(BaselineFeature("x", "input", "numeric", counts)) == 200
    assert feature_needs_rows(BaselineFeature("x", "input", "numeric", nothing)) == 200


@given(st.integers(200, 10**7), st.data())
def test_a_row_is_to_be_expected_in_the_rarest_bin(rows: int, data: st.DataObject) -> None:
    rare = data.draw(st.integers(1, rows // 2))
    needed = feature_needs_rows(flag(rows, rare))
    assert needed * rare >= rows
    assert needed == 200 or (needed - 1) * rare < rows


@pytest.mark.parametrize(("rows", "rare"), [(10_000, 1), (10_000, 30), (10**6, 50), (10**6, 3_000)])
def test_two_healthy_windows_in_a_row_drift_no_more_often_than_promised(
    rows: int, rare: int
) -> None:
    """Exactly, of all counts that a healthy window can have."""
    feature, bar = flag(rows, rare), Bar(0.1, 5.0)
    n = feature_needs_rows(feature)
    likely = np.arange(int(binom.isf(1e-15, n, rare / rows)) + 2)
    reference = Reference(feature)

    drifts = [
        judge_with(reference, np.array([n - count, count]), 1.0, bar).verdict == "drift"
        for count in likely
    ]

    chance = binom.pmf(likely, n, rare / rows)[drifts].sum()
    assert chance**2 < norm.sf(bar.z_threshold)
    assert chance < 1e-4


def test_a_rare_value_that_becomes_common_is_drift() -> None:
    reference = Reference(flag(10_000, 30))
    assert judge_with(reference, np.array([700, 300]), 1.0, Bar(0.1, 6.0)).verdict == "drift"
    assert judge_with(reference, np.array([997, 3]), 1.0, Bar(0.1, 6.0)).verdict == "ok"
    assert judge_with(reference, np.array([230, 100]), 1.0, Bar(0.1, 6.0)).verdict == "insufficient"
