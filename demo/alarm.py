"""The tour's last chapter: healthy windows are ok; then something stays broken until it alarms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from demo import rule_results
from demo.breaks import KEPT_UP, Break
from demo.failure import DemoError
from demo.rule_results import Alert, Judged, Judgement
from demo.story import Stage
from demo.waiting import Moment, Wait, until
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


@dataclass(frozen=True, slots=True)
class Broken:
    """From when until when the tour's breaks went."""

    since: datetime
    until: datetime


async def raised(stage: Stage, prometheus: Address, before: Broken) -> None:
    """Healthy windows, then a break until its alert fires; DemoError where it does not."""
    async with stage.clients.sending(PAUSE_SECONDS):
        await _healthy(stage, prometheus, before)
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
        f"{lacking}, so these rules judge nothing here (Debian: apt install prometheus)",
        f"with one, after a healthy minute, this breaks and stays so: {KEPT_UP.story};",
        f"the tour waits for the alert {recorded.FEATURE_DRIFT}, and prints it with its evidence",
    )


def silence(firing: Sequence[Alert], before: Broken) -> str:
    """What fires before the break that is kept up, as a sentence.

    DemoError where it is no alert of a feature, or older than the first break: those are false.
    """
    wrong = [one for one in firing if not one.feature or one.since < before.since]
    if wrong:
        raise DemoError(f"{_called(wrong[0])} fires although nothing was wrong")
    if firing:
        return f"of what broke before, this fires still: {', '.join(map(_called, firing))}"
    return "no alert fires"


async def _healthy(stage: Stage, prometheus: Address, before: Broken) -> None:
    stage.screen.say(
        "each 30 s Prometheus judges the last minute; an alarm needs "
        f"{CONFIRM} such windows that do not overlap"
    )

    def over(now: Moment) -> bool:
        return _is_healthy(now.judged, before) and not _not_ok(now.judged)

    def progress(judged: Judged) -> str:
        return _towards_silence(judged, before)

    what = "find all features of healthy rows ok"
    wait = Wait(what, HEALTHY_SECONDS, WINDOW, CONFIRM, over, progress)
    now = await until(stage, prometheus, wait)
    features = now.judged.features
    rows = max(one.rows for one in features)
    stage.screen.say(
        f"{rows:,} healthy rows in a minute: all {len(features)} features are ok", "green"
    )
    stage.screen.say(silence(now.firing, before), "" if now.firing else "green")


async def _until_alert(stage: Stage, prometheus: Address, one: Break) -> list[Alert]:
    """The alerts of drifting culprits first, then all others that fire."""

    def progress(judged: Judged) -> str:
        return _towards_alert(judged, one.culprits)

    def over(now: Moment) -> bool:
        return any(_is_of(alert, one) for alert in now.firing)

    what = f"raise an alert of {one.title!r}"
    wait = Wait(what, ALERT_SECONDS, WINDOW, CONFIRM, over, progress)
    firing = (await until(stage, prometheus, wait)).firing
    return sorted(firing, key=lambda alert: not _is_of(alert, one))


def _is_of(alert: Alert, one: Break) -> bool:
    return alert.name == recorded.FEATURE_DRIFT and alert.feature in one.culprits


def _is_healthy(judged: Judged, before: Broken) -> bool:
    """There are rows, and all of the window came after everything was mended."""
    return bool(judged.features) and judged.at >= before.until + timedelta(minutes=1)


def _not_ok(judged: Judged) -> list[Judgement]:
    return [one for one in judged.features if one.verdict != 0]


def _towards_silence(judged: Judged, before: Broken) -> str:
    if not judged.features:
        return f"window {WINDOW}: not judged yet; the rules begin when they know the baseline"
    rows = max(one.rows for one in judged.features)
    if not _is_healthy(judged, before):
        return f"window {WINDOW}: {rows:,} rows, some of them from before all was mended"
    others = ", ".join(map(_measured, _not_ok(judged)))
    return f"window {WINDOW}: {rows:,} rows; not ok yet: {others}"


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
