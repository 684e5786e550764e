"""The judge of the stories is able to object: a promise that is not kept is told."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from modelmonitor_operator.render.promql import Expression
from modelmonitor_operator.render.rules.rule import Alert, Group, Record
from modelmonitor_operator.testing_alerts import Judge, Story, Told, series, together

COLD: Final = Alert("Cold", Expression("level:celsius<0"), {"summary": "{{$value}} degrees"})
GROUPS: Final = (Group("weather", "1m", (Record("level:celsius", Expression("celsius")), COLD)),)
FREEZING: Final = Story(
    "it is told when it freezes",
    {series("celsius", place='"{{x}}"\n'): "-3x10"},
    300,
    ("Cold",),
    {"Cold": [Told({"place": '"{{x}}"\n'}, {"summary": "-3 degrees"})]},
    ("level:celsius",),
)
BROKEN: Final = (
    replace(FREEZING, promise="no alert is expected", told={}),
    replace(
        FREEZING, promise="another label", told={"Cold": [Told({}, {"summary": "-3 degrees"})]}
    ),
    replace(
        FREEZING,
        promise="another text",
        told={"Cold": [Told({"place": '"{{x}}"\n'}, {"summary": "-2 degrees"})]},
    ),
    replace(FREEZING, promise="it does not freeze", series={series("celsius"): "3x10"}),
)


@pytest.mark.promtool
def test_what_does_not_come_true_is_told_by_its_promise(
    promtools: list[str], tmp_path: Path
) -> None:
    for promtool in promtools:
        found = Judge(promtool, tmp_path).failures(GROUPS, [FREEZING, *BROKEN])

        assert set(found) == {story.promise for story in BROKEN}
        assert "-3 degrees" in found["another text"]


@pytest.mark.promtool
def test_every_alert_of_a_story_is_told_by_its_name(promtools: list[str], tmp_path: Path) -> None:
    frosty = replace(COLD, name="Frosty")
    groups = [replace(GROUPS[0], rules=(*GROUPS[0].rules, frosty))]
    story = replace(FREEZING, alerts=("Cold", "Frosty"), told={})

    for promtool in promtools:
        found = Judge(promtool, tmp_path).failures(groups, [story])[story.promise]

        assert "alertname: Cold," in found
        assert "alertname: Frosty," in found


@pytest.mark.promtool
def test_only_recordings_that_are_asked_for_are_made(promtools: list[str], tmp_path: Path) -> None:
    found = Judge(promtools[0], tmp_path).failures(GROUPS, [replace(FREEZING, records=())])

    assert set(found) == {FREEZING.promise}


@pytest.mark.promtool
def test_a_rule_that_is_no_rule_is_no_failure_of_a_story(
    promtools: list[str], tmp_path: Path
) -> None:
    broken = Alert("Cold", Expression("celsius <"), {})

    with pytest.raises(AssertionError, match="parse"):
        Judge(promtools[0], tmp_path).failures([Group("weather", "1m", (broken,))], [FREEZING])


def test_two_parts_of_a_story_cannot_speak_of_one_series() -> None:
    with pytest.raises(AssertionError):
        together({"celsius": "1"}, {"celsius": "2"})
