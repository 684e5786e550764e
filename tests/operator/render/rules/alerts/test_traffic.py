"""No traffic and unusual traffic, told from a week of requests: nights, mornings, clocks, gaps.

Rules are evaluated only now and then, and see all samples; what is recorded of requests from
counters is in `test_burning`.
"""

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Final

import pytest

from modelmonitor_api import names, recorded
from modelmonitor_operator.testing_alerts import Story, series, together
from modelmonitor_operator.testing_stories import (
    SIDECAR,
    VERSION,
    WHOLE_MODEL,
    Wording,
    info,
    target,
)

NOW_SECONDS: Final = 691_800
"""Eight days and a bit."""
STEPS: Final = NOW_SECONDS // 300
EVALUATIONS: Final = {recorded.NO_TRAFFIC: 60, recorded.TRAFFIC_UNUSUAL: 300}
WEEK: Final = 7 * 24 * 60
DAY: Final = 24 * 60

Rate = Callable[[int], float | None]
"""Requests an hour at a minute; minute 0 is now.  None: nothing is known."""


# --- shapes of traffic -------------------------------------------------------------------------
def steady(rate: float) -> Rate:
    return lambda minute: rate


def work(now: float, begin: float = 8, end: float = 18) -> Rate:
    """600 an hour in the working hours of every day; `now` in hours of the day."""

    def rate(minute: int) -> float:
        hour = (now + minute / 60) % 24
        return 600 if begin < hour <= end else 0

    return rate


def then(before: Rate, minute: int, after: Rate) -> Rate:
    return lambda at: before(at) if at <= minute else after(at)


def since(minute: int, rate: Rate) -> Rate:
    return then(lambda at: None, minute, rate)


SILENCE: Final = steady(0)


# --- what is recorded of them --------------------------------------------------------------------
def requests(rate: Rate, version: str = "v1") -> dict[str, str]:
    """Of the last five minutes, and of the last hour, at every fifth minute."""
    tiles = [_divided(rate(5 * (step - STEPS)), 12) for step in range(STEPS + 1)]
    hours = [_added(tiles[max(0, step - 11) : step + 1]) for step in range(STEPS + 1)]
    labels = {**VERSION, names.L_VERSION: version, names.L_OUTCOME: "total"}
    return {
        series(recorded.REQUESTS, window=window, **labels): _written(values)
        for window, values in (("5m", tiles), ("1h", hours))
    }


def _divided(value: float | None, by: float) -> float | None:
    return None if value is None else value / by


def _added(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _written(values: list[float | None]) -> str:
    runs = ((value, len(list(run))) for value, run in groupby(values))
    return " ".join(
        f"{'_' if value is None else f'{value:g}+0'}x{count if value is None else count - 1}"
        for value, count in runs
    )


def pods(end: str = "") -> dict[str, str]:
    return {series(names.PROXY_START_TIME, **target("a", SIDECAR)): f"-86400x{STEPS - 3} {end}"}


def story(
    wording: Wording,
    promise: str,
    *traffic: Mapping[str, str],
    value: str | None = None,
    alive: Mapping[str, str] | None = None,
) -> Story:
    """What came, and the number that is told; None where it is silent."""
    return Story(
        promise,
        together(info(), *traffic, pods("-86400x9") if alive is None else alive),
        NOW_SECONDS,
        (wording.alert,),
        wording.told(value),
        step_seconds=300,
        every_seconds=NOW_SECONDS // EVALUATIONS[wording.alert],
    )


SILENT: Final = Wording(
    recorded.NO_TRAFFIC,
    WHOLE_MODEL,
    recorded.CRITICAL,
    "No requests reach churn-model",
    "For 15 minutes no request came, where at least 120 an hour are usual at this time.",
)
UNUSUAL: Final = Wording(
    recorded.TRAFFIC_UNUSUAL,
    WHOLE_MODEL,
    recorded.WARNING,
    "Traffic of churn-model is far from last week's",
    "{} requests came in the last hour: more than three times, or less than a third, of last "
    "week's around this time.",
)
GONE: Final = then(steady(600), -20, SILENCE)

NO_TRAFFIC: Final = (
    story(SILENT, "a client that goes away pages", requests(GONE), value="0"),
    story(
        SILENT,
        "traffic that stops just where a new version takes over pages",
        requests(then(steady(600), -20, lambda minute: None)),
        requests(since(-20, SILENCE), version="v2"),
        value="0",
    ),
    story(
        SILENT,
        "a new version that nobody asks, beside the old one, is no silence",
        requests(steady(600)),
        requests(since(-DAY, SILENCE), version="v2"),
    ),
    story(SILENT, "ten minutes are no silence", requests(then(steady(600), -10, SILENCE))),
    story(
        SILENT,
        "the first requests end it",
        requests(then(then(steady(600), -60, SILENCE), -5, steady(600))),
    ),
    story(SILENT, "pods that are gone on purpose page nobody", requests(GONE), alive=pods("stale")),
    story(SILENT, "the end of a working day is no silence", requests(work(now=18.5))),
    story(
        SILENT,
        "nor is one that ends half an hour early",
        requests(then(work(now=18), -30, SILENCE)),
    ),
    story(
        SILENT,
        "an afternoon without requests pages",
        requests(then(work(now=15), -30, SILENCE)),
        value="0",
    ),
    story(
        SILENT,
        "a working day may begin an hour late",
        requests(then(work(now=9), -60, SILENCE)),
    ),
    story(
        SILENT,
        "a working day that does not begin pages in the end",
        requests(then(work(now=10), -180, SILENCE)),
        value="0",
    ),
    story(SILENT, "nights are silent", requests(work(now=3))),
    story(
        SILENT,
        "the clock is changed in spring",
        requests(then(work(now=17.5), -DAY, work(now=17.5, begin=7, end=17))),
    ),
    story(
        SILENT,
        "the clock is changed in autumn",
        requests(then(work(now=9), -DAY, work(now=9, begin=9, end=19))),
    ),
    story(
        SILENT,
        "a nightly batch may come later than last week",
        requests(then(work(now=2.3, begin=2, end=2.5), -60, SILENCE)),
    ),
    story(
        SILENT,
        "a model that is asked 120 times an hour is watched",
        requests(then(steady(120), -20, SILENCE)),
        value="0",
    ),
    story(
        SILENT,
        "a model that is seldom asked may be silent",
        requests(then(steady(119), -20, SILENCE)),
    ),
    story(
        SILENT,
        "in the first week the day before is what is usual",
        requests(since(-2 * DAY, GONE)),
        value="0",
    ),
    story(
        SILENT,
        "in the first week days with nights are not usual",
        requests(since(-3 * DAY, then(work(now=15), -30, SILENCE))),
    ),
    story(SILENT, "on the first day nothing is usual", requests(since(-20 * 60, GONE))),
    story(
        SILENT,
        "a week ago is usual, though yesterday was a holiday",
        requests(then(then(then(steady(600), -30 * 60, SILENCE), -120, steady(600)), -20, SILENCE)),
        value="0",
    ),
    story(
        SILENT,
        "a version that is kept idle is no silence",
        requests(then(steady(600), -180, SILENCE), "blue"),
        requests(then(SILENCE, -180, steady(600)), "green"),
    ),
    story(
        SILENT,
        "all versions silent page once",
        requests(then(steady(600), -180, SILENCE), "blue"),
        requests(GONE, "green"),
        value="0",
    ),
    story(
        SILENT,
        "what Prometheus has not seen is no silence",
        requests(lambda minute: None if -10 <= minute < 0 else GONE(minute)),
    ),
    story(SILENT, "without data no traffic is missed", alive={}),
)

UNUSUAL_TRAFFIC: Final = (
    story(
        UNUSUAL,
        "more than three times last week's requests are told",
        requests(then(steady(600), -180, steady(1_980))),
        value="1.98k",
    ),
    story(
        UNUSUAL, "three times as many are borne", requests(then(steady(600), -180, steady(1_800)))
    ),
    story(
        UNUSUAL,
        "less than a third is told",
        requests(then(steady(600), -180, steady(192))),
        value="192",
    ),
    story(UNUSUAL, "a third is borne", requests(then(steady(600), -180, steady(204)))),
    story(
        UNUSUAL,
        "few requests are not compared: more",
        requests(then(steady(120), -180, steady(492))),
    ),
    story(
        UNUSUAL, "few requests are not compared: fewer", requests(then(steady(492), -180, SILENCE))
    ),
    story(
        UNUSUAL,
        "it takes half an hour",
        requests(then(steady(600), -70, steady(2_400))),
    ),
    story(
        UNUSUAL,
        "it ends when the hour is usual again",
        requests(then(then(steady(600), -300, steady(2_400)), -120, steady(600))),
    ),
    story(
        UNUSUAL,
        "the clock is changed, and traffic goes an hour early",
        requests(then(work(now=18.25), -DAY, work(now=18.25, begin=7, end=17))),
    ),
    story(
        UNUSUAL,
        "the clock is changed, and traffic comes an hour early",
        requests(then(work(now=8.75), -DAY, work(now=8.75, begin=7, end=17))),
    ),
    story(
        UNUSUAL,
        "without a last week nothing is unusual",
        requests(since(-3 * DAY, then(steady(600), -180, steady(6_000)))),
    ),
    story(
        UNUSUAL,
        "a new version that takes over is nothing unusual",
        requests(then(steady(600), -180, SILENCE), "v1"),
        requests(then(lambda minute: None, -180, steady(600)), "v2"),
    ),
    story(
        UNUSUAL,
        "an hour that Prometheus had not seen last week is no measure",
        requests(
            lambda minute: None if -WEEK - 30 <= minute < -WEEK + 20 else 600,
        ),
    ),
    story(UNUSUAL, "nothing is told of pods that are gone", requests(since(0, SILENCE))),
    story(UNUSUAL, "without data nothing is unusual", alive={}),
)
STORIES: Final = (*NO_TRAFFIC, *UNUSUAL_TRAFFIC)


@pytest.mark.promtool
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.promise)
def test_of_traffic(story: Story, unkept: Mapping[str, str]) -> None:
    assert story.promise not in unkept, unkept[story.promise]
