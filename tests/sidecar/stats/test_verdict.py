"""Verdicts: effect and evidence and rows; healthy windows stay silent, broken ones do not."""

from dataclasses import replace

import numpy as np
import pytest

from modelmonitor_api.baseline import BaselineFeature
from modelmonitor_sidecar.stats.bins import NumericBins
from modelmonitor_sidecar.stats.budget import Budget
from modelmonitor_sidecar.stats.effect import baseline_counts
from modelmonitor_sidecar.stats.verdict import Bar, judge
from modelmonitor_sidecar.testing_baselines import categorical, numeric

BAR = Bar(minimum_effect=0.1, z_threshold=4.6)
NORMAL = np.random.default_rng(0).normal(size=10_000)


def counted(feature: BaselineFeature, values: np.typing.ArrayLike) -> np.typing.NDArray[np.int64]:
    assert hasattr(feature.counts, "edges")
    return NumericBins([feature.counts.edges]).count(np.asarray(values, dtype=float)[:, None])


def test_a_shift_that_matters_is_drift_and_the_measure_is_named() -> None:
    feature = numeric("x", NORMAL)
    live = counted(feature, np.random.default_rng(1).normal(0.5, size=2000))

    verdict = judge(live, feature, "5m", BAR)

    assert verdict.verdict == "drift"
    assert verdict.effect_measure == "wasserstein"
    assert verdict.effect is not None
    assert verdict.effect > 0.4
    assert verdict.z is not None
    assert verdict.z > verdict.z_threshold
    assert (verdict.n, verdict.needed_rows, verdict.df) == (2000, 200, 9)


def test_much_evidence_for_a_small_effect_is_ok() -> None:
    feature = categorical("x", {"red": 500_000, "blue": 500_000})

    verdict = judge(np.array([51_000, 49_000, 0, 0]), feature, "5m", BAR)

    assert verdict.verdict == "ok"
    assert verdict.z is not None
    assert verdict.z > BAR.z_threshold


def test_a_large_effect_without_evidence_is_ok() -> None:
    feature = numeric("x", NORMAL, rho={"5m": 0.1})
    live = counted(feature, np.random.default_rng(1).normal(0.5, size=300))

    verdict = judge(live, feature, "5m", BAR)

    assert verdict.verdict == "ok"
    assert verdict.phi == pytest.approx(30.9)


def test_too_few_rows_are_not_judged_however_far_they_are() -> None:
    feature = numeric("x", NORMAL)

    verdict = judge(counted(feature, [9.0] * 199), feature, "5m", BAR)

    assert verdict.verdict == "insufficient"
    assert verdict.z is not None
    assert verdict.z > BAR.z_threshold
    assert judge(counted(feature, [9.0] * 200), feature, "5m", BAR).verdict == "drift"


def test_no_rows_leave_every_number_open() -> None:
    feature = categorical("x", {"red": 500, "blue": 500})

    verdict = judge(np.zeros(4, dtype=np.int64), feature, "5m", BAR)

    assert verdict.verdict == "insufficient"
    assert verdict.psi is verdict.z is verdict.phi is verdict.effect is None


def test_categories_drift_by_a_value_never_seen() -> None:
    feature = categorical("x", {"red": 600, "blue": 400})

    verdict = judge(np.array([300, 200, 0, 500]), feature, "5m", BAR)

    assert verdict.verdict == "drift"
    assert verdict.ks is verdict.wasserstein is None


def test_the_largest_of_the_effects_decides() -> None:
    feature = categorical("x", {"red": 6000, "blue": 4000})

    small = judge(np.array([6900, 3100, 0, 0]), feature, "5m", BAR)
    large = judge(np.array([500, 9500, 0, 0]), feature, "5m", BAR)

    assert small.effect_measure == "jensen_shannon"
    assert large.effect_measure == "psi"
    assert large.psi is not None
    assert large.psi_expected is not None
    assert large.effect == pytest.approx(large.psi - large.psi_expected)


def test_without_an_order_of_time_the_verdict_is_provisional() -> None:
    feature = numeric("x", NORMAL, rho={})

    verdict = judge(baseline_counts(feature), feature, "5m", BAR)

    assert verdict.provisional
    assert verdict.phi == pytest.approx(1 + 9_999 * 0.0002)
    assert not judge(
        baseline_counts(feature), replace(feature, rho={"5m": 0}), "5m", BAR
    ).provisional


@pytest.mark.parametrize("rows", [50, 200, 1000])
def test_forty_healthy_features_raise_no_alarm(rows: int) -> None:
    """At most 2 of 1,000 windows; fixed thresholds flag two thirds of the columns."""
    chance = np.random.default_rng(rows)
    bar = Bar(0.1, Budget(0.1, models=1, features=40, windows=1).z_threshold("5m"))
    features = [numeric(f"x{i}", chance.normal(size=10_000)) for i in range(40)]
    shares = np.full(10, 0.1)

    alarms = sum(
        any(
            judge(chance.multinomial(rows, shares), f, "5m", bar).verdict == "drift"
            for f in features
        )
        for _ in range(250)
    )

    assert alarms == 0


@pytest.mark.parametrize(
    "sample",
    [
        [7.0] * 1000,
        [0.0] * 500 + [1.0] * 500,
        [0.0] * 990 + list(range(1, 11)),
        [1.0, 2.0, 3.0],
        [-1e150, 1e150] * 300,
    ],
    ids=["constant", "two values", "99 % ties", "fewer rows than bins", "extremes"],
)
def test_a_degenerate_baseline_is_judged_and_is_ok_with_itself(sample: list[float]) -> None:
    feature = numeric("x", sample)

    verdict = judge(baseline_counts(feature), feature, "5m", BAR)

    assert min(baseline_counts(feature)) > 0
    assert verdict.verdict in ("ok", "insufficient")
    assert verdict.effect is not None
    assert np.isfinite(verdict.effect)
