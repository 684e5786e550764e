"""Every query of both dashboards has an answer: in minutes, or in days."""

from typing import Final

import promql_parser
import pytest
from prometheus import days
from prometheus.dashboards import Question, questions
from prometheus.history import History
from prometheus.server import Prometheus
from prometheus.story import WINDOWS as LIVE_WINDOWS
from prometheus.story import Told

pytestmark = [pytest.mark.timeout(900), pytest.mark.prometheus]

IN_MINUTES: Final = questions(LIVE_WINDOWS, {"$window": "5m", "$__rate_interval": "1m"})
IN_DAYS: Final = questions(("5m", "1h", "24h"), {"$window": "1h", "$__rate_interval": "8m"})
SERIES_LEFT_OUT: Final = "monitor: Series of features: left out {{pod}}"
_NO_WEEK: Final = "there is no week ago"
SILENT_IN_MINUTES: Final = {
    "monitor: Requests: a week ago": _NO_WEEK,
    "monitor: Features, the furthest from the baseline first: H": _NO_WEEK,
    "monitor: Memory by version: {{model_version}}": "no kubelet measures the model servers here",
    SERIES_LEFT_OUT: "no feature is left out of the budget here",
}
# Not each run has one: "D", the same of warnings, always has an answer.
PERHAPS_SILENT_IN_MINUTES: Final = {
    "fleet: Models: C": "whether anything pages depends on what the killed worker had in hand",
}
_ALERTS: Final = "alerts are raised by a Prometheus that runs, not evaluated over the past"
_DETECTOR: Final = "the change detector reads its own last value: it has no past either"
SILENT_IN_DAYS: Final = {
    "monitor: Since: since": _ALERTS,
    "monitor: Which alert: A": _ALERTS,
    "monitor: annotation: Alerts": _ALERTS,
    "fleet: Models: C": _ALERTS,
    "fleet: Models: D": _ALERTS,
    "fleet: Alerts: {{alertname}}": _ALERTS,
    "monitor: Change detector: {{model_version}}": _DETECTOR,
    "monitor: Change detector by threshold: {{feature}} {{model_version}}": _DETECTOR,
    SERIES_LEFT_OUT: "no feature is left out of the budget here",
}


def silent(asked: list[Question], server: Prometheus, begin: float, end: float) -> set[str]:
    step = (end - begin) / 200.0
    return {one.place for one in asked if not one.answered(server, begin, end, step)}


def test_every_query_parses() -> None:
    for one in (*IN_MINUTES, *IN_DAYS):
        promql_parser.parse(one.query)


@pytest.mark.parametrize("major", ["2", "3"])
def test_every_query_over_minutes_has_an_answer_in_the_live_run(live: Told, major: str) -> None:
    moments = live.moments
    found = silent(IN_MINUTES, live.servers[major], moments.first_restart, moments.rest)
    assert found - set(PERHAPS_SILENT_IN_MINUTES) == set(SILENT_IN_MINUTES)


@pytest.mark.parametrize("major", ["2", "3"])
def test_every_query_over_days_has_an_answer_in_nine_days(history: History, major: str) -> None:
    begin, end = days.NEW_VERSION_AT - days.HOUR, days.END - days.HOUR
    found = silent(IN_DAYS, history.servers[major], begin, end)
    assert found == set(SILENT_IN_DAYS)


def test_no_query_is_silent_in_both() -> None:
    assert set(SILENT_IN_MINUTES) & set(SILENT_IN_DAYS) == {SERIES_LEFT_OUT}
