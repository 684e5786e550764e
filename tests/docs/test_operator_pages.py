"""The operator's own series and alerts are documented, and the pages name only what exists."""

import re
from pathlib import Path
from typing import Any

import promql_parser
import pytest

from modelmonitor_api.operator_metrics import OPERATOR_ALERTS
from modelmonitor_operator.own_metrics import OwnMetrics
from modelmonitor_operator.render.operator_rules import operator_rules

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "runbook" / "operator"
QUESTIONS = [
    "What it means",
    "Is it real?",
    "What to do first",
    "When to silence it",
    "What it cannot tell",
    "Severity",
]
TARGET_LABELS = {"namespace", "pod", "job", "instance"}
BLOCK = re.compile(r"^```promql\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROW = re.compile(
    r"^\| `(modelmonitor_operator_\w+)` \| (\w+) \| ([^|]*) \| [^|]+ \|$", re.MULTILINE
)


def exposed() -> dict[str, tuple[str, set[str]]]:
    """Kind and labels of each metric, by the name that its samples begin with."""
    metrics = OwnMetrics("1")
    metrics.worked(1.0, None)
    metrics.requested("get", 200)
    metrics.watch_age.labels("pods").set(1)
    metrics.watch_monitors(lambda: {"True": 1})
    metrics.page()
    return {
        family.name + ("_total" if family.type == "counter" else ""): (
            family.type,
            {label for sample in family.samples for label in sample.labels} - {"le"},
        )
        for family in metrics.registry.collect()
        if family.samples
    }


def test_the_page_lists_exactly_the_series_of_the_operator() -> None:
    page = (ROOT / "docs" / "operator.md").read_text()
    listed = {
        name: (kind, set(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels in ROW.findall(page)
    }
    assert listed == exposed()


def test_each_alert_has_its_page_and_its_line() -> None:
    assert {page.stem for page in FOLDER.glob("*.md")} == set(OPERATOR_ALERTS)
    overview = (FOLDER.parent / "README.md").read_text()
    listed = re.findall(r"^\| \[(\w+)\]\(operator/\1\.md\) \| `warning` \|", overview, re.MULTILINE)
    assert listed == list(OPERATOR_ALERTS)


@pytest.mark.parametrize("alert", OPERATOR_ALERTS)
def test_a_page_answers_all_questions_in_order(alert: str) -> None:
    text = (FOLDER / f"{alert}.md").read_text()
    assert re.findall(r"^#+ (.*)$", text, re.MULTILINE) == [alert, *QUESTIONS]
    assert "`warning`" in text.split("## Severity")[1]


def test_links_of_alerts_lead_to_the_pages() -> None:
    rules = operator_rules("https://example.com/runbook/", None)["groups"][0]["rules"]
    links = [rule["annotations"]["runbook_url"] for rule in rules]
    assert links == [f"https://example.com/runbook/operator/{one}.md" for one in OPERATOR_ALERTS]


@pytest.mark.parametrize("alert", OPERATOR_ALERTS)
def test_queries_select_what_the_operator_exposes_by_labels_that_it_has(alert: str) -> None:
    queries = BLOCK.findall((FOLDER / f"{alert}.md").read_text())
    assert queries
    for query in queries:
        for name, labels in selected(query):
            kind, known = exposed()[re.sub(r"_(bucket|sum|count)$", "", name)]
            more = {"le"} if kind == "histogram" else set()
            assert labels <= known | TARGET_LABELS | more


def selected(query: str) -> list[tuple[str, set[str]]]:
    """Each series of a query with the labels that it asks for or groups by."""
    found: list[tuple[str, set[str]]] = []
    grouped = {
        name.strip() for by in re.findall(r"by \(([^)]*)\)", query) for name in by.split(",")
    }

    def visit(node: Any) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.append((str(node.name), {one.name for one in node.matchers.matchers} | grouped))

    promql_parser.walk(promql_parser.parse(query), visit)
    return found
