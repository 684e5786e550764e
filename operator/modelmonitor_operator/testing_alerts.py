"""Alerts as promtool sees them fire: one story each of what comes in and what is told.

It refuses to know what rules say and which stories there are.
"""

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import yaml

from modelmonitor_operator.render.promql import selector
from modelmonitor_operator.render.rules.rule import Group

_FAILED: Final = re.compile(r"^ +name: (.+?),?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Told:
    """One alert that fires: all of its labels, and all that it says."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Story:
    """What is scraped from second 0 on, one value each `step_seconds`, and what fires in the end.

    `series` are values in the notation of promtool by series.  `alerts` are looked at and no
    others; those in `told` fire, by name, and the rest is silent.  `records` are what the rules
    have to record for it.  The promise is its name, and so has to differ from those of others.
    """

    promise: str
    series: Mapping[str, str]
    at_seconds: int
    alerts: tuple[str, ...]
    told: Mapping[str, Sequence[Told]] = field(default_factory=dict)
    records: tuple[str, ...] = ()
    step_seconds: int = 60
    every_seconds: int = 60


def series(metric: str, /, **labels: str) -> str:
    """A series as promtool reads it; whatever a label holds is its text."""
    return selector(metric, labels).text


def together(*parts: Mapping[str, str]) -> dict[str, str]:
    """All of them; AssertionError where two say different things of one series."""
    found: dict[str, str] = {}
    for part in parts:
        assert not found.keys() & part.keys()
        found |= part
    return found


@dataclass(frozen=True, slots=True)
class Judge:
    """A promtool, and a folder for its files."""

    promtool: str
    folder: Path

    def failures(self, groups: Sequence[Group], stories: Sequence[Story]) -> dict[str, str]:
        """What promtool has to say, by promise; nothing of stories that come true.

        Each story has of the groups what it looks at and needs.  AssertionError where promtool
        fails by itself.
        """
        for number, story in enumerate(stories):
            kept = [group for group in _needed(groups, story) if group.rules]
            self._write(f"rules-{number}.yml", {"groups": [group.document() for group in kept]})
            self._write(f"tests-{number}.yml", _tests(f"rules-{number}.yml", kept, story))
        files = [f"tests-{number}.yml" for number in range(len(stories))]
        run = subprocess.run(  # noqa: S603 - a tool that the test names
            [self.promtool, "test", "rules", *files],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        said = run.stdout + run.stderr
        found: dict[str, str] = {}
        for promise, text in _by_promise(said):
            found[promise] = found.get(promise, "") + text
        assert (run.returncode == 0) == (not found), said
        return found

    def _write(self, name: str, document: Any) -> None:
        text = yaml.safe_dump(document, sort_keys=False, width=1 << 30)
        (self.folder / name).write_text(text)


def _needed(groups: Iterable[Group], story: Story) -> Iterator[Group]:
    names = {*story.alerts, *story.records}
    for group in groups:
        yield replace(group, rules=tuple(rule for rule in group.rules if rule.name in names))


def _tests(rules: str, groups: Sequence[Group], story: Story) -> dict[str, Any]:
    """Groups in their order, which promtool leaves to chance otherwise."""
    return {
        "rule_files": [rules],
        "evaluation_interval": f"{story.every_seconds}s",
        "group_eval_order": [group.name for group in groups],
        "tests": [
            {
                "name": story.promise,
                "interval": f"{story.step_seconds}s",
                "input_series": [
                    {"series": name, "values": values} for name, values in story.series.items()
                ],
                "alert_rule_test": [_checked(story, alert) for alert in story.alerts],
            }
        ],
    }


def _checked(story: Story, alert: str) -> dict[str, Any]:
    expected = [
        {"exp_labels": dict(one.labels), "exp_annotations": dict(one.annotations)}
        for one in story.told.get(alert, ())
    ]
    return {"alertname": alert, "eval_time": f"{story.at_seconds}s", "exp_alerts": expected}


def _by_promise(said: str) -> Iterable[tuple[str, str]]:
    """Each failure stands behind the name of its story; a story may have several."""
    pieces = _FAILED.split(said)[1:]
    yield from zip(pieces[::2], pieces[1::2], strict=True)
