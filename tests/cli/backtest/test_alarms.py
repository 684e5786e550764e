"""When windows and changes become alarms, where they say it began, and that they say it once."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from modelmonitor_cli.backtest.alarms import Chain
from modelmonitor_cli.backtest.results import Backtest, Window
from modelmonitor_cli.testing_backtest import known, replayed, rows, times
from modelmonitor_sidecar.stats.budget import Budget
from modelmonitor_sidecar.stats.verdict import Outcome

Found = Callable[..., Backtest]
MINUTE = 60_000_000


def window(index: int, length: str = "100r") -> Window:
    return Window(index, length, index * 100, index * 100 + 100, None, None, True)


def alarmed(outcomes: str, confirm: int = 2) -> list[int]:
    """The windows that complete an alarm; d drifts, o is ok, i has too few rows."""
    words: dict[str, Outcome] = {"d": "drift", "o": "ok", "i": "insufficient"}
    chain = Chain("100r", confirm)
    looks = [chain.look(window(at), words[one]) for at, one in enumerate(outcomes)]
    return [at for at, alarm in enumerate(looks) if alarm]


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ("oddo", [2]),
        ("odod", []),
        ("dddd", [1]),  # once an episode
        ("ddodd", [1, 4]),  # again after it was ok
        ("dididd", [5]),  # too few rows break the chain
        ("ddidd", [1]),  # but do not end the episode
        ("ii", []),
    ],
)
def test_an_alarm_needs_two_windows_in_a_row_and_comes_once_an_episode(
    outcomes: str, expected: list[int]
) -> None:
    assert alarmed(outcomes) == expected


def test_as_many_windows_are_needed_as_the_monitor_asks_for() -> None:
    assert alarmed("dddd", confirm=3) == [2]
    assert alarmed("dddd", confirm=1) == [0]


def test_windows_with_a_gap_between_them_confirm_nothing() -> None:
    chain = Chain("1m", 2)
    at = [Window(i, "1m", 0, 9, m * MINUTE, (m + 1) * MINUTE, True) for i, m in enumerate((1, 3))]
    assert [chain.look(one, "drift") for one in at] == [False, False]


def test_one_window_is_enough_where_it_is_longer_than_an_hour() -> None:
    chain = Chain("24h", 2)
    assert chain.look(Window(0, "24h", 0, 9, 0, 1_440 * MINUTE, True), "drift")


def test_the_onset_may_lie_unseen_in_the_window_before() -> None:
    chain = Chain("100r", 2)
    for at, outcome in enumerate(("ok", "drift", "drift")):
        chain.look(window(at), outcome)  # type: ignore[arg-type]
    assert (chain.earliest_row, chain.first_row) == (0, 100)


def test_a_shift_is_a_change_at_once_and_a_drift_after_two_windows(found: Found) -> None:
    live = rows(8_000)
    live["age"][3_000:] += 10  # one standard deviation
    alarms = found(live, window="1000r").alarms
    assert [(one.kind, one.feature.name, one.row) for one in alarms] == [
        ("change", "age", alarms[0].row),
        ("drift", "age", 4_999),
    ]
    change, drift = alarms
    assert 3_000 < change.row < 3_400
    assert (change.row + 1) % 50 == 0
    assert change.score > change.threshold
    assert drift.onset_row == change.onset_row  # refined by the change detector
    assert abs(change.onset_row - 3_000) <= 100


def test_an_episode_that_is_mended_and_comes_again_alarms_again(found: Found) -> None:
    live = rows(12_000)
    live["age"][2_000:4_000] += 10
    live["age"][8_000:10_000] += 10
    drifts = [one for one in found(live, window="1000r").alarms if one.kind == "drift"]
    changes = [one for one in found(live, window="1000r").alarms if one.kind == "change"]
    assert [one.row for one in drifts] == [3_999, 9_999]
    assert [one.row // 1_000 for one in changes] == [2, 8]


def test_a_change_below_what_matters_alarms_nobody(found: Found, monitor: Any) -> None:
    live = rows(30_000)
    live["age"][10_000:] += 2.0  # a fifth of a standard deviation: certain, and of no importance
    file = monitor(verdict={"minimumEffect": "0.5"})
    assert found(live, window="1000r", monitor=file).alarms == ()
    assert [one.kind for one in found(live, window="5000r").alarms] == ["change", "drift"]


@pytest.mark.parametrize(
    ("kind", "column", "broken"),
    [
        ("missing", "age", np.nan),
        ("invalid", "age", np.inf),
        ("range", "age", 1e6),
        ("unseen", "colour", "mauve"),
    ],
)
def test_a_share_that_rises_alarms_under_its_name(
    found: Found, kind: str, column: str, broken: object
) -> None:
    live = rows(6_000)
    live[column][3_000::4] = broken
    alarms = [one for one in found(live, window="1000r").alarms if one.kind == kind]
    assert [(one.feature.name, one.row, one.onset_row) for one in alarms] == [
        (column, 4_999, 3_000)
    ]
    assert alarms[0].score > alarms[0].threshold
    assert alarms[0].effect_measure == "jensen_shannon"


def test_alarms_of_rows_with_times_tell_when(found: Found) -> None:
    live = rows(20_000) | {"at": times(20_000, "2026-01-01", 60)}
    live["age"][10_000:] += 10
    change, drift = found(live, window="24h", time="at").alarms
    assert change.time is not None
    assert drift.time is not None
    assert drift.time % (1_440 * MINUTE) == 0  # the end of a day
    assert drift.onset_time == change.onset_time
    onset = 1_767_225_600_000_000 + 10_000 * MINUTE
    assert abs((change.onset_time or 0) - onset) <= 100 * MINUTE


def test_the_training_rows_themselves_set_the_bar_of_changes(found: Found) -> None:
    live = rows(6_000)
    live["age"][3_000:] += 3
    calm = [one.kind for one in found(live, window="3000r").alarms]
    restless = known()
    features = tuple(replayed(one, 1e3) for one in restless.features)
    object.__setattr__(restless, "features", features)
    kinds = [one.kind for one in found(live, window="3000r", baseline=restless).alarms]
    assert "change" in calm
    assert "change" not in kinds


def test_the_thresholds_are_those_of_the_published_budget(found: Found, monitor: Any) -> None:
    file = monitor(verdict={"falseAlarmsPerMonth": "1.5"})
    replay = found(rows(1_000), window="500r", rows_per_month=40_000, monitor=file)
    budget = Budget(1.5, models=1, features=3, windows=1, rows_per_month=40_000)
    assert {one.verdict.z_threshold for one in replay.results} == {budget.z_threshold("500r")}


def test_healthy_rows_are_silent(found: Found) -> None:
    for seed in range(8):
        assert found(rows(30_000, seed=100 + seed), window="500r").alarms == ()
