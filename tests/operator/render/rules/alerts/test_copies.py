"""What is counted of requests: copies that are dropped or unreadable, rows that stay away."""

from collections.abc import Mapping
from typing import Final

import pytest

from modelmonitor_api import names, recorded
from modelmonitor_operator.testing_alerts import Story, series, together
from modelmonitor_operator.testing_stories import (
    BASELINE,
    VERSION,
    WHOLE_MODEL,
    Wording,
    growing,
    info,
    target,
)

ALWAYS: Final = 60


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
DROPPING: Final = Wording(
    recorded.CAPTURE_DROPPING,
    VERSION,
    recorded.WARNING,
    "Copies of requests to churn-model are dropped",
    "{} of the copies of requests to churn-model v1 were dropped in 15 minutes; traffic is not "
    "touched.",
)
UNDECODABLE: Final = Wording(
    recorded.PAYLOADS_UNDECODABLE,
    VERSION,
    recorded.WARNING,
    "Requests to churn-model cannot be read",
    "{} of the requests to churn-model v1 in 15 minutes are in no form that a decoder knows.",
)
COPIES: Final = (
    story(DROPPING, "dropped copies are told", copies(MANY, budget=growing((4, 60))), fires="4%"),
    story(
        DROPPING,
        "all copies dropped are told",
        copies("0x60", budget=growing((2, 60))),
        fires="100%",
    ),
    story(DROPPING, "drops take five minutes", copies(MANY, budget=growing((0, 36), (96, 24)))),
    story(
        DROPPING,
        "one copy of a hundred may be dropped",
        copies(growing((990, 60)), budget=growing((10, 60))),
    ),
    story(
        DROPPING,
        "a few copies may be dropped, even if they are all",
        copies("0x60", budget=growing((1, 60))),
    ),
    story(DROPPING, "pods that end drop copies", copies(MANY, draining=growing((96, 60)))),
    story(
        DROPPING,
        "drops end a quarter of an hour after the last one",
        copies(MANY, budget=growing((0, 10), (96, 14), (0, 36))),
    ),
    story(DROPPING, "without data nothing is dropped"),
    story(
        UNDECODABLE,
        "payloads that cannot be read are told",
        copies(growing((90, 60)), undecodable=growing((10, 60))),
        fires="10%",
    ),
    story(
        UNDECODABLE,
        "one payload of twenty may be unreadable",
        copies(growing((95, 60)), undecodable=growing((5, 60))),
    ),
    story(
        UNDECODABLE,
        "a few payloads may be unreadable, even if they are all",
        copies("0x60", undecodable=growing((1, 60))),
    ),
    story(
        UNDECODABLE,
        "unreadable payloads take five minutes",
        copies(MANY, undecodable=growing((0, 36), (96, 24))),
    ),
    story(
        UNDECODABLE,
        "unreadable payloads end a quarter of an hour after the last one",
        copies(MANY, undecodable=growing((0, 10), (96, 14), (0, 36))),
    ),
    story(UNDECODABLE, "without data nothing is unreadable"),
)


# --- rows --------------------------------------------------------------------------------------
def asked(values: str, code: str = "200", model: str = "churn-model") -> dict[str, str]:
    labels = {**target("a", VERSION), "model": model, names.L_ROUTE: "/predict"}
    return {series(names.REQUESTS, code=code, **labels): values}


def rows(values: str, version: str = "v1") -> dict[str, str]:
    labels = {**BASELINE, names.L_VERSION: version}
    return {series(names.ROWS, **target("a", labels, names.PORT_COLLECTOR)): values}


BLIND: Final = Wording(
    recorded.BLIND,
    WHOLE_MODEL,
    recorded.WARNING,
    "The monitor of churn-model sees no rows",
    "About {} requests to churn-model were answered in 15 minutes, and not one row was counted.",
)
ANSWERED: Final = asked(growing((10, 60)))
ROWS: Final = (
    story(BLIND, "answers without rows are told", ANSWERED, rows("0x60"), fires="150"),
    story(BLIND, "answers without any series of rows are told", ANSWERED, fires="150"),
    story(BLIND, "rows that stay away are told", ANSWERED, rows("500x60"), fires="150"),
    story(BLIND, "rows are sight", ANSWERED, rows(growing((1, 60)))),
    story(
        BLIND,
        "rows of a version that the proxy does not know are sight",
        ANSWERED,
        rows("0x60"),
        rows(growing((1, 60)), "from-the-answer"),
    ),
    story(
        BLIND,
        "rows that were all there at the first scrape are sight",
        asked("_x29 0 40+0x30"),
        rows("_x30 40x30"),
    ),
    story(BLIND, "few answers say nothing", asked(growing((1, 60))), rows("0x60")),
    story(BLIND, "failures have no rows", asked(growing((10, 60)), "503"), rows("0x60")),
    story(BLIND, "what matches no model has no rows", asked(growing((10, 60)), model=names.OTHER)),
    story(BLIND, "blindness takes minutes", asked(growing((0, 33), (10, 27))), rows("0x60")),
    story(BLIND, "it ends with the first row", ANSWERED, rows(growing((0, 38), (1, 22)))),
    story(BLIND, "without data nobody is blind"),
)


STORIES: Final = (*COPIES, *ROWS)


@pytest.mark.promtool
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.promise)
def test_of_what_is_counted(story: Story, unkept: Mapping[str, str]) -> None:
    assert story.promise not in unkept, unkept[story.promise]
