"""The budget of false alarms: one formula, worked by hand, and its sum."""

import math
from statistics import NormalDist

import pytest

from modelmonitor_sidecar.stats.budget import KINDS_OF_TEST, LOOKS_PER_WINDOW, Budget
from modelmonitor_sidecar.stats.windows import BUCKETS


def test_a_window_of_rows_by_hand() -> None:
    # 0.1 alarms / (1 window * 1 model * 10 features * 6 kinds * 1,000,000/2,000 looks) = 1/300,000
    budget = Budget(0.1, models=1, features=10, windows=1)

    assert budget.looks("2000r") == 500
    assert budget.alpha("2000r") == pytest.approx(1 / 300_000)
    assert budget.z_threshold("2000r") == pytest.approx(4.50, abs=0.01)


def test_a_window_of_time_by_hand() -> None:
    # 30 days of hours, 24 looks each
    budget = Budget(0.1, models=2, features=10, windows=3)

    assert budget.looks("1h") == 17_280
    assert budget.alpha("1h") == pytest.approx(0.1 / (3 * 2 * 10 * 6 * 17_280))


@pytest.mark.parametrize("rows_per_month", [1_000_000, 50_000_000])
def test_all_tests_at_all_looks_together_spend_the_budget(rows_per_month: int) -> None:
    windows, models, features = ("5m", "1h", "24h", "5000r"), 3, 25
    budget = Budget(0.4, models, features, len(windows), rows_per_month)

    tests = models * features * len(KINDS_OF_TEST)
    tail = NormalDist().cdf
    spent = sum(
        tail(-budget.z_threshold(window)) * tests * budget.looks(window) for window in windows
    )

    assert spent == pytest.approx(0.4, rel=1e-6)


def test_no_alarm_on_next_to_no_evidence_however_large_the_budget() -> None:
    assert Budget(1000.0, 1, 1, 1).z_threshold("7d") == pytest.approx(1.645, abs=0.001)


def test_a_monitor_without_features_has_a_threshold() -> None:
    assert Budget(0.1, 1, 0, 0).z_threshold("5m") > 4


def test_the_threshold_of_a_change_by_hand() -> None:
    # 2 models * 10 features * 6 kinds * 43,200 minutes a month / 0.1 alarms = 51,840,000
    budget = Budget(0.1, models=2, features=10, windows=3)

    assert budget.change_threshold(43_200) == pytest.approx(math.log(51_840_000))


def test_windows_do_not_change_what_a_sequential_test_may_spend() -> None:
    one, four = (Budget(0.1, 1, 10, windows).change_threshold(20_000) for windows in (1, 4))

    assert one == four


def test_no_change_is_told_on_less_evidence_than_twenty_however_large_the_budget() -> None:
    assert Budget(1e9, 1, 1, 1).change_threshold(43_200) == pytest.approx(math.log(20))


def test_no_window_is_judged_more_often_than_the_budget_allows() -> None:
    assert LOOKS_PER_WINDOW >= BUCKETS
