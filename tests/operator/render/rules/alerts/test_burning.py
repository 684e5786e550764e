"""Error budget and latency budget: from what the proxy counts to the page and the ticket."""

from collections.abc import Mapping
from typing import Final

import pytest

from modelmonitor_api import names, recorded
from modelmonitor_operator.testing_alerts import Story, Told, series, together
from modelmonitor_operator.testing_stories import (
    SIDECAR,
    VERSION,
    growing,
    info,
    setting,
    target,
    told,
)

BOTH: Final = (recorded.ERROR_BUDGET_BURN, recorded.LATENCY_BUDGET_BURN)
OUTCOMES: Final = {recorded.ERROR_BUDGET_BURN: "failed", recorded.LATENCY_BUDGET_BURN: "slow"}
WHAT: Final = {
    recorded.ERROR_BUDGET_BURN: "fail",
    recorded.LATENCY_BUDGET_BURN: "fail or are late",
}
CHAIN: Final = (
    recorded.MODEL_SETTING,
    recorded.CONTINUITY,
    recorded.REQUESTS_BY_CODE,
    recorded.REQUESTS,
    recorded.BURN_RATE,
    recorded.BURNING,
)
PROMISED: Final = {"availability_percent": 99.9, "latency_percentile": 99.0}

Stretch = tuple[float, float, int]
"""Of 200 requests a minute, how many fail and how many are late; for how many minutes."""


def burn(alert: str, severity: str, times: str) -> Told:
    return told(
        alert,
        {**VERSION, names.L_OUTCOME: OUTCOMES[alert]},
        severity,
        f"Requests of churn-model {WHAT[alert]} too often",
        f"Requests to churn-model v1 {WHAT[alert]} {times} times as often as the objective allows.",
    )


def failing(page: str | None = None, ticket: str | None = None) -> dict[str, list[Told]]:
    return _told(recorded.ERROR_BUDGET_BURN, page, ticket)


def late(page: str | None = None, ticket: str | None = None) -> dict[str, list[Told]]:
    return _told(recorded.LATENCY_BUDGET_BURN, page, ticket)


def _told(alert: str, page: str | None, ticket: str | None) -> dict[str, list[Told]]:
    by_severity = {recorded.CRITICAL: page, recorded.WARNING: ticket}
    found = [burn(alert, one, times) for one, times in by_severity.items() if times is not None]
    return {alert: found}


# --- from counters to the page -----------------------------------------------------------------
def pod(*stretches: Stretch, requests: float = 200, name: str = "a") -> dict[str, str]:
    """Requests of a version by status, and those that were in time."""
    own = target(name, VERSION)

    def requests_of(code: str, *parts: tuple[float, int]) -> dict[str, str]:
        labels = {**own, names.L_ROUTE: "/predict", names.L_CODE: code}
        return {series(names.REQUESTS, **labels): growing(*parts)}

    well = [(requests - failed, steps) for failed, _, steps in stretches]
    within = [(requests - failed - late, steps) for failed, late, steps in stretches]
    in_time = series(names.REQUESTS_WITHIN_OBJECTIVE, objective_milliseconds="200", **own)
    return together(
        requests_of("200", *well),
        requests_of("503", *((failed, steps) for failed, _, steps in stretches)),
        {in_time: growing(*within)},
        {series(names.PROXY_START_TIME, **target(name, SIDECAR)): "-86400x200"},
    )


def counted(
    promise: str,
    pods: Mapping[str, str],
    fired: Mapping[str, list[Told]],
    settings: Mapping[str, float] = PROMISED,
) -> Story:
    """Seen after 50 minutes and a little."""
    return Story(
        promise,
        together(info(), pods, *(setting(name, value) for name, value in settings.items())),
        3_023,
        BOTH,
        fired,
        CHAIN,
        every_seconds=55,
    )


FAILING: Final = ((0, 0, 30), (20, 0, 30))
"""A tenth, from minute 30 on."""

COMES_LATE: Final = {
    name: f"_x44 {growing((200, 16))}" if names.REQUESTS_WITHIN_OBJECTIVE in name else values
    for name, values in pod((0, 0, 60)).items()
}
"""The objective was set in minute 44."""

COUNTED: Final = (
    counted(
        "an objective that is new is no promise for requests before it",
        COMES_LATE,
        {},
        {"latency_percentile": 99.9},
    ),
    counted("a tenth of the requests failing pages", pod(*FAILING), failing(page="100.0")),
    counted(
        "late answers page, and failures are late",
        pod((0, 0, 20), (6, 44, 40)),
        {**failing(page="30.0"), **late(page="25.0")},
    ),
    counted("failures and late answers that are promised are borne", pod((0.1, 1, 60)), {}),
    counted("without objectives nothing burns", pod(*FAILING), {}, {"confirm": 2}),
    counted("without requests nothing burns", pod((0, 0, 60), requests=0), {}),
    counted(
        "a replica that is idle takes nothing from one that fails",
        together(pod(*FAILING), pod((0, 0, 60), requests=0, name="idle")),
        failing(page="100.0"),
    ),
    counted(
        "a page ends ten minutes after the failures",
        pod((0, 0, 15), (20, 0, 20), (0, 0, 25)),
        {},
    ),
    counted("without data nothing burns", {}, {}, {}),
)


# --- from rates to pages and tickets -------------------------------------------------------------
def rated(
    promise: str,
    rates: Mapping[str, float],
    fired: Mapping[str, list[Told]],
    requests: float = 10,
    minutes: int = 60,
    outcome: str = "failed",
) -> Story:
    """Rates and bad requests of windows, for an hour; seen after so many minutes and a little."""
    labels = {**VERSION, names.L_OUTCOME: outcome}
    return Story(
        promise,
        together(
            info(),
            {
                series(recorded.BURN_RATE, window=window, **labels): f"{rate}x60"
                for window, rate in rates.items()
            },
            {
                series(recorded.REQUESTS, window=window, **labels): f"{requests}x60"
                for window in rates
            },
        ),
        minutes * 60 + 11,
        BOTH,
        fired,
        (recorded.BURNING,),
        every_seconds=35,
    )


RATED: Final = (
    rated("two days' budget in an hour pages", {"5m": 14.5, "1h": 14.5}, failing(page="14.5")),
    rated("after two minutes", {"5m": 14.5, "1h": 14.5}, {}, minutes=1),
    rated("not where the last minutes are well", {"5m": 14.4, "1h": 99}, {}),
    rated("not where the hour is well", {"5m": 99, "1h": 14.4}, {}),
    rated("not on nine failures", {"5m": 14.5, "1h": 14.5}, {}, requests=9),
    rated("five days' budget in six hours pages", {"30m": 6.1, "6h": 6.1}, failing(page="6.1")),
    rated("not where half an hour is well", {"30m": 6, "6h": 99}, {}),
    rated("not where six hours are well", {"30m": 99, "6h": 6}, {}),
    rated("a tenth in a day is a ticket", {"2h": 3.1, "1d": 3.1}, failing(ticket="3.1")),
    rated("after a quarter of an hour", {"2h": 3.1, "1d": 3.1}, {}, minutes=14),
    rated("no ticket where two hours are well", {"2h": 3, "1d": 99}, {}),
    rated("no ticket where the day is well", {"2h": 99, "1d": 3}, {}),
    rated("all of it in a month is a ticket", {"6h": 1.1, "3d": 1.1}, failing(ticket="1.1")),
    rated("a month's budget in a month is none", {"6h": 1, "3d": 1}, {}),
    rated("no ticket on nine failures", {"6h": 9, "3d": 9}, {}, requests=9),
    rated(
        "where both are too high, the higher is told",
        {"5m": 15, "1h": 15, "30m": 20, "6h": 20, "2h": 9, "1d": 9, "3d": 9},
        failing(page="20.0", ticket="20.0"),
    ),
    rated("late answers page", {"5m": 15, "1h": 15}, late(page="15.0"), outcome="slow"),
    rated("late answers are a ticket", {"2h": 4, "1d": 4}, late(ticket="4.0"), outcome="slow"),
    rated("ten late answers are the least", {"5m": 15, "1h": 15}, {}, 9, outcome="slow"),
    rated("a page is over when nothing is known any more", {"5m": 15, "1h": 15}, {}, minutes=72),
    rated("a ticket is over when nothing is known", {"2h": 4, "1d": 4}, {}, minutes=82),
)
STORIES: Final = (*COUNTED, *RATED)


@pytest.mark.promtool
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.promise)
def test_of_a_budget(story: Story, unkept: Mapping[str, str]) -> None:
    assert story.promise not in unkept, unkept[story.promise]
