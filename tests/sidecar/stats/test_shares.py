"""Shares of missing, invalid, unseen and out-of-range rows: a rise alarms, a fall does not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from modelmonitor_sidecar.stats import distances
from modelmonitor_sidecar.stats.shares import Part, baseline_part, judge_share, share_distance
from modelmonitor_sidecar.stats.verdict import Bar
from modelmonitor_sidecar.testing_baselines import categorical

BAR = Bar(minimum_effect=0.1, z_threshold=4.6)
FEATURE = replace(
    categorical("x", {"red": 5000, "blue": 4000}, others={"tan": 500}), missing_rows=500
)


def test_a_field_gone_null_is_drift() -> None:
    verdict = judge_share("missing", Part(1000, 1000), FEATURE, "5m", BAR)

    assert verdict.verdict == "drift"
    assert verdict.share == 1.0
    assert verdict.baseline_share == 0.05


def test_the_baselines_own_share_is_ok() -> None:
    assert judge_share("missing", Part(50, 1000), FEATURE, "5m", BAR).verdict == "ok"


def test_a_share_that_falls_is_good_news() -> None:
    sick = replace(FEATURE, missing_rows=9_500)

    verdict = judge_share("missing", Part(0, 5000), sick, "5m", BAR)

    assert verdict.verdict == "ok"
    assert verdict.z is not None
    assert verdict.z < -10


def test_the_score_is_the_two_proportion_test() -> None:
    verdict = judge_share("missing", Part(80, 1000), FEATURE, "5m", BAR)

    table = stats.chi2_contingency([[80, 920], [500, 9500]], correction=False)

    assert verdict.z == pytest.approx(table.statistic**0.5)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_the_effect_is_the_distance_of_two_bins(live: int, base: int) -> None:
    expected = distances.jensen_shannon((live, 1000 - live), (base, 1000 - base))

    assert share_distance(Part(live, 1000), Part(base, 1000)) == pytest.approx(expected, abs=1e-7)


def test_dispersion_weakens_the_evidence() -> None:
    clustered = replace(FEATURE, rho={"5m": 0.01})

    plain = judge_share("missing", Part(80, 1000), FEATURE, "5m", BAR)
    weak = judge_share("missing", Part(80, 1000), clustered, "5m", BAR)

    assert plain.z is not None
    assert weak.z == pytest.approx(plain.z / 10.99**0.5)


def test_few_rows_are_not_judged() -> None:
    assert judge_share("unseen", Part(199, 199), FEATURE, "5m", BAR).verdict == "insufficient"
    assert judge_share("unseen", Part(0, 0), FEATURE, "5m", BAR).share is None


def test_nothing_in_a_baseline_is_unseen_or_out_of_range() -> None:
    assert baseline_part("missing", FEATURE) == Part(500, 10_000)
    assert baseline_part("unseen", FEATURE) == baseline_part("range", FEATURE) == Part(0, 10_000)
