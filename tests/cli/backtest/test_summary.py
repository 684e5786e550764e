"""One sentence: how many alarms, in how much data, and how many chance explains."""

from collections.abc import Callable

import pytest

from modelmonitor_cli.backtest.results import Backtest
from modelmonitor_cli.backtest.summary import summary_of
from modelmonitor_cli.testing_backtest import rows, times

Found = Callable[..., Backtest]


def test_a_month_of_days_spends_a_months_budget(found: Found) -> None:
    count = 31 * 240
    live = rows(count) | {"at": times(count, "2026-01-01", 360)}
    live["age"][count // 2 :] += 10
    told = summary_of(found(live, window="24h", time="at"))
    assert told.sentence == "2 alarms in 31 days; expected by chance: 0.1"
    assert told.days == 31
    assert told.expected == pytest.approx(0.1 * 31 / 30)


def test_rows_spend_the_budget_of_so_many_rows_a_month(found: Found) -> None:
    told = summary_of(found(rows(12_000), window="1000r", rows_per_month=10_000))
    assert told.sentence == "0 alarms in 12,000 rows; expected by chance: 0.1"
    assert told.expected == pytest.approx(0.12)
    assert told.days is None


def test_more_rows_a_month_spend_more_of_the_share_of_changes(found: Found) -> None:
    count = 3 * 1_440
    live = rows(count) | {"at": times(count, "2026-01-01", 60)}
    told = summary_of(found(live, window="24h", time="at", rows_per_month=4_320))
    # three days of thirty, but a whole month's rows: 5/6 of a tenth, and 1/6 of the whole
    assert told.expected == pytest.approx(0.1 * (5 / 6 * 0.1 + 1 / 6))


def test_a_few_hours_are_told_in_hours(found: Found) -> None:
    live = rows(1_000) | {"at": times(1_000, "2026-01-01", 12)}
    told = summary_of(found(live, window="1h", time="at"))
    assert told.sentence == "0 alarms in 4 hours; expected by chance: less than 0.001"
