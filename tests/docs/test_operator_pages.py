"""Series and alerts of operator and webhook are documented; the pages name only what exists."""

import re
from pathlib import Path
from typing import Any

import promql_parser
import pytest

from modelmonitor_api.operator_metrics import OPERATOR_ALERTS
from modelmonitor_api.webhook_metrics import FAIL_OPEN, L_NAME, WEBHOOK_ALERTS
from modelmonitor_operator.admission.metrics import WebhookMetrics
from modelmonitor_operator.own_metrics import OwnMetrics
from modelmonitor_operator.process_metrics import ProcessMetrics
from modelmonitor_operator.render.operator_rules import operator_rules
from modelmonitor_operator.render.webhook_rules import webhook_rules

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
ALERTS = (*OPERATOR_ALERTS, *WEBHOOK_ALERTS)
TARGET_LABELS = {"namespace", "pod", "job", "instance"}
OF_API_SERVERS = {FAIL_OPEN.removesuffix("_count"): ("counter", {L_NAME, "type"})}
BLOCK = re.compile(r"^```promql\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROW = re.compile(
    r"^\| `(modelmonitor_(?:operator|webhook)_\w+)` \| (\w+) \| ([^|]*) \| [^|]+ \|$", re.MULTILINE
)


Exposed = dict[str, tuple[str, set[str]]]


def of_operator() -> Exposed:
    metrics = OwnMetrics("1")
    metrics.worked(1.0, None)
    metrics.requested("get", 200)
    metrics.watch_age.labels("pods").set(1)
    metrics.watch_monitors(lambda: {"True": 1})
    metrics.page()
    return exposed(metrics)


def of_webhook() -> Exposed:
    metrics = WebhookMetrics("1")
    metrics.requested("list", 200)
    return exposed(metrics)


def exposed(metrics: ProcessMetrics) -> Exposed:
    """Kind and labels of each metric, by the name that its samples begin with."""
    return {
        family.name + ("_total" if family.type == "counter" else ""): (
            family.type,
            {label for sample in family.samples for label in sample.labels} - {"le"},
        )
        for family in metrics.registry.collect()
        if family.samples
    }


@pytest.mark.parametrize(
    ("page", "wanted"), [("operator.md", of_operator()), ("injection.md", of_webhook())]
)
def test_the_page_lists_exactly_the_series_of_the_process(page: str, wanted: Exposed) -> None:
    listed = {
        name: (kind, set(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels in ROW.findall((ROOT / "docs" / page).read_text())
    }
    assert listed == wanted


def test_each_alert_has_its_page_and_its_line() -> None:
    assert {page.stem for page in FOLDER.glob("*.md")} == set(ALERTS)
    overview = (FOLDER.parent / "README.md").read_text()
    listed = re.findall(r"^\| \[(\w+)\]\(operator/\1\.md\) \| `warning` \|", overview, re.MULTILINE)
    assert listed == list(ALERTS)


@pytest.mark.parametrize("alert", ALERTS)
def test_a_page_answers_all_questions_in_order(alert: str) -> None:
    text = (FOLDER / f"{alert}.md").read_text()
    assert re.findall(r"^#+ (.*)$", text, re.MULTILINE) == [alert, *QUESTIONS]
    assert "`warning`" in text.split("## Severity")[1]


def test_links_of_alerts_lead_to_the_pages() -> None:
    files = (make("https://example.com/runbook/", None) for make in (operator_rules, webhook_rules))
    rules = [rule for file in files for rule in file["groups"][0]["rules"]]
    links = [rule["annotations"]["runbook_url"] for rule in rules]
    assert links == [f"https://example.com/runbook/operator/{one}.md" for one in ALERTS]


@pytest.mark.parametrize("alert", ALERTS)
def test_queries_select_what_is_exposed_by_labels_that_it_has(alert: str) -> None:
    known_series = {**of_operator(), **of_webhook(), **OF_API_SERVERS}
    queries = BLOCK.findall((FOLDER / f"{alert}.md").read_text())
    assert queries
    for query in queries:
        for name, labels in selected(query):
            kind, known = known_series[re.sub(r"_(bucket|sum|count)$", "", name)]
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
