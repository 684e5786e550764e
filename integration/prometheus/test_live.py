"""What two real Prometheis record of three real sidecars, one restarted and one idle."""

import math

import pytest
from prometheus import subject
from prometheus.detected import detected, recorded_detector
from prometheus.judged import Recorded, differences, judged_windows
from prometheus.server import Prometheus
from prometheus.story import AWAY_SECONDS, WINDOWS, Told

from modelmonitor_api import names, recorded
from modelmonitor_cli.testing import samples, total
from modelmonitor_sidecar.stats.verdict import Bar

pytestmark = [pytest.mark.timeout(900), pytest.mark.prometheus]

MINUTE = 60.0
OWN = f'feature="{subject.DRIFTED[0]}"'
LAST_BIN = f'{{{OWN},bin="09"}}'
"""Rows up to the last bin: all that have a value."""


@pytest.fixture(params=["2", "3"])
def server(live: Told, request: pytest.FixtureRequest) -> Prometheus:
    return live.servers[request.param]


@pytest.fixture
def found(server: Prometheus) -> Recorded:
    return Recorded(server)


@pytest.fixture
def bars(server: Prometheus) -> dict[str, Bar]:
    """By window, as the sidecars say."""
    return {
        series.labels["window"]: Bar(0.1, value)
        for series in server.now(recorded.EVIDENCE_THRESHOLD)
        for value in series.values.values()
    }


def test_no_rule_has_an_error(server: Prometheus) -> None:
    groups = server.asked("rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]

    assert len(rules) > 70
    assert [rule["name"] for rule in rules if rule["health"] != "ok"] == []
    assert [rule["lastError"] for rule in rules if rule.get("lastError")] == []
    own = samples(server.metrics())
    assert total(own, "prometheus_rule_evaluation_failures_total") == 0


def test_every_evaluation_fits_into_its_interval(server: Prometheus) -> None:
    groups = server.asked("rules")["groups"]

    assert all(0 < group["evaluationTime"] < group["interval"] for group in groups)
    assert total(samples(server.metrics()), "prometheus_rule_group_iterations_missed_total") == 0


def test_verdicts_and_all_their_evidence_equal_those_of_numpy(
    live: Told, found: Recorded, bars: dict[str, Bar]
) -> None:
    expected = judged_windows(found, live.baseline, bars)

    assert set(bars) == set(WINDOWS)
    assert differences(expected, found.windows()) == []
    assert len(expected) > 5_000
    assert {value for key, value in expected.items() if key[0] == recorded.VERDICT} == {-1, 0, 1}


def test_the_change_detector_equals_numpys_on_the_recorded_batches(
    live: Told, found: Recorded, server: Prometheus
) -> None:
    thresholds = {
        series.labels["feature"]: value
        for series in server.now(f'{recorded.THRESHOLD}{{test="{recorded.CHANGE}"}}')
        for value in series.values.values()
    }
    expected = detected(found, live.baseline, thresholds)

    assert differences(expected, recorded_detector(found)) == []
    assert max(expected.values()) > max(thresholds.values())


def test_healthy_traffic_has_no_alert_and_no_drift(live: Told, found: Recorded) -> None:
    verdicts = found.table(recorded.VERDICT, (names.L_WINDOW, recorded.L_TEST))
    healthy = {value for key, value in verdicts.items() if float(key[-1]) < live.moments.drift}

    assert live.healthy_alerts == {"2": [], "3": []}
    assert 0 in healthy
    assert 1 not in healthy


def test_drift_is_found_in_the_features_that_moved_and_alarms(
    live: Told, server: Prometheus
) -> None:
    firing = server.now(f'ALERTS{{alertname="{recorded.FEATURE_DRIFT}",alertstate="firing"}}')
    alarmed = {series.labels["feature"] for series in firing}
    drifting = server.now(f'{recorded.VERDICT}{{window="5m",test="{recorded.DRIFT}"}}[10m]')

    assert alarmed == set(subject.DRIFTED)
    assert {s.labels["feature"] for s in drifting if 1 in s.values.values()} >= set(subject.DRIFTED)
    for series in firing:
        pages = series.labels["feature"] == subject.PAGING
        assert series.labels["severity"] == (recorded.CRITICAL if pages else recorded.WARNING)


def test_an_alert_says_where_to_look_and_what_the_evidence_is(server: Prometheus) -> None:
    alerts = [
        alert
        for alert in server.asked("alerts")["alerts"]
        if alert["labels"]["alertname"] == recorded.FEATURE_DRIFT
    ]

    assert alerts
    for alert in alerts:
        assert all(word in alert["annotations"]["description"] for word in ("score", "rows", "z "))
        assert alert["annotations"]["runbook_url"].endswith(f"{recorded.FEATURE_DRIFT}.md")


def test_windows_laid_end_to_end_add_up_to_the_counters(live: Told, server: Prometheus) -> None:
    moments = live.moments
    quiet = moments.last_restart if server is live.servers["2"] else moments.back
    stretches = [(None, moments.first_restart), (quiet, None)]
    for begin, end in stretches:
        tiles = minutes(server, begin, end)
        first, last = min(tiles) - MINUTE, max(tiles)
        counted = counters(server, last) - (counters(server, first) if begin else 0.0)

        assert sum(tiles.values()) == counted
        assert len(tiles) >= 1


def test_no_row_is_counted_twice_over_restarts(live: Told, server: Prometheus) -> None:
    """Lost is at most what came in the minute of a restart, or while Prometheus was away."""
    sent = sum(live.answered.values()) * ROWS_A_REQUEST
    tiles = minutes(server, None, None)
    away = AWAY_SECONDS + MINUTE if server is live.servers["3"] else 0.0
    lost = (2 * MINUTE + away) * 2 * ROWS_A_REQUEST * REQUESTS_A_SECOND

    assert sent - lost <= sum(tiles.values()) <= sent


def test_an_idle_replica_is_scraped_and_adds_nothing(live: Told, server: Prometheus) -> None:
    idle = f'{names.ROWS}{{pod="{subject.MODEL}-idle"}}'

    assert server.number(f"count(up{{pod='{subject.MODEL}-idle'}} == 1)") == 3
    assert server.number(f"max(max_over_time({idle}[20m]))") == 0


def test_drift_waits_while_a_window_is_younger_than_itself(live: Told, server: Prometheus) -> None:
    rollouts = Recorded(server).series(recorded.ROLLOUT, 'window="5m"')
    alarms = Recorded(server).series(recorded.ALARM, 'window="5m"')
    waited = {at for series in rollouts for at in series.values}

    assert waited
    assert waited.isdisjoint(at for series in alarms for at in series.values)


ROWS_A_REQUEST = 10
REQUESTS_A_SECOND = 4


def minutes(server: Prometheus, begin: float | None, end: float | None) -> dict[float, float]:
    """Rows of windows of a minute, every second one recorded: end to end, wholly in the stretch."""
    found = server.now(f'{recorded.COUNTED_ROWS}{{window="1m",{OWN},bin="09"}}[30m]')
    (series,) = found
    last = max(series.values)
    return {
        at: value
        for at, value in series.values.items()
        if math.isclose((last - at) % MINUTE, 0.0, abs_tol=1e-3)
        and (begin is None or at - MINUTE >= begin)
        and (end is None or at <= end)
    }


def counters(server: Prometheus, at: float) -> float:
    """Rows as the sidecars count them, at that moment."""
    return server.number(f"sum({names.FEATURE_CUMULATIVE_ROWS}{LAST_BIN})", at) or 0.0
