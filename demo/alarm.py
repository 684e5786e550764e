"""The tour's last chapter: healthy windows are ok; then something stays broken until it alarms."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from demo import rule_results
from demo.breaks import KEPT_UP, Break
from demo.failure import DemoError
from demo.rule_results import Alert, Judged, Judgement
from demo.story import Stage
from demo.verdicts import Feature
from modelmonitor_api import names, recorded
from modelmonitor_cli.run.addresses import Address

WINDOW: Final = "1m"
CONFIRM: Final = 2
"""Both as in demo/monitor.yaml."""
HEALTHY_SECONDS: Final = 150.0
"""Rules see a baseline after up to 75 s; what broke before has to leave the window."""
ALERT_SECONDS: Final = 180.0
"""Two windows, and up to half a minute for each step of the rules."""
PAUSE_SECONDS: Final = 0.1
"""Behind each request: minutes of traffic that leave the machine to its owner."""
POLL_SECONDS: Final = 1.0
_OUTCOMES: Final = {-1: "insufficient", 0: "ok", 1: "drift"}


@dataclass(frozen=True, slots=True)
class Moment:
    """What Prometheus says now."""

    judged: Judged
    firing: tuple[Alert, ...]


Progress = Callable[[Judged], str]


async def raised(stage: Stage, prometheus: Address, first_break: datetime) -> None:
    """Healthy windows, then a break until its alert fires; DemoError where it does not."""
    async with stage.clients.sending(PAUSE_SECONDS):
        await _healthy(stage, prometheus, first_break)
        stage.screen.say("")
        stage.screen.say(f"{KEPT_UP.title}: {KEPT_UP.story}", "bold")
        KEPT_UP.apply(stage.source)
        try:
            firing = await _until_alert(stage, prometheus, KEPT_UP)
        finally:
            stage.source.heal()
    await _no_rule_failed(prometheus)
    _say_firing(stage, firing)


def would(lacking: str) -> Sequence[str]:
    """What this chapter does not do for lack of a Prometheus."""
    return (
        f"{lacking}, so nobody judges by these rules here (Debian: apt install prometheus)",
        f"with one, after a healthy minute, {KEPT_UP.story},",
        f"until {recorded.FEATURE_DRIFT} fires; it stands here then, with its evidence, within "
        "four minutes or so",
    )


def silence(firing: Sequence[Alert], first_break: datetime) -> str:
    """What fires before the break that is kept up, as a sentence.

    DemoError where it is no alert of a feature, or older than the first break: those are false.
    """
    wrong = [one for one in firing if not one.feature or one.since < first_break]
    if wrong:
        raise DemoError(f"{_called(wrong[0])} fires although nothing was wrong")
    if firing:
        return f"of what broke before, this fires still: {', '.join(map(_called, firing))}"
    return "no alert fires"


async def _healthy(stage: Stage, prometheus: Address, first_break: datetime) -> None:
    stage.screen.say(
        "each 30 s Prometheus judges the last minute; an alarm needs "
        f"{CONFIRM} such windows that do not overlap"
    )
    async with aclosing(_watch(stage, prometheus, _not_ok_yet, HEALTHY_SECONDS)) as moments:
        async for now in moments:
            features = now.judged.features
            if features and all(one.verdict == 0 for one in features):
                break
        else:
            raise _late(prometheus, "find all features of healthy rows ok", HEALTHY_SECONDS)
    rows = max(one.rows for one in features)
    stage.screen.say(f"{rows:,} rows in a minute: all {len(features)} features are ok", "green")
    stage.screen.say(silence(now.firing, first_break), "" if now.firing else "green")


async def _until_alert(stage: Stage, prometheus: Address, one: Break) -> list[Alert]:
    """The alerts of drifting culprits first, then all others that fire."""

    def progress(judged: Judged) -> str:
        return _towards_alert(judged, one.culprits)

    async with aclosing(_watch(stage, prometheus, progress, ALERT_SECONDS)) as moments:
        async for now in moments:
            found = [alert for alert in now.firing if _is_of(alert, one)]
            if found:
                return [*found, *(alert for alert in now.firing if alert not in found)]
    raise _late(prometheus, f"raise an alert of {one.title!r}", ALERT_SECONDS)


def _is_of(alert: Alert, one: Break) -> bool:
    return alert.name == recorded.FEATURE_DRIFT and alert.feature in one.culprits


async def _watch(
    stage: Stage, prometheus: Address, progress: Progress, seconds: float
) -> AsyncGenerator[Moment, None]:
    """One moment after the other, for so many seconds; each new step is a line that stays."""
    clock = asyncio.get_running_loop().time
    deadline, said = clock() + seconds, ""
    try:
        while clock() < deadline:
            now = await _now(prometheus)
            if now is not None:
                yield now
                sentence = progress(now.judged)
                if sentence != said:
                    stage.screen.say(sentence, "dim")
                said = sentence
                headline = f"{stage.clients.pace()}; {deadline - clock():.0f} s left to wait"
                stage.screen.live(headline, [_as_row(one) for one in now.judged.features])
            await asyncio.sleep(POLL_SECONDS)
    finally:
        stage.screen.quiet()


async def _now(prometheus: Address) -> Moment | None:
    try:
        judged = await rule_results.judged(prometheus, WINDOW)
        return Moment(judged, await rule_results.firing(prometheus))
    except OSError:
        return None  # it is asked again until the time is over


def _not_ok_yet(judged: Judged) -> str:
    if not judged.features:
        return f"window {WINDOW}: not judged yet; a minute after the baseline is known, it is"
    others = [one for one in judged.features if one.verdict != 0]
    rows = max(one.rows for one in judged.features)
    return f"window {WINDOW}: {rows:,} rows; not ok yet: {', '.join(map(_measured, others))}"


def _towards_alert(judged: Judged, culprits: frozenset[str]) -> str:
    worst = max(
        (one for one in judged.features if one.feature in culprits),
        key=lambda one: (one.drifting_windows, one.score),
        default=None,
    )
    if worst is None:
        return f"window {WINDOW}: no rows"
    count = worst.drifting_windows
    state = f"drifting for {count} window{'s' * (count > 1)}" if count else "ok"
    waits = "; alarms wait, the model is new" * judged.waiting
    return f"window {WINDOW} of {_measured(worst)}, {worst.rows:,} rows, {state}{waits}"


def _measured(one: Judgement) -> str:
    return f"{one.feature}: score {one.score:.2f} of {one.threshold:g}"


def _as_row(one: Judgement) -> Feature:
    alarms = ("drift",) if one.drifting_windows >= CONFIRM else ()
    return Feature(one.feature, _OUTCOMES[one.verdict], alarms, (), one.score, one.threshold)


def _late(prometheus: Address, what: str, seconds: float) -> DemoError:
    return DemoError(
        f"Prometheus did not {what} within {seconds:g} s; .demo/prometheus.log and, with "
        f"DEMO_ARGS=--keep, http://{prometheus}/targets may tell why"
    )


async def _no_rule_failed(prometheus: Address) -> None:
    broken = await rule_results.broken_rules(prometheus)
    if broken:
        raise DemoError(f"{len(broken)} rules failed, the first is {broken[0]}")


def _say_firing(stage: Stage, firing: Sequence[Alert]) -> None:
    first, *others = firing
    severity = first.labels.get(recorded.L_SEVERITY, "")
    since = first.since.astimezone()
    stage.screen.say(f"{first.name} fires ({severity}), since {since:%H:%M:%S}", "bold red")
    for name in ("summary", "description", "dashboard_url", "runbook_url"):
        stage.screen.say(f"  {name}: {first.annotations.get(name, '').strip()}")
    stage.screen.say(f"  value: {first.value:.3g}")
    stage.screen.say(f"  labels: {', '.join(f'{k}={v}' for k, v in sorted(first.labels.items()))}")
    if others:
        stage.screen.say(f"with it fire: {', '.join(map(_called, others))}")
    stage.screen.say(
        "mended; an alert goes on for ten minutes after its cause, so that it does not flap"
    )


def _called(alert: Alert) -> str:
    about = alert.feature or alert.labels.get(names.L_MODEL, "")
    return f"{alert.name} of {about}"
