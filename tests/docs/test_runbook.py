"""Each alert has its page, each page its alert, and every page answers the same questions."""

import re
from pathlib import Path

import pytest

from modelmonitor_api import names
from modelmonitor_api.recorded import ALERTS, CRITICAL, WARNING

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "runbook"
OVERVIEW = FOLDER / "README.md"
QUESTIONS = [
    "What it means",
    "Is it real?",
    "What to do first",
    "When to silence it",
    "What it cannot tell",
    "Severity",
]
PLACEHOLDERS = ("NAMESPACE", "MONITOR", "MODEL", "VERSION", "FEATURE", "WINDOW", "POD", "NAME")
LONGEST_LINES = 90
SEVERITY = re.compile(rf"`({CRITICAL}|{WARNING})`")


def text_of(alert: str) -> str:
    return (FOLDER / f"{alert}.md").read_text()


def section(alert: str, title: str) -> str:
    return text_of(alert).split(f"\n## {title}\n")[1].split("\n## ")[0].strip()


def listed() -> dict[str, str]:
    """The rows of the overview: alert and the cell of its severity."""
    row = re.compile(r"^\| \[(\w+)\]\((\w+)\.md\) \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)
    found = row.findall(OVERVIEW.read_text())
    assert [name for name, link, _ in found if name != link] == []
    assert len({name for name, _, _ in found}) == len(found)
    return {name: severity for name, _, severity in found}


def test_each_alert_has_a_page_and_no_page_is_of_an_alert_that_does_not_exist() -> None:
    pages = {page.stem for page in FOLDER.glob("*.md")} - {OVERVIEW.stem}

    assert pages == set(ALERTS)


def test_the_overview_lists_each_alert_once() -> None:
    assert set(listed()) == set(ALERTS)


@pytest.mark.parametrize("alert", ALERTS)
def test_a_page_answers_all_questions_in_order(alert: str) -> None:
    assert re.findall(r"^# (.*)$", text_of(alert), re.MULTILINE) == [alert]
    assert re.findall(r"^## (.*)$", text_of(alert), re.MULTILINE) == QUESTIONS
    assert all(section(alert, title) for title in QUESTIONS)


@pytest.mark.parametrize("alert", ALERTS)
def test_a_page_says_in_two_sentences_what_the_alert_means(alert: str) -> None:
    meaning = section(alert, "What it means")

    assert "\n" not in meaning
    assert 1 <= len(re.findall(r"[.](?: |$)", meaning)) <= 3


@pytest.mark.parametrize("alert", ALERTS)
def test_a_page_has_a_query_and_numbered_steps(alert: str) -> None:
    steps = re.findall(r"^(\d+)\. ", section(alert, "What to do first"), re.MULTILINE)

    assert "```promql\n" in section(alert, "Is it real?")
    assert [int(step) for step in steps] == list(range(1, len(steps) + 1))
    assert len(steps) >= 2


@pytest.mark.parametrize("alert", ALERTS)
def test_a_page_can_be_read_at_three_in_the_morning(alert: str) -> None:
    assert len(text_of(alert).splitlines()) <= LONGEST_LINES


@pytest.mark.parametrize("alert", ALERTS)
def test_page_and_overview_agree_on_severity(alert: str) -> None:
    on_page = set(SEVERITY.findall(section(alert, "Severity")))

    assert on_page
    assert on_page == set(SEVERITY.findall(listed()[alert]))


@pytest.mark.parametrize("alert", ALERTS)
def test_every_word_in_capitals_is_a_placeholder_that_the_overview_explains(alert: str) -> None:
    code = re.findall(r"```\w*\n(.*?)```|`([^`\n]+)`", text_of(alert), re.DOTALL)
    words = {word for pair in code for word in re.findall(r"\b[A-Z]{3,}\b(?!:)", "".join(pair))}

    assert words - {"SIGKILL", "N", "JSON"} <= set(PLACEHOLDERS)


@pytest.mark.parametrize("alert", ALERTS)
def test_every_container_and_port_on_a_page_exists(alert: str) -> None:
    page = text_of(alert)
    containers = set(re.findall(r"-c ([\w-]+)", page))
    ports = {int(port) for port in re.findall(r"\b(24\d{3})\b", page)}

    assert containers <= {names.CONTAINER_PROXY, names.CONTAINER_COLLECTOR}
    assert ports <= {names.PORT_PROXY_ADMIN, names.PORT_COLLECTOR, names.PORT_STATUS}
    assert set(re.findall(r"modelmonitor\.io/\w+", page)) <= {names.LABEL_MONITOR}


@pytest.mark.parametrize("alert", ALERTS)
def test_every_field_on_a_page_is_one_of_the_resource(alert: str) -> None:
    reference = (ROOT / "docs" / "monitor.md").read_text()
    fields = re.findall(r"`(spec\.[\w.\[\]]+)", text_of(alert))

    assert [field for field in fields if f"`{field}" not in reference] == []
