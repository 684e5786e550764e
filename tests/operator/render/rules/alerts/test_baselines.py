"""The age of baselines, and versions that have none: from raw series."""

from collections.abc import Mapping
from typing import Final

import pytest

from modelmonitor_api import names, recorded
from modelmonitor_operator.testing_alerts import Story, Told, series, together
from modelmonitor_operator.testing_stories import (
    BASELINE,
    VERSION,
    growing,
    info,
    level,
    setting,
    target,
    told,
)

STEP_MINUTES: Final = 5
HOUR: Final = 60 // STEP_MINUTES
NOW_HOURS: Final = 26
DAY_SECONDS: Final = 86_400
SETTINGS: Final = (recorded.MODEL_SETTING,)


def story(
    promise: str,
    alert: str,
    scraped: Mapping[str, str],
    fired: Told | None = None,
    hours: float = NOW_HOURS,
    records: tuple[str, ...] = (recorded.LATENCY, recorded.MEMORY_BYTES),
) -> Story:
    """Looked at after so many hours, and a little."""
    return Story(
        promise,
        together(info(), scraped),
        int(hours * 3_600) + 11,
        (alert,),
        {} if fired is None else {alert: [fired]},
        records,
        step_seconds=60 * STEP_MINUTES,
        every_seconds=300,
    )


# --- age and baselines ---------------------------------------------------------------------------
NINETY_DAYS: Final = 90 * DAY_SECONDS
ALLOWED: Final = setting("maximum_age_seconds", NINETY_DAYS)


def built(*stretches: tuple[float, int]) -> dict[str, str]:
    """When the baseline was built, in seconds before the beginning."""
    own = target("a", BASELINE, names.PORT_COLLECTOR)
    values = level(*((-age, steps) for age, steps in stretches))
    return {series(names.BASELINE_CREATED, **own): values}


def stale(age: str) -> Told:
    return told(
        recorded.MODEL_STALE,
        BASELINE,
        recorded.WARNING,
        "The baseline of churn-model is old",
        f"Baseline 0badcafe of churn-model v1 is {age} old, more than maximumAge.",
    )


def aged(
    promise: str, scraped: Mapping[str, str], fired: Told | None = None, hours: float = 2
) -> Story:
    return story(promise, recorded.MODEL_STALE, scraped, fired, hours, SETTINGS)


AGES: Final = (
    aged(
        "a baseline that is too old is told",
        together(ALLOWED, built((NINETY_DAYS, 40))),
        stale("90d 2h 0m 0s"),
    ),
    aged("it takes an hour", together(ALLOWED, built((NINETY_DAYS, 40))), hours=1),
    aged("the allowed age is borne", together(ALLOWED, built((NINETY_DAYS - 7_300, 40)))),
    aged(
        "a younger baseline ends it",
        together(ALLOWED, built((NINETY_DAYS, 20), (-3_600, 20))),
    ),
    aged("without a setting nothing is old", built((NINETY_DAYS, 40))),
    aged("a baseline that does not say when it was built is not judged", ALLOWED),
    aged("without data nothing is old", {}),
)


def unjudged(values: str, version: str = "v2", baseline: str = names.NO_BASELINE) -> dict[str, str]:
    labels = {**VERSION, names.L_VERSION: version, names.L_BASELINE: baseline}
    return {series(names.ROWS, **target("a", labels, names.PORT_COLLECTOR)): values}


def without(
    promise: str, scraped: Mapping[str, str], fired: Told | None = None, hours: float = 2
) -> Story:
    return story(promise, recorded.VERSION_WITHOUT_BASELINE, scraped, fired, hours, SETTINGS)


ONE_BASELINE: Final = setting("baselines", 1)
WITHOUT_BASELINE: Final = (
    without(
        "rows of a version without a baseline are told",
        together(ONE_BASELINE, unjudged(growing((10, 40)))),
        told(
            recorded.VERSION_WITHOUT_BASELINE,
            {**VERSION, names.L_VERSION: "v2"},
            recorded.WARNING,
            "Version v2 of churn-model has no baseline",
            "No baseline is given for churn-model v2: its drift is not judged.",
        ),
    ),
    without(
        "a monitor without any baseline wants none",
        together(setting("baselines", 0), unjudged(growing((10, 40)))),
    ),
    without(
        "a version with a baseline is judged",
        together(ONE_BASELINE, unjudged(growing((10, 40)), baseline="0badcafe")),
    ),
    without(
        "a few rows of one moment are no version",
        together(ONE_BASELINE, unjudged(growing((0, 20), (10, 1), (0, 19)))),
    ),
    without(
        "it ends with the rows",
        together(ONE_BASELINE, unjudged(growing((10, 18), (0, 22)))),
    ),
    without(
        "a baseline that comes to pods with traffic, one after the other, is not missed",
        together(
            {key: level((0, 20), (1, 20)) for key in ONE_BASELINE},
            unjudged(growing((10, 21), (0, 19))),
        ),
        hours=117 / 60,
    ),
    without("without data no baseline is missed", {}),
)


STORIES: Final = (*AGES, *WITHOUT_BASELINE)


@pytest.mark.promtool
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.promise)
def test_of_baselines(story: Story, unkept: Mapping[str, str]) -> None:
    assert story.promise not in unkept, unkept[story.promise]
