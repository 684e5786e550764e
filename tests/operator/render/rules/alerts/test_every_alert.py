"""Every alert has stories: one in which it fires, one in which it does not, one without data."""

import runpy
from pathlib import Path
from typing import Final

import pytest

from modelmonitor_api import recorded
from modelmonitor_operator.render.rules.groups import shared_groups
from modelmonitor_operator.render.rules.rule import Alert
from modelmonitor_operator.testing_alerts import Story
from modelmonitor_operator.testing_stories import LINKS, info, setting

HERE: Final = Path(__file__).parent
RULES: Final = [
    rule for group in shared_groups(LINKS) for rule in group.rules if isinstance(rule, Alert)
]
SETTINGS: Final = {*info(), *setting("confirm", 1), *setting("maximum_age_seconds", 1)}


def stories() -> list[Story]:
    modules = (runpy.run_path(str(page)) for page in HERE.glob("test_*.py") if page.stem != NAME)
    return [story for module in modules for story in module.get("STORIES", ())]


NAME: Final = Path(__file__).stem
STORIES_OF_ALL: Final = stories()


def of(alert: str) -> list[Story]:
    return [story for story in STORIES_OF_ALL if alert in story.alerts]


def test_every_promise_is_given_once() -> None:
    promises = [story.promise for story in STORIES_OF_ALL]

    assert len(set(promises)) == len(promises) > 200


@pytest.mark.parametrize("alert", recorded.ALERTS)
def test_an_alert_fires_in_one_story_and_not_in_others(alert: str) -> None:
    fired = [story for story in of(alert) if story.told.get(alert)]
    borne = [story for story in of(alert) if not story.told.get(alert) and len(story.series) > 2]

    assert fired
    assert len(borne) > 2


@pytest.mark.parametrize("alert", recorded.ALERTS)
def test_an_alert_has_a_story_without_data(alert: str) -> None:
    without = [story for story in of(alert) if set(story.series) <= SETTINGS]

    assert any("without" in story.promise and not story.told.get(alert) for story in without)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name} {rule.labels}")
def test_each_severity_of_an_alert_has_a_story(rule: Alert) -> None:
    severities = {
        one.labels["severity"] for story in of(rule.name) for one in story.told.get(rule.name, ())
    }
    by_resource = {recorded.CRITICAL, recorded.WARNING}

    assert severities >= ({rule.labels["severity"]} if rule.labels.get("severity") else by_resource)


def test_alerts_about_data_never_page_by_themselves() -> None:
    pages = {rule.name for rule in RULES if rule.labels.get("severity") == recorded.CRITICAL}

    assert pages == {
        recorded.ERROR_BUDGET_BURN,
        recorded.LATENCY_BUDGET_BURN,
        recorded.SERVER_UNREACHABLE,
        recorded.NO_TRAFFIC,
    }
