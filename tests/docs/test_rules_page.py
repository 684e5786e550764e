"""docs/rules.md and the runbook say what the rules are, and name only what exists."""

import re
from pathlib import Path

import pytest

from modelmonitor_api import names, recorded
from modelmonitor_api.spec import WINDOWS
from modelmonitor_operator.render.rules.alerts import data, health, lifecycle, service
from modelmonitor_operator.render.rules.alerts.annotations import Links
from modelmonitor_operator.render.rules.groups import monitor_groups, shared_groups
from modelmonitor_operator.render.rules.rule import Alert
from modelmonitor_operator.render.rules.service_group import LEAST_REQUESTS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "rules.md").read_text()
ROW = re.compile(r"^\| `(modelmonitor:\w+)` \| ([^|]*)\| (.*) \|$", re.MULTILINE)
PROSE = [
    *sorted((ROOT / "docs" / "runbook").glob("*.md")),
    *(ROOT / "docs" / f"{page}.md" for page in ("rules", "concepts")),
]
CONSTANTS = {
    value
    for module in (names, recorded)
    for value in vars(module).values()
    if isinstance(value, str)
}


def rows() -> dict[str, tuple[str, str]]:
    return {name: (labels, meaning) for name, labels, meaning in ROW.findall(PAGE)}


def test_the_page_lists_exactly_the_series_that_rules_record() -> None:
    recorded_names = {value for value in CONSTANTS if value.startswith("modelmonitor:")}

    assert set(rows()) == recorded_names
    assert len(ROW.findall(PAGE)) == len(recorded_names)


def test_every_label_of_a_recorded_series_is_a_name_of_ours_or_of_its_target() -> None:
    labels = {label for cell, _ in rows().values() for label in re.findall(r"`(\w+)`", cell)}

    assert labels - {"job", "instance", "pod"} <= CONSTANTS


def test_the_page_names_every_distance_memory_and_test() -> None:
    said = {name: set(re.findall(r"`(\w+)`", meaning)) for name, (_, meaning) in rows().items()}

    assert set(recorded.DISTANCES) <= said[recorded.DISTANCE]
    assert set(recorded.MEMORIES) <= said[recorded.LOG_EVIDENCE]
    assert {*recorded.WINDOW_TESTS, recorded.CHANGE, recorded.WEEK} <= said[recorded.SCORE]
    assert set(recorded.WINDOW_TESTS) <= said[recorded.VERDICT] & said[recorded.EVIDENCE]


@pytest.mark.parametrize("page", PROSE, ids=lambda page: page.stem)
def test_every_series_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(r"\b(modelmonitor[:_][a-z0-9_]+)", page.read_text())

    unknown = [name for name in named if re.sub(r"_(bucket|sum|count)$", "", name) not in CONSTANTS]
    assert unknown == []


def test_the_page_lists_the_groups_in_order_with_their_intervals() -> None:
    listed = re.findall(r"^\| `(modelmonitor-[\w-]+)` \| (\w+) \|", PAGE, re.MULTILINE)
    groups = monitor_groups("namespace", "monitor", WINDOWS, Links())

    assert listed == [(group.name, group.interval) for group in groups]


def test_runbook_and_rules_agree_on_severity() -> None:
    overview = (ROOT / "docs" / "runbook" / "README.md").read_text()
    listed = dict(re.findall(r"^\| \[(\w+)\]\(\w+\.md\) \| ([^|]+) \|", overview, re.MULTILINE))
    rules = [rule for group in shared_groups(Links()) for rule in group.rules]
    alerts = [rule for rule in rules if isinstance(rule, Alert)]

    assert {alert.name for alert in alerts} == set(listed)
    for name, said in listed.items():
        severities = [alert.labels.get("severity") for alert in alerts if alert.name == name]
        by_resource = {"critical", "warning"} if severities == [None] else set(severities)
        assert set(re.findall(r"`(critical|warning)`", said)) == by_resource, name
        assert ("`severity: Page`" in said) == (severities == [None]), name


def test_every_alert_links_to_a_page_that_is_there() -> None:
    rules = [rule for group in shared_groups(Links()) for rule in group.rules]
    links = {rule.annotations["runbook_url"] for rule in rules if isinstance(rule, Alert)}

    pages = {page.name for page in (ROOT / "docs" / "runbook").glob("*.md")} - {"README.md"}
    assert {link.rsplit("/", 1)[1] for link in links} == pages


NUMBERS = [
    (recorded.SERVER_UNREACHABLE, f"at least {service.LEAST_REFUSED})"),
    (recorded.NO_TRAFFIC, f"at least {service.EXPECTED_HOURLY} "),
    (recorded.TRAFFIC_UNUSUAL, f"at least {service.UNUSUAL_REQUESTS}."),
    (recorded.COLUMN_MISSING, f"More than {100 * data.COLUMN_SHARE:g} %"),
    (recorded.COLUMN_MISSING, f"at least {data.LEAST_ROWS})"),
    (recorded.COLUMN_UNEXPECTED, f"More than {100 * data.COLUMN_SHARE:g} %"),
    (recorded.LATENCY_CREEP, f"more than {lifecycle.GROWTH} times"),
    (recorded.LATENCY_CREEP, f"less than {lifecycle.STEP} "),
    (recorded.LATENCY_CREEP, f"fewer than {LEAST_REQUESTS} requests"),
    (recorded.MEMORY_CREEP, f"more than {lifecycle.GROWTH} times"),
    (recorded.VERSION_REGRESSION, f"more than {lifecycle.GROWTH} times"),
    (recorded.CAPTURE_DROPPING, f"more than {100 * health.DROPPED_SHARE:g} %"),
    (recorded.CAPTURE_DROPPING, f"at least {health.LEAST_COPIES})"),
    (recorded.PAYLOADS_UNDECODABLE, f"more than {100 * health.UNDECODABLE_SHARE:g} %"),
    (recorded.BLIND, f"at least {health.LEAST_REQUESTS} inference"),
]
"""What a page says of a constant of the rules."""


@pytest.mark.parametrize(("alert", "said"), NUMBERS)
def test_a_number_on_a_page_is_the_one_in_the_rules(alert: str, said: str) -> None:
    assert said in (ROOT / "docs" / "runbook" / f"{alert}.md").read_text()
