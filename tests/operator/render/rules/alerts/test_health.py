"""The monitoring itself: copies, collectors, rows, series, protocols, targets; from raw series."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pytest

from modelmonitor_api import names, recorded
from modelmonitor_operator.testing_alerts import Story, Told, series, together
from modelmonitor_operator.testing_stories import (
    BASELINE,
    OWN,
    SIDECAR,
    VERSION,
    WHOLE_MODEL,
    WHOLE_MONITOR,
    growing,
    info,
    level,
    target,
    told,
)

ALWAYS: Final = 60
NOW_MINUTES: Final = 40


@dataclass(frozen=True)
class Of:
    """Which alert, about what, and what it says."""

    alert: str
    labels: Mapping[str, str]
    summary: str
    description: str

    def story(
        self,
        promise: str,
        *scraped: Mapping[str, str],
        fires: str | None = None,
        minutes: int = NOW_MINUTES,
    ) -> Story:
        """What is scraped each minute, and the number that is told; None where it is silent."""
        fired: Sequence[Told] = (
            []
            if fires is None
            else [
                told(
                    self.alert,
                    self.labels,
                    recorded.WARNING,
                    self.summary,
                    self.description.format(fires),
                )
            ]
        )
        return Story(
            promise,
            together(info(), *scraped),
            minutes * 60 + 7,
            (self.alert,),
            {self.alert: fired},
            every_seconds=35,
        )


# --- copies ------------------------------------------------------------------------------------
def copies(
    decoded: str, undecodable: str = "0x60", budget: str = "0x60", draining: str = "0x60"
) -> dict[str, str]:
    """The fate of copies, by minute."""
    own = target("a", VERSION)
    return {
        series(names.FRAMES, outcome="decoded", **own): decoded,
        series(names.FRAMES, outcome="undecodable", **own): undecodable,
        series(names.FRAMES, outcome="skipped", **own): "0x60",
        series(names.FRAMES_DROPPED, reason="budget", **own): budget,
        series(names.FRAMES_DROPPED, reason="draining", **own): draining,
    }


MANY: Final = growing((96, ALWAYS))
DROPPING: Final = Of(
    recorded.CAPTURE_DROPPING,
    VERSION,
    "Copies of requests to churn-model are dropped",
    "{} of the copies of requests to churn-model v1 were dropped in 15 minutes; traffic is not "
    "touched.",
)
UNDECODABLE: Final = Of(
    recorded.PAYLOADS_UNDECODABLE,
    VERSION,
    "Requests to churn-model cannot be read",
    "{} of the requests to churn-model v1 in 15 minutes are in no form that a decoder knows.",
)
COPIES: Final = (
    DROPPING.story("dropped copies are told", copies(MANY, budget=growing((4, 60))), fires="4%"),
    DROPPING.story(
        "all copies dropped are told", copies("0x60", budget=growing((2, 60))), fires="100%"
    ),
    DROPPING.story("drops take five minutes", copies(MANY, budget=growing((0, 36), (96, 24)))),
    DROPPING.story(
        "one copy of a hundred may be dropped",
        copies(growing((990, 60)), budget=growing((10, 60))),
    ),
    DROPPING.story(
        "a few copies may be dropped, even if they are all",
        copies("0x60", budget=growing((1, 60))),
    ),
    DROPPING.story("pods that end drop copies", copies(MANY, draining=growing((96, 60)))),
    DROPPING.story(
        "drops end a quarter of an hour after the last one",
        copies(MANY, budget=growing((0, 10), (96, 14), (0, 36))),
    ),
    DROPPING.story("without data nothing is dropped"),
    UNDECODABLE.story(
        "payloads that cannot be read are told",
        copies(growing((90, 60)), undecodable=growing((10, 60))),
        fires="10%",
    ),
    UNDECODABLE.story(
        "one payload of twenty may be unreadable",
        copies(growing((95, 60)), undecodable=growing((5, 60))),
    ),
    UNDECODABLE.story(
        "a few payloads may be unreadable, even if they are all",
        copies("0x60", undecodable=growing((1, 60))),
    ),
    UNDECODABLE.story(
        "unreadable payloads take five minutes",
        copies(MANY, undecodable=growing((0, 36), (96, 24))),
    ),
    UNDECODABLE.story(
        "unreadable payloads end a quarter of an hour after the last one",
        copies(MANY, undecodable=growing((0, 10), (96, 14), (0, 36))),
    ),
    UNDECODABLE.story("without data nothing is unreadable"),
)


# --- the collector -----------------------------------------------------------------------------
def proxy(connected: str, pod: str = "a", draining: str = "0x60", end: str = "") -> dict[str, str]:
    own = target(pod, SIDECAR)
    return {
        series(names.PROXY_COLLECTOR_CONNECTED, **own): connected + end,
        series(names.PROXY_DRAINING, **own): draining + end,
    }


def deaths(values: str, pod: str = "a") -> dict[str, str]:
    own = target(pod, SIDECAR, names.PORT_COLLECTOR)
    return {series(names.COLLECTOR_WORKER_DEATHS, cause="SIGKILL", **own): values}


DOWN: Final = Of(
    recorded.COLLECTOR_DOWN,
    {**WHOLE_MONITOR, "pod": "a"},
    "The collector of churn is down",
    "In pod a no collector takes copies, or its worker dies again and again: features are not "
    "counted, traffic passes.{}",
)
ALONE: Final = level((1, 20), (0, 40))
COLLECTOR: Final = (
    DOWN.story(
        "a proxy without a collector is told by its pod",
        proxy(ALONE),
        proxy("1x60", "b"),
        fires="",
    ),
    DOWN.story("five minutes without a collector are borne", proxy(ALONE), minutes=24),
    DOWN.story("it ends with the collector's return", proxy(level((1, 20), (0, 19), (1, 21)))),
    DOWN.story(
        "a pod that ends needs no collector", proxy(ALONE, draining=level((0, 18), (1, 42)))
    ),
    DOWN.story(
        "a collector that dies again and again is told",
        proxy("1x60"),
        deaths(growing((0, 15), (1, 6), (0, 39))),
        fires="",
    ),
    DOWN.story(
        "three deaths in half an hour are borne",
        proxy("1x60"),
        deaths(growing((0, 15), (1, 2), (0, 43))),
    ),
    DOWN.story(
        "a pod that is gone does not die any more",
        proxy("1x29", draining="0x29", end=" stale"),
        deaths(f"{growing((0, 15), (1, 6), (0, 8))} stale"),
    ),
    DOWN.story(
        "deaths of half an hour ago are over",
        proxy("1x60"),
        deaths(growing((0, 2), (1, 6), (0, 52))),
    ),
    DOWN.story("a collector that is there is no news", proxy("1x60"), deaths("0x60")),
    DOWN.story("without data no collector is missed"),
)


# --- rows --------------------------------------------------------------------------------------
def asked(values: str, code: str = "200", model: str = "churn-model") -> dict[str, str]:
    labels = {**target("a", VERSION), "model": model, names.L_ROUTE: "/predict"}
    return {series(names.REQUESTS, code=code, **labels): values}


def rows(values: str, version: str = "v1") -> dict[str, str]:
    labels = {**BASELINE, names.L_VERSION: version}
    return {series(names.ROWS, **target("a", labels, names.PORT_COLLECTOR)): values}


BLIND: Final = Of(
    recorded.BLIND,
    WHOLE_MODEL,
    "The monitor of churn-model sees no rows",
    "About {} requests to churn-model were answered in 15 minutes, and not one row was counted.",
)
ANSWERED: Final = asked(growing((10, 60)))
ROWS: Final = (
    BLIND.story("answers without rows are told", ANSWERED, rows("0x60"), fires="150"),
    BLIND.story("answers without any series of rows are told", ANSWERED, fires="150"),
    BLIND.story("rows that stay away are told", ANSWERED, rows("500x60"), fires="150"),
    BLIND.story("rows are sight", ANSWERED, rows(growing((1, 60)))),
    BLIND.story(
        "rows of a version that the proxy does not know are sight",
        ANSWERED,
        rows("0x60"),
        rows(growing((1, 60)), "from-the-answer"),
    ),
    BLIND.story(
        "rows that were all there at the first scrape are sight",
        asked("_x29 0 40+0x30"),
        rows("_x30 40x30"),
    ),
    BLIND.story("few answers say nothing", asked(growing((1, 60))), rows("0x60")),
    BLIND.story("failures have no rows", asked(growing((10, 60)), "503"), rows("0x60")),
    BLIND.story("what matches no model has no rows", asked(growing((10, 60)), model=names.OTHER)),
    BLIND.story("blindness takes minutes", asked(growing((0, 33), (10, 27))), rows("0x60")),
    BLIND.story("it ends with the first row", ANSWERED, rows(growing((0, 38), (1, 22)))),
    BLIND.story("without data nobody is blind"),
)


# --- series, protocols, targets ------------------------------------------------------------------
def left_out(values: str, pod: str = "a") -> dict[str, str]:
    return {series(names.SERIES_DROPPED, **target(pod, SIDECAR, names.PORT_COLLECTOR)): values}


BUDGET: Final = Of(
    recorded.SERIES_BUDGET_EXCEEDED,
    WHOLE_MONITOR,
    "churn has more features than its budget of series",
    "{} series, of whole features, are left out: those are not judged.",
)
BUDGETS: Final = (
    BUDGET.story(
        "series that are left out are told, once",
        left_out("30x60"),
        left_out("40x60", "b"),
        fires="40",
    ),
    BUDGET.story("left out for minutes is borne", left_out(level((0, 32), (30, 28)))),
    BUDGET.story("series that are back end it", left_out(level((30, 39), (0, 21)))),
    BUDGET.story("a budget that suffices is no news", left_out("0x60")),
    BUDGET.story("without data nothing is left out"),
)


def carried(**by_protocol: str) -> dict[str, str]:
    own = target("a", SIDECAR)
    return {
        series(names.CONNECTION_BYTES, protocol=protocol, **own): values
        for protocol, values in by_protocol.items()
    }


OPAQUE: Final = Of(
    recorded.OPAQUE_TRAFFIC,
    WHOLE_MONITOR,
    "Traffic of churn cannot be read",
    "{} of the bytes of the last hour are HTTP/2, gRPC, TLS or something unknown: they are "
    "forwarded, and no request in them is counted.",
)
PLAIN: Final = growing((20_000, 60))
PROTOCOLS: Final = (
    *(
        OPAQUE.story(
            f"most bytes in {protocol} are told",
            carried(http1=PLAIN, **{protocol: growing((60_000, 60))}),
            fires="75%",
        )
        for protocol in ("h2", "tls", "unknown", "ambiguous")
    ),
    OPAQUE.story("half of the bytes are borne", carried(http1=PLAIN, h2=PLAIN)),
    OPAQUE.story("probes alone are borne", carried(http1="0x60", h2=growing((10_000, 60)))),
    OPAQUE.story(
        "websockets and silence are not opaque",
        carried(http1=PLAIN, upgrade=growing((90_000, 60)), silent="0x60"),
    ),
    OPAQUE.story(
        "it takes a quarter of an hour",
        carried(http1="0x60", h2=growing((0, 24), (600_000, 36))),
    ),
    OPAQUE.story(
        "it ends when plain bytes are the most again",
        carried(http1=growing((0, 20), (60_000, 40)), h2=growing((40_000, 20), (0, 40))),
    ),
    OPAQUE.story("without data nothing is opaque"),
)


def up(values: str, pod: str = "a", container: str = names.CONTAINER_PROXY) -> dict[str, str]:
    own = {"namespace": OWN["namespace"], "job": "team-a/churn", "instance": f"{pod}:24081"}
    return {series("up", pod=pod, container=container, **own): values}


def known(values: str, pod: str = "a") -> dict[str, str]:
    return {series(names.PROXY_START_TIME, **target(pod, SIDECAR)): values}


UNSCRAPED: Final = Of(
    recorded.TARGETS_MISSING,
    {**WHOLE_MONITOR, "pod": "a"},
    "A sidecar of churn is not scraped",
    "Prometheus cannot scrape a sidecar of pod a: nothing is known of it, and silence is not "
    "health.{}",
)
LOST: Final = level((1, 20), (0, 40))
TARGETS: Final = (
    UNSCRAPED.story(
        "a sidecar that cannot be scraped is told",
        known("5x19 stale"),
        up(LOST),
        known("5x60", "b"),
        up("1x60", "b"),
        fires="",
    ),
    UNSCRAPED.story(
        "so is a collector beside a proxy that is well",
        known("5x60"),
        up(LOST, container=names.CONTAINER_COLLECTOR),
        fires="",
    ),
    UNSCRAPED.story("ten minutes are borne", known("5x19 stale"), up(LOST), minutes=29),
    UNSCRAPED.story("a pod that is gone is not missed", known("5x19 stale"), up("1x19 stale")),
    UNSCRAPED.story(
        "it ends with the next scrape",
        known("5x19 stale _x18 5x20"),
        up(level((1, 20), (0, 19), (1, 21))),
    ),
    UNSCRAPED.story(
        "the model's own container is not ours", known("5x60"), up(LOST, container="server")
    ),
    UNSCRAPED.story("pods of other monitors are theirs", up(LOST)),
    UNSCRAPED.story("without data no target is missed"),
)
STORIES: Final = (*COPIES, *COLLECTOR, *ROWS, *BUDGETS, *PROTOCOLS, *TARGETS)


@pytest.mark.promtool
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.promise)
def test_of_the_monitoring(story: Story, unkept: Mapping[str, str]) -> None:
    assert story.promise not in unkept, unkept[story.promise]
