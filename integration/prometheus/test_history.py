"""What the rules make of nine days, two versions and a drift: long windows, last week, traffic."""

import pytest
from prometheus import days, subject
from prometheus.history import EVERY_SECONDS, History
from prometheus.judged import Recorded, differences, judged_week, judged_windows
from prometheus.server import Prometheus

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.rules.alerts.annotations import Links
from modelmonitor_operator.render.rules.groups import monitor_groups
from modelmonitor_operator.render.rules.rule import Alert
from modelmonitor_sidecar.stats.verdict import Bar

pytestmark = [pytest.mark.timeout(900), pytest.mark.prometheus]

DRIFTED = subject.DRIFTED[0]
ROWS = recorded.COUNTED_ROWS
ALL_ROWS = f'feature="{DRIFTED}",bin="09"'
"""Up to the last bin."""
REACH = "12m"
QUIET_NOON = days.BEGIN + 4 * days.DAY + days.DAY // 2
"""Of the fifth day: one version, nothing drifts."""
AFTER_DRIFT = days.DRIFT_AT + 6 * days.HOUR
LATE = days.DRIFT_AT + days.DAY + 3 * days.HOUR
"""A whole day after the drift; one pod is of the first version still."""
IN_RUSH = days.RUSH[1] - days.HOUR


@pytest.fixture(params=["2", "3"])
def server(history: History, request: pytest.FixtureRequest) -> Prometheus:
    return history.servers[request.param]


@pytest.fixture
def bars(server: Prometheus) -> dict[str, Bar]:
    """By window, as the sidecars say."""
    return {
        series.labels["window"]: Bar(0.1, value)
        for series in server.now(recorded.EVIDENCE_THRESHOLD, QUIET_NOON)
        for value in series.values.values()
    }


@pytest.mark.parametrize("version", [subject.VERSION, days.NEW_VERSION])
@pytest.mark.parametrize("moment", [AFTER_DRIFT, LATE])
def test_windows_of_hours_and_days_equal_those_of_numpy(
    history: History, server: Prometheus, bars: dict[str, Bar], moment: int, version: str
) -> None:
    found = Recorded(server, moment, REACH, version)
    expected = judged_windows(found, history.baseline, bars)

    assert {key[2] for key in expected} == {"5m", "1h", "24h"}
    assert differences(expected, found.windows()) == []


@pytest.mark.parametrize("moment", [days.DRIFT_AT - 2 * days.HOUR, AFTER_DRIFT])
def test_the_second_opinion_equals_that_of_numpy(
    history: History, server: Prometheus, bars: dict[str, Bar], moment: int
) -> None:
    now, then = (Recorded(server, at, REACH) for at in (moment, moment - 7 * days.DAY))
    expected = judged_week(now, then, history.baseline, bars["1h"])

    assert len({key[1] for key in expected}) == len(history.baseline.features)
    assert differences(expected, now.opinions()) == []


def test_an_hour_and_a_day_of_windows_equal_the_counters(server: Prometheus) -> None:
    """They end where the last of their parts was evaluated, which is some minutes ago."""
    hour_seen = made_at(server, "1h", QUIET_NOON)
    minutes = made_at(server, "5m", whole(hour_seen, EVERY_SECONDS))
    rows = counter(server, minutes) - counter(server, minutes - days.HOUR)
    assert counted(server, "1h", hour_seen) == rows

    day_seen = made_at(server, "24h", QUIET_NOON)
    hour_seen = made_at(server, "1h", whole(day_seen, days.HOUR))
    minutes = made_at(server, "5m", whole(hour_seen, EVERY_SECONDS))
    rows = counter(server, minutes) - counter(server, minutes - days.DAY)
    assert counted(server, "24h", day_seen) == rows


def test_a_new_version_is_judged_by_itself_and_a_drift_in_each(server: Prometheus) -> None:
    assert verdicts(server, "24h", recorded.DRIFT, QUIET_NOON) == {("1", 0)}
    assert verdicts(server, "1h", recorded.DRIFT, days.DRIFT_AT - days.HOUR) == {("1", 0), ("2", 0)}
    assert verdicts(server, "1h", recorded.DRIFT, AFTER_DRIFT) == {("1", 1), ("2", 1)}
    assert verdicts(server, "24h", recorded.DRIFT, LATE) == {("1", 1), ("2", 1)}


def test_last_week_is_a_second_opinion_where_there_was_one(server: Prometheus) -> None:
    """The second version has no last week: no reference, and so no opinion."""
    assert verdicts(server, "1h", recorded.WEEK, QUIET_NOON) == set()
    assert verdicts(server, "1h", recorded.WEEK, days.DRIFT_AT - 2 * days.HOUR) == {("1", 0)}
    assert verdicts(server, "1h", recorded.WEEK, AFTER_DRIFT) == {("1", 1)}


def test_a_rollout_is_told_while_the_window_is_older_than_the_version(server: Prometheus) -> None:
    rollout = f'{recorded.ROLLOUT}{{window="1h"}}'

    assert server.now(rollout, days.NEW_VERSION_AT + days.HOUR // 2)
    assert not server.now(rollout, days.NEW_VERSION_AT + 3 * days.HOUR)


def test_traffic_far_from_last_weeks_is_unusual_and_a_night_is_not(server: Prometheus) -> None:
    (unusual,) = (alert for alert in alerts() if alert.name == recorded.TRAFFIC_UNUSUAL)
    query = str(unusual.expression)

    assert server.now(query, IN_RUSH)
    assert not server.now(query, days.NEW_VERSION_AT + days.DAY + days.HOUR)
    assert not server.now(query, days.DRIFT_AT)


def test_every_alert_can_be_asked_over_all_of_the_time(server: Prometheus) -> None:
    """No expression fails on what nine days hold: versions, gaps of labels, rollouts."""
    for alert in alerts():
        server.over(str(alert.expression), days.BEGIN, days.END, days.HOUR)


def alerts() -> list[Alert]:
    groups = monitor_groups(subject.NAMESPACE, subject.MONITOR, ("5m", "1h", "24h"), Links())
    return [rule for group in groups for rule in group.rules if isinstance(rule, Alert)]


def whole(moment: float, seconds: int) -> int:
    """The last whole so many."""
    return int(moment) // seconds * seconds


def made_at(server: Prometheus, window: str, moment: float) -> float:
    """When the window that is seen at a moment was evaluated."""
    found = server.number(f"max(timestamp({ROWS}{{{ALL_ROWS},window='{window}'}}))", moment)
    assert found is not None
    return found


def counted(server: Prometheus, window: str, moment: float) -> float | None:
    return server.number(f"{ROWS}{{{ALL_ROWS},window='{window}'}}", moment)


def verdicts(server: Prometheus, window: str, test: str, at: float) -> set[tuple[str, float]]:
    """By version, of a feature that drifts at last."""
    matchers = f'feature="{DRIFTED}",window="{window}",test="{test}"'
    return {
        (series.labels[names.L_VERSION], value)
        for series in server.now(f"{recorded.VERDICT}{{{matchers}}}", at)
        for value in series.values.values()
    }


def counter(server: Prometheus, at: float) -> float:
    """Rows as the sidecars counted them until then."""
    found = server.number(f"sum({names.FEATURE_CUMULATIVE_ROWS}{{{ALL_ROWS}}})", at)
    assert found is not None
    return found
