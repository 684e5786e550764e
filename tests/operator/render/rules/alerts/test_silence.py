"""Healthy monitors are silent, whatever their pods and their Prometheus go through: all alerts."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from modelmonitor_api import names, recorded
from modelmonitor_cli.testing_judged import (
    BROKEN,
    STEP_SECONDS,
    WELL,
    baselines,
    counters,
)
from modelmonitor_operator.render.rules.groups import shared_groups
from modelmonitor_operator.render.rules.service_group import CONTAINER_MEMORY
from modelmonitor_operator.testing_alerts import Judge, Story, series, together
from modelmonitor_operator.testing_stories import (
    LINKS,
    OWN,
    SIDECAR,
    VERSION,
    info,
    setting,
    target,
)

RECORDS: Final = tuple(
    {rule.name for group in shared_groups(LINKS) for rule in group.rules} - {*recorded.ALERTS}
)
STEPS: Final = 160
"""Of 13 seconds: somewhat over half an hour."""
MINUTES: Final = 34
OLD: Final = (-86_400.0, 0.0)
"""When old pods were started."""
NAMESPACE: Final = {"namespace": OWN["namespace"]}
SETTINGS: Final = {
    "confirm": 1.0,
    "baselines": 1.0,
    "maximum_age_seconds": 1e9,
    "availability_percent": 99.9,
    "latency_percentile": 99.0,
}


Line = tuple[float, float]
"""What a series is at a pod's first scrape, and how much it grows with each."""
Lines = Mapping[str, Line]


# --- a pod -------------------------------------------------------------------------------------
def pod(
    name: str, requests: float = 25, version: str = "v1", baseline: str = "0badcafe"
) -> dict[str, Line]:
    """All that Prometheus has of a healthy pod but its features; so many requests a scrape."""
    labels = {**VERSION, names.L_VERSION: version}
    proxy, served = target(name, SIDECAR), target(name, labels)
    collector = target(name, SIDECAR, names.PORT_COLLECTOR)
    rows = target(name, {**labels, names.L_BASELINE: baseline}, names.PORT_COLLECTOR)
    route = {**served, names.L_ROUTE: "/predict"}
    often, seldom, never, one = (0, requests), (0, requests / 5), (0, 0), (1, 0)
    in_time = series(names.REQUESTS_WITHIN_OBJECTIVE, objective_milliseconds="200", **served)
    return {
        series(names.REQUESTS, code="200", **route): often,
        series(names.REQUESTS, code="404", **route): seldom,
        series(names.REQUESTS, code="aborted", **route): seldom,
        in_time: (0, requests * 1.2),
        series(f"{names.REQUEST_DURATION}_sum", **route): (0, requests / 10),
        series(f"{names.REQUEST_DURATION}_count", **route): often,
        series(names.FRAMES, outcome="decoded", **served): often,
        series(names.FRAMES, outcome="undecodable", **served): never,
        series(names.FRAMES_DROPPED, reason="budget", **served): never,
        series(names.CONNECTION_BYTES, protocol="http1", **proxy): (0, 90_000),
        series(names.PROXY_DIALS, outcome="connected", **proxy): (0, 9),
        series(names.PROXY_DIALS, outcome="refused", **proxy): never,
        series(names.PROXY_START_TIME, **proxy): OLD,
        series(names.PROXY_COLLECTOR_CONNECTED, **proxy): one,
        series(names.PROXY_DRAINING, **proxy): never,
        series(names.SERIES_DROPPED, **collector): never,
        series(names.ROWS, **rows): often,
        series(names.ROWS_UNEXPECTED_COLUMN, **rows): never,
        series("up", container=names.CONTAINER_PROXY, **target(name, NAMESPACE)): one,
        series(CONTAINER_MEMORY, container="server", **target(name, NAMESPACE, 10250)): (5e9, 0),
    }


def unasked(name: str) -> dict[str, Line]:
    """What its proxy has of a model that is configured and that nobody asks."""
    served = target(name, {**VERSION, names.L_MODEL: "spare"})
    in_time = series(names.REQUESTS_WITHIN_OBJECTIVE, objective_milliseconds="200", **served)
    counters = [
        series(names.REQUESTS, code="aborted", **{**served, names.L_ROUTE: "*"}),
        series(names.REQUESTS_IN_FLIGHT, **served),
        in_time,
        *(series(names.FRAMES, outcome=one, **served) for one in ("decoded", "undecodable")),
        series(names.FRAMES_DROPPED, reason="budget", **served),
    ]
    return dict.fromkeys(counters, (0, 0))


def whole(name: str, version: str = "v1") -> dict[str, Line]:
    """A pod with its features and what they are compared with."""
    features = {**counters([(WELL, STEPS)]), **baselines()}
    own = {'="a"': f'="{name}"', '="a:': f'="{name}:', '="v1"': f'="{version}"'}
    found: dict[str, Line] = pod(name, version=version)
    for one, values in features.items():
        for text, other in own.items():
            one = one.replace(text, other)
        found[one] = _line(values)
    return found


def _line(values: str) -> Line:
    """Of what is one stretch."""
    start, _, step = values.partition("x")[0].partition("+")
    return float(start), float(step or 0)


# --- what happens to it --------------------------------------------------------------------------
def written(lines: Lines, begin: int, end: int, born: int = 0) -> dict[str, str]:
    """From one scrape to another; a pod that is born later counts from 0."""
    return {
        name: _values(_born(line, born), begin - born, end - begin) for name, line in lines.items()
    }


def _born(line: Line, born: int) -> Line:
    return (born * STEP_SECONDS - 5, 0) if line == OLD and born else line


def _values(line: Line, begin: int, count: int) -> str:
    start, step = line
    return f"{start + step * begin:.15g}+{step:.15g}x{count - 1}"


def always(lines: Lines) -> dict[str, str]:
    return written(lines, 0, STEPS)


def until(lines: Lines, end: int) -> dict[str, str]:
    """A target that is gone ends at once."""
    return {name: f"{values} stale" for name, values in written(lines, 0, end).items()}


def since(lines: Lines, begin: int) -> dict[str, str]:
    """A pod that comes then."""
    later = written(lines, begin, STEPS, begin)
    return {name: f"_x{begin} {values}" for name, values in later.items()}


def restarted(lines: Lines, at: int) -> dict[str, str]:
    """Both workers begin anew."""
    before, later = written(lines, 0, at), written(lines, at, STEPS, at)
    return {name: f"{before[name]} {later[name]}" for name in lines}


def unseen(lines: Lines, begin: int, end: int) -> dict[str, str]:
    """Prometheus was not there in between."""
    before, later = written(lines, 0, begin), written(lines, end, STEPS)
    return {name: f"{before[name]} _x{end - begin} {later[name]}" for name in lines}


def silent(promise: str, *scraped: Mapping[str, str]) -> Story:
    return Story(
        promise,
        together(info(), *scraped),
        MINUTES * 60 + 7,
        recorded.ALERTS,
        {},
        RECORDS,
        step_seconds=STEP_SECONDS,
    )


KNOWN: Final = together(*(setting(name, value) for name, value in SETTINGS.items()))
STORIES: Final = (
    silent(
        "the smallest monitor, with hardly a request",
        setting("confirm", 1),
        setting("baselines", 0),
        always(pod("tiny", requests=0.1, baseline=names.NO_BASELINE)),
    ),
    silent(
        "replicas that come and go, and one that restarts",
        KNOWN,
        until(whole("a"), 70),
        restarted(whole("b"), 90),
        since(whole("c"), 50),
    ),
    silent(
        "a model that is configured and never asked, in old pods and in a new one",
        KNOWN,
        always({**whole("a"), **unasked("a")}),
        since({**whole("b"), **unasked("b")}, 80),
    ),
    silent("all pods gone, and back", KNOWN, until(whole("a"), 40), since(whole("b"), 100)),
    silent(
        "a Prometheus that was away for ten minutes",
        unseen({name: _line(values) for name, values in KNOWN.items()}, 60, 106),
        unseen(whole("a"), 60, 106),
    ),
    silent(
        "a new version that takes over, while the old one is kept",
        KNOWN,
        always(whole("a")),
        since(whole("b", "v2"), 80),
    ),
)


@pytest.mark.promtool
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.promise)
def test_no_alert_is_told_of(story: Story, unkept: Mapping[str, str]) -> None:
    assert story.promise not in unkept, unkept[story.promise]


SICK: Final[Mapping[str, Line]] = {
    'code="404"': (0, 25),
    'outcome="undecodable"': (0, 25),
    'reason="budget"': (0, 25),
    'outcome="refused"': (0, 9),
    names.PROXY_COLLECTOR_CONNECTED: (0, 0),
    names.SERIES_DROPPED: (9, 0),
    names.ROWS_UNEXPECTED_COLUMN: (0, 25),
    "up{": (0, 0),
}


@pytest.mark.promtool
def test_the_same_pods_are_told_of_when_they_are_sick(promtools: list[str], tmp_path: Path) -> None:
    """So it is no fault of the series that healthy ones are silent."""
    lines = whole("a")
    for part, line in SICK.items():
        lines |= {name: line for name in lines if part in name}
    text = {
        name.replace('"404"', '"503"').replace('"http1"', '"h2"'): values
        for name, values in always(lines).items()
    }
    broken = {name: values for name, values in counters([(BROKEN, STEPS)]).items() if name in text}
    story = silent("sick", KNOWN, {**text, **broken})

    said = Judge(promtools[0], tmp_path).failures(shared_groups(LINKS), [story])["sick"]

    assert set(re.findall(r"alertname: (\w+),", said)) == {
        recorded.ERROR_BUDGET_BURN, recorded.LATENCY_BUDGET_BURN, recorded.SERVER_UNREACHABLE,
        recorded.FEATURE_DRIFT, recorded.FEATURE_CHANGE, recorded.PREDICTION_DRIFT,
        recorded.MISSING_VALUES, recorded.INVALID_VALUES, recorded.UNSEEN_CATEGORIES,
        recorded.OUT_OF_RANGE, recorded.COLUMN_UNEXPECTED, recorded.CAPTURE_DROPPING,
        recorded.PAYLOADS_UNDECODABLE, recorded.COLLECTOR_DOWN, recorded.SERIES_BUDGET_EXCEEDED,
        recorded.OPAQUE_TRAFFIC, recorded.TARGETS_MISSING,
    }  # fmt: skip
