"""Alerts about our own processes: what all of them promise to whoever reads one."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest

from modelmonitor_api.operator_metrics import OPERATOR_ALERTS
from modelmonitor_api.webhook_metrics import WEBHOOK_ALERTS
from modelmonitor_operator.render.operator_rules import operator_rules
from modelmonitor_operator.render.webhook_rules import webhook_rules

URLS: Final = ("https://books.example.com", "https://grafana.example.com")
FILES: Final = ((operator_rules(*URLS), OPERATOR_ALERTS), (webhook_rules(*URLS), WEBHOOK_ALERTS))
ALERTS: Final = [rule for file, _ in FILES for rule in file["groups"][0]["rules"]]


@pytest.mark.parametrize(("file", "alerts"), FILES, ids=["operator", "webhook"])
def test_there_is_a_rule_for_each_name_in_the_order_of_the_names(
    file: Mapping[str, Any], alerts: Sequence[str]
) -> None:
    assert [rule["alert"] for rule in file["groups"][0]["rules"]] == list(alerts)


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: str(rule["alert"]))
def test_none_pages_and_each_leads_to_its_page_and_the_dashboard(rule: Mapping[str, Any]) -> None:
    texts = rule["annotations"]
    assert rule["labels"]["severity"] == "warning"
    assert texts["runbook_url"] == f"https://books.example.com/operator/{rule['alert']}.md"
    assert texts["dashboard_url"] == "https://grafana.example.com/d/modelmonitor-operator"
