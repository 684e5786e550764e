"""The sidecars themselves: collectors, series, protocols, targets; from raw series."""

from collections.abc import Mapping
from typing import Final

import pytest

from modelmonitor_api import names, recorded
from modelmonitor_operator.testing_alerts import Story, series, together
from modelmonitor_operator.testing_stories import (
    OWN,
    SIDECAR,
    WHOLE_MONITOR,
    Wording,
    growing,
    info,
    level,
    target,
)


def story(
    wording: Wording,
    promise: str,
    *scraped: Mapping[str, str],
    fires: str | None = None,
    minutes: int = 40,
) -> Story:
    """What is scraped each minute, and the number that is told; None where it is silent."""
    return Story(
        promise,
        together(info(), *scraped),
        minutes * 60 + 7,
        (wording.alert,),
        wording.told(fires),
        every_seconds=35,
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


DOWN: Final = Wording(
    recorded.COLLECTOR_DOWN,
    {**WHOLE_MONITOR, "pod": "a"},
    recorded.WARNING,
    "The collector of churn is down",
    "In pod a no collector takes copies, or its worker dies again and again: features are not "
    "counted, traffic passes.{}",
)
ALONE: Final = level((1, 20), (0, 40))
COLLECTOR: Final = (
    story(
        DOWN,
        "a proxy without a collector is told by its pod",
        proxy(ALONE),
        proxy("1x60", "b"),
        fires="",
    ),
    story(DOWN, "five minutes without a collector are borne", proxy(ALONE), minutes=24),
    story(DOWN, "it ends with the collector's return", proxy(level((1, 20), (0, 19), (1, 21)))),
    story(
        DOWN, "a pod that ends needs no collector", proxy(ALONE, draining=level((0, 18), (1, 42)))
    ),
    story(
        DOWN,
        "a collector that dies again and again is told",
        proxy("1x60"),
        deaths(growing((0, 15), (1, 6), (0, 39))),
        fires="",
    ),
    story(
        DOWN,
        "three deaths in half an hour are borne",
        proxy("1x60"),
        deaths(growing((0, 15), (1, 2), (0, 43))),
    ),
    story(
        DOWN,
        "a pod that is gone does not die any more",
        proxy("1x29", draining="0x29", end=" stale"),
        deaths(f"{growing((0, 15), (1, 6), (0, 8))} stale"),
    ),
    story(
        DOWN,
        "deaths of half an hour ago are over",
        proxy("1x60"),
        deaths(growing((0, 2), (1, 6), (0, 52))),
    ),
    story(DOWN, "a collector that is there is no news", proxy("1x60"), deaths("0x60")),
    story(DOWN, "without data no collector is missed"),
)


# --- series, protocols, targets ------------------------------------------------------------------
def left_out(values: str, pod: str = "a") -> dict[str, str]:
    return {series(names.SERIES_DROPPED, **target(pod, SIDECAR, names.PORT_COLLECTOR)): values}


BUDGET: Final = Wording(
    recorded.SERIES_BUDGET_EXCEEDED,
    WHOLE_MONITOR,
    recorded.WARNING,
    "churn has more features than its budget of series",
    "{} series, of whole features, are left out: those are not judged.",
)
BUDGETS: Final = (
    story(
        BUDGET,
        "series that are left out are told, once",
        left_out("30x60"),
        left_out("40x60", "b"),
        fires="40",
    ),
    story(BUDGET, "left out for minutes is borne", left_out(level((0, 32), (30, 28)))),
    story(BUDGET, "series that are back end it", left_out(level((30, 39), (0, 21)))),
    story(BUDGET, "a budget that suffices is no news", left_out("0x60")),
    story(BUDGET, "without data nothing is left out"),
)


def carried(**by_protocol: str) -> dict[str, str]:
    own = target("a", SIDECAR)
    return {
        series(names.CONNECTION_BYTES, protocol=protocol, **own): values
        for protocol, values in by_protocol.items()
    }


OPAQUE: Final = Wording(
    recorded.OPAQUE_TRAFFIC,
    WHOLE_MONITOR,
    recorded.WARNING,
    "Traffic of churn cannot be read",
    "{} of the bytes of the last hour are HTTP/2, gRPC, TLS or something unknown: they are "
    "forwarded, and no request in them is counted.",
)
PLAIN: Final = growing((20_000, 60))
PROTOCOLS: Final = (
    *(
        story(
            OPAQUE,
            f"most bytes in {protocol} are told",
            carried(http1=PLAIN, **{protocol: growing((60_000, 60))}),
            fires="75%",
        )
        for protocol in ("h2", "tls", "unknown", "ambiguous")
    ),
    story(OPAQUE, "half of the bytes are borne", carried(http1=PLAIN, h2=PLAIN)),
    story(OPAQUE, "probes alone are borne", carried(http1="0x60", h2=growing((10_000, 60)))),
    story(
        OPAQUE,
        "websockets and silence are not opaque",
        carried(http1=PLAIN, upgrade=growing((90_000, 60)), silent="0x60"),
    ),
    story(
        OPAQUE,
        "it takes a quarter of an hour",
        carried(http1="0x60", h2=growing((0, 24), (600_000, 36))),
    ),
    story(
        OPAQUE,
        "it ends when plain bytes are the most again",
        carried(http1=growing((0, 20), (60_000, 40)), h2=growing((40_000, 20), (0, 40))),
    ),
    story(OPAQUE, "without data nothing is opaque"),
)


def up(values: str, pod: str = "a", container: str = names.CONTAINER_PROXY) -> dict[str, str]:
    own = {"namespace": OWN["namespace"], "job": "team-a/churn", "instance": f"{pod}:24081"}
    return {series("up", pod=pod, container=container, **own): values}


def known(values: str, pod: str = "a") -> dict[str, str]:
    return {series(names.PROXY_START_TIME, **target(pod, SIDECAR)): values}


UNSCRAPED: Final = Wording(
    recorded.TARGETS_MISSING,
    {**WHOLE_MONITOR, "pod": "a"},
    recorded.WARNING,
    "A sidecar of churn is not scraped",
    "Prometheus cannot scrape a sidecar of pod a: nothing is known of it, and silence is not "
    "health.{}",
)
LOST: Final = level((1, 20), (0, 40))
TARGETS: Final = (
    story(
        UNSCRAPED,
        "a sidecar that cannot be scraped is told",
        known("5x19 stale"),
        up(LOST),
        known("5x60", "b"),
        up("1x60", "b"),
        fires="",
    ),
    story(
        UNSCRAPED,
        "so is a collector beside a proxy that is well",
        known("5x60"),
        up(LOST, container=names.CONTAINER_COLLECTOR),
        fires="",
    ),
    story(UNSCRAPED, "ten minutes are borne", known("5x19 stale"), up(LOST), minutes=29),
    story(UNSCRAPED, "a pod that is gone is not missed", known("5x19 stale"), up("1x19 stale")),
    story(
        UNSCRAPED,
        "it ends with the next scrape",
        known("5x19 stale _x18 5x20"),
        up(level((1, 20), (0, 19), (1, 21))),
    ),
    story(
        UNSCRAPED,
        "the model's own container is not ours",
        known("5x60"),
        up(LOST, container="server"),
    ),
    story(UNSCRAPED, "pods of other monitors are theirs", up(LOST)),
    story(UNSCRAPED, "without data no target is missed"),
)
STORIES: Final = (*COLLECTOR, *BUDGETS, *PROTOCOLS, *TARGETS)


@pytest.mark.promtool
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.promise)
def test_of_the_sidecars(story: Story, unkept: Mapping[str, str]) -> None:
    assert story.promise not in unkept, unkept[story.promise]
