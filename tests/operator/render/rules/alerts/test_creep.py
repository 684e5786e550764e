"""Slow leaks, and what a new version made worse: from raw series, over a day."""

from collections.abc import Mapping
from typing import Final

import pytest

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.rules.service_group import CONTAINER_MEMORY
from modelmonitor_operator.testing_alerts import Story, Told, series, together
from modelmonitor_operator.testing_stories import (
    BASELINE,
    VERSION,
    growing,
    info,
    level,
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


# --- latency and memory --------------------------------------------------------------------------
Stretch = tuple[float, float]
"""Seconds or bytes, for so many hours."""


def latency(*stretches: Stretch, requests: float = 60, version: str = "v1") -> dict[str, str]:
    """Of so many requests in five minutes; of 0 seconds: none came, and nothing was there."""
    own = target(version, {**VERSION, names.L_VERSION: version, names.L_ROUTE: "/predict"})
    absent = sum(int(hours * HOUR) for seconds, hours in stretches if not seconds)
    parts = [(seconds, int(hours * HOUR)) for seconds, hours in stretches if seconds]
    before = f"_x{absent} " if absent else ""
    sums = growing(*((seconds * requests, steps) for seconds, steps in parts))
    counts = growing(*((requests, steps) for _, steps in parts))
    return {
        series(f"{names.REQUEST_DURATION}_sum", **own): before + sums,
        series(f"{names.REQUEST_DURATION}_count", **own): before + counts,
    }


def memory(
    *stretches: Stretch, container: str = "server", pod: str = "a", version: str = "v1"
) -> dict[str, str]:
    """Of a container, as the kubelet tells it; 0: the pod was not there."""
    absent = sum(int(hours * HOUR) for amount, hours in stretches if not amount)
    before = f"_x{absent} " if absent else ""
    values = level(*((amount, int(hours * HOUR)) for amount, hours in stretches if amount))
    foreign = {"namespace": "team-a", "pod": pod, "container": container, "job": "kubelet"}
    return {
        series(CONTAINER_MEMORY, **foreign): before + values,
        **served(pod, version, before),
    }


def served(pod: str, version: str = "v1", before: str = "") -> dict[str, str]:
    labels = {**BASELINE, names.L_VERSION: version}
    return {series(names.ROWS, **target(pod, labels, names.PORT_COLLECTOR)): f"{before}0x330"}


def beside(pod: str, container: str, *stretches: Stretch) -> dict[str, str]:
    """Another container of a pod."""
    found = memory(*stretches, container=container, pod=pod)
    return {name: values for name, values in found.items() if CONTAINER_MEMORY in name}


def creeping(alert: str, labels: Mapping[str, str], what: str, amount: str) -> Told:
    return told(
        alert,
        {**VERSION, **labels},
        recorded.WARNING,
        f"{what} of churn-model creeps up",
        f"{what} of churn-model v1 is {amount}, more than 1.5 times that of a day ago, and has "
        "risen all day.",
    )


HOURLY: Final = {"window": "1h"}
GIGABYTE: Final = 1_000_000_000.0


def stages(first: float, second: float, third: float, last: float | None = None) -> list[Stretch]:
    """A day ago, eight hours ago, and now; or another value in the last two hours."""
    return [(first, 10), (second, 12), (third, 2.5), (third if last is None else last, 3)]


def slow(promise: str, scraped: Mapping[str, str], fired: Told | None = None) -> Story:
    return story(promise, recorded.LATENCY_CREEP, scraped, fired)


def large(promise: str, scraped: Mapping[str, str], fired: Told | None = None) -> Story:
    return story(promise, recorded.MEMORY_CREEP, scraped, fired)


LEAK: Final = [(size * GIGABYTE, hours) for size, hours in stages(1, 1.3, 1.6)]
STEADY: Final = [(GIGABYTE, 27.5)]
CREEPS: Final = (
    slow(
        "latency that rises all day is told",
        latency(*stages(0.1, 0.13, 0.16)),
        creeping(recorded.LATENCY_CREEP, HOURLY, "Latency", "160ms"),
    ),
    slow("latency that rises by less than half is borne", latency(*stages(0.1, 0.125, 0.149))),
    slow("latency that jumps does not creep", latency(*stages(0.1, 0.1, 0.2))),
    slow("latency that jumped long ago does not creep", latency(*stages(0.1, 0.2, 0.2))),
    slow("latency that falls again is over", latency(*stages(0.1, 0.13, 0.16, 0.1))),
    slow("the mean of few requests says little", latency(*stages(0.1, 0.13, 0.16), requests=16)),
    slow("a version that is new today has no day", latency((0, 10), (0.13, 12), (0.16, 5))),
    slow("without data latency does not creep", {}),
    large(
        "memory that rises all day is told",
        memory(*LEAK),
        creeping(recorded.MEMORY_CREEP, {}, "Memory", "1.49Gi"),
    ),
    large(
        "memory is the mean over the pods",
        together(memory(*LEAK), memory(*STEADY, pod="b"), memory(*STEADY, pod="c")),
    ),
    large(
        "the sidecars' own memory is theirs",
        together(memory(*STEADY), beside("a", names.CONTAINER_COLLECTOR, *LEAK)),
    ),
    large(
        "all containers of the model count",
        together(memory(*STEADY), beside("a", "loader", *((9 * size, h) for size, h in LEAK))),
        creeping(recorded.MEMORY_CREEP, {}, "Memory", "14.34Gi"),
    ),
    large("memory that jumps does not creep", memory((GIGABYTE, 22), (2 * GIGABYTE, 5))),
    large("memory of pods that are not monitored is nothing", beside("a", "server", *LEAK)),
    large("without the kubelet's metrics memory does not creep", served("a")),
    large("without data memory does not creep", {}),
)


# --- what a new version made worse ---------------------------------------------------------------
def worse(labels: Mapping[str, str], quantity: str, times: str) -> Told:
    return told(
        recorded.VERSION_REGRESSION,
        {**VERSION, names.L_VERSION: "v2", "quantity": quantity, **labels},
        recorded.WARNING,
        f"Version v2 of churn-model needs more {quantity}",
        f"{quantity} of churn-model v2 is {times} times that of the version a day ago.",
    )


def regression(promise: str, scraped: Mapping[str, str], fired: Told | None = None) -> Story:
    return story(promise, recorded.VERSION_REGRESSION, scraped, fired)


BEFORE: Final = latency((0.1, 27.5))
REGRESSIONS: Final = (
    regression(
        "a new version that is slower is told",
        together(BEFORE, latency((0, 22), (0.16, 5), version="v2")),
        worse(HOURLY, "latency", "1.60"),
    ),
    regression(
        "a new version that is a little slower is borne",
        together(BEFORE, latency((0, 22), (0.15, 5), version="v2")),
    ),
    regression(
        "a new version that only starts slowly is borne",
        together(BEFORE, latency((0, 23.5), (2, 0.25), (0.1, 4), version="v2")),
    ),
    regression(
        "a version that was there a day ago is not new",
        together(BEFORE, latency((0.16, 27.5), version="v2")),
    ),
    regression(
        "few requests of a new version say little",
        together(BEFORE, latency((0, 22), (0.16, 5), version="v2", requests=16)),
    ),
    regression("the first version of all is worse than none", latency((0, 22), (9, 5))),
    regression(
        "a new version that is larger is told",
        together(memory(*STEADY), memory((0, 22), (1.6 * GIGABYTE, 5), pod="b", version="v2")),
        worse({}, "memory", "1.60"),
    ),
    regression(
        "a new version that is as large is borne",
        together(memory(*STEADY), memory((0, 22), (1.5 * GIGABYTE, 5), pod="b", version="v2")),
    ),
    regression(
        "a new version that is made faster is well",
        together(BEFORE, latency((0, 20), (0.16, 4), (0.1, 4), version="v2")),
    ),
    regression("without data no version is worse", {}),
)
STORIES: Final = (*CREEPS, *REGRESSIONS)


@pytest.mark.promtool
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.promise)
def test_of_a_models_days(story: Story, unkept: Mapping[str, str]) -> None:
    assert story.promise not in unkept, unkept[story.promise]
