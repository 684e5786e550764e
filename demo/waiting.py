"""Waiting until Prometheus says something, with what it says meanwhile on the screen."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from demo import rule_results
from demo.failure import DemoError
from demo.rule_results import Alert, Judged, Judgement
from demo.story import Stage
from demo.verdicts import Feature
from modelmonitor_cli.run.addresses import Address

POLL_SECONDS: Final = 1.0
_OUTCOMES: Final = {-1: "insufficient", 0: "ok", 1: "drift"}


@dataclass(frozen=True, slots=True)
class Moment:
    """What Prometheus says now."""

    judged: Judged
    firing: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """`what` Prometheus has to do within `seconds`; `over` sees it, `progress` says how far it is.

    `confirm` windows in a row are an alarm.
    """

    what: str
    seconds: float
    window: str
    confirm: int
    over: Callable[[Moment], bool]
    progress: Callable[[Judged], str]


async def until(stage: Stage, prometheus: Address, wait: Wait) -> Moment:
    """The first moment at which the wait is over; DemoError where its time is over before."""
    clock = asyncio.get_running_loop().time
    deadline, said = clock() + wait.seconds, "it did not answer"
    try:
        while clock() < deadline:
            now = await _now(prometheus, wait.window)
            if now is not None and wait.over(now):
                return now
            if now is not None:
                said = _shown(stage, wait, now.judged, said)
                headline = f"{stage.clients.pace()}; at most {deadline - clock():.0f} s more"
                stage.screen.live(headline, _rows(now.judged, wait.confirm))
            await asyncio.sleep(POLL_SECONDS)
    finally:
        stage.screen.quiet()
    raise DemoError(
        f"Prometheus did not {wait.what} within {wait.seconds:g} s (at last: {said}); "
        "see .demo/prometheus.log"
    )


async def _now(prometheus: Address, window: str) -> Moment | None:
    try:
        judged = await rule_results.judged(prometheus, window)
        return Moment(judged, await rule_results.firing(prometheus))
    except OSError:
        return None  # it is asked again until the time is over


def _shown(stage: Stage, wait: Wait, judged: Judged, said: str) -> str:
    """Each new step is a line that stays."""
    sentence = wait.progress(judged)
    if sentence != said:
        stage.screen.say(sentence, "dim")
    return sentence


def _rows(judged: Judged, confirm: int) -> list[Feature]:
    return [_row(one, confirm) for one in judged.features]


def _row(one: Judgement, confirm: int) -> Feature:
    alarms = ("drift",) if one.drifting_windows >= confirm else ()
    return Feature(one.feature, _OUTCOMES[one.verdict], alarms, (), one.score, one.threshold)
