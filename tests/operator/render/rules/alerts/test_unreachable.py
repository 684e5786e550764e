"""A model server that refuses connections or never answers pages; one that starts does not."""

from collections.abc import Mapping
from typing import Final

import pytest

from modelmonitor_api import names, recorded
from modelmonitor_operator.testing_alerts import Story, Told, series, together
from modelmonitor_operator.testing_stories import (
    SIDECAR,
    VERSION,
    WHOLE_MONITOR,
    growing,
    info,
    level,
    target,
    told,
)


def pod(name: str, connected: str, refused: str, draining: str = "0x60") -> dict[str, str]:
    """A proxy and its dials, by minute."""
    own = target(name, SIDECAR)
    return {
        series(names.PROXY_DIALS, outcome="connected", **own): connected,
        series(names.PROXY_DIALS, outcome="refused", **own): refused,
        series(names.PROXY_DRAINING, **own): draining,
    }


def answered(well: str, aborted: str) -> dict[str, str]:
    """Requests of one pod by minute: those answered, and those that ended without an answer."""
    own = target("a", VERSION)
    return {
        series(names.REQUESTS, route="/predict", code="200", **own): well,
        series(names.REQUESTS, route="/predict", code="aborted", **own): aborted,
    }


def unreachable(share: str) -> dict[str, list[Told]]:
    return {
        recorded.SERVER_UNREACHABLE: [
            told(
                recorded.SERVER_UNREACHABLE,
                WHOLE_MONITOR,
                recorded.CRITICAL,
                "The model server of churn does not answer",
                f"{share} of 5 minutes' connections are refused, or requests end without an "
                "answer: no error budget counts them.",
            )
        ]
    }


def story(promise: str, at: str, pods: Mapping[str, str], share: str | None = None) -> Story:
    """At `at`, minutes and seconds, dials are refused or requests end in so large a share."""
    minutes, seconds = at.split(":")
    return Story(
        promise,
        together(info(), pods),
        int(minutes) * 60 + int(seconds),
        (recorded.SERVER_UNREACHABLE,),
        {} if share is None else unreachable(share),
        (recorded.CONTINUITY, recorded.REQUESTS_BY_CODE),
        every_seconds=35,
    )


WELL: Final = growing((16, 60))
HALF_BROKEN: Final = growing((0, 20), (4, 40))
FOR_TEN_MINUTES: Final = growing((0, 20), (4, 10), (0, 30))

STORIES: Final = (
    story("a fifth of the dials refused pages", "31:10", pod("a", WELL, HALF_BROKEN), "20%"),
    story(
        "a server that hangs pages, though it takes connections",
        "40:10",
        {
            **pod("a", WELL, growing((0, 60))),
            **answered(growing((8, 20), (0, 40)), growing((0, 20), (8, 40))),
        },
        "100%",
    ),
    story(
        "clients that give up on half of the requests are borne",
        "40:10",
        {
            **pod("a", WELL, growing((0, 60))),
            **answered(growing((8, 60)), growing((0, 20), (8, 40))),
        },
    ),
    story(
        "it ends when the server answers again",
        "59:10",
        {
            **pod("a", WELL, growing((0, 60))),
            **answered(growing((8, 20), (0, 20), (8, 20)), growing((0, 20), (8, 20), (0, 20))),
        },
    ),
    story("it waits for five minutes", "25:10", pod("a", WELL, HALF_BROKEN)),
    story("it ends with the refusals", "36:10", pod("a", WELL, FOR_TEN_MINUTES)),
    story(
        "a tenth of the dials refused is borne",
        "40:10",
        pod("a", growing((36, 60)), growing((0, 20), (4, 40))),
    ),
    story(
        "a few dials refused are borne, even if they are all",
        "40:10",
        pod("a", growing((1, 20), (0, 40)), growing((0, 20), (1, 40))),
    ),
    story(
        "all dials refused page",
        "40:10",
        pod("a", growing((16, 20), (0, 40)), growing((0, 20), (4, 40))),
        "100%",
    ),
    story(
        "a server that loads its model is waited for, though probes are refused",
        "40:10",
        pod("a", "0x60", growing((6, 60))),
    ),
    story(
        "a server that was waited for is well from its first connection on",
        "31:10",
        pod("a", growing((0, 25), (2, 35)), growing((6, 25), (0, 35))),
    ),
    story(
        "replicas that come wait beside those that serve",
        "40:10",
        together(pod("a", WELL, "0x60"), pod("b", "_x19 0x40", "_x19 0+12x40")),
    ),
    story(
        "a pod that ends is no outage",
        "40:10",
        together(pod("a", WELL, "0x60"), pod("b", WELL, HALF_BROKEN, level((0, 18), (1, 42)))),
    ),
    story(
        "pods that are gone say nothing any more",
        "29:10",
        pod("a", f"{growing((16, 27))} stale", f"{growing((0, 20), (4, 7))} stale", "0x27 stale"),
    ),
    story(
        "refusals of one pod of many are told of the whole",
        "40:10",
        together(pod("a", WELL, "0x60"), pod("b", WELL, growing((0, 20), (8, 40)))),
        "20%",
    ),
    story("without dials it is silent", "40:10", pod("a", "0x60", "0x60")),
    Story("without data it is silent", {}, 2_400, (recorded.SERVER_UNREACHABLE,)),
)


@pytest.mark.promtool
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.promise)
def test_of_an_unreachable_server(story: Story, unkept: Mapping[str, str]) -> None:
    assert story.promise not in unkept, unkept[story.promise]
