"""Alerts about the operator itself: each fires when it should, and is silent in a healthy hour."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from modelmonitor_api.operator_metrics import (
    OPERATOR_ALERTS,
    OPERATOR_BEHIND,
    OPERATOR_DOWN,
    OPERATOR_FAILING,
    OPERATOR_FORBIDDEN,
)
from modelmonitor_operator.own_metrics import OwnMetrics
from modelmonitor_operator.render.operator_rules import operator_rules

RULES = operator_rules("https://books.example.com", "https://grafana.example.com")
Firing = Callable[[Mapping[str, Any], Mapping[str, str]], set[str]]
ALERTS: Sequence[Mapping[str, Any]] = RULES["groups"][0]["rules"]
HEALTHY = {
    'modelmonitor_operator_leader{namespace="mm",pod="a"}': "1x70",
    'modelmonitor_operator_leader{namespace="mm",pod="b"}': "0x70",
    'modelmonitor_operator_reconciles_total{namespace="mm",outcome="ok"}': "0+10x70",
    'modelmonitor_operator_reconciles_total{namespace="mm",outcome="unavailable"}': "0+1x70",
    'modelmonitor_operator_api_requests_total{namespace="mm",verb="put",code="200"}': "0+20x70",
    'modelmonitor_operator_queue_depth{namespace="mm"}': "3 0 5 0 0x66",
}
"""One sample a minute."""
BROKEN: Mapping[str, Mapping[str, str]] = {
    OPERATOR_DOWN: {'modelmonitor_operator_leader{namespace="mm",pod="a"}': "1x10 0x60"},
    OPERATOR_FAILING: {
        'modelmonitor_operator_reconciles_total{namespace="mm",outcome="unavailable"}': "0+11x70"
    },
    OPERATOR_FORBIDDEN: {
        'modelmonitor_operator_api_requests_total{namespace="mm",verb="patch",code="403"}': "0+1x70"
    },
    OPERATOR_BEHIND: {'modelmonitor_operator_queue_depth{namespace="mm"}': "1x70"},
}


def test_a_healthy_hour_is_silent(firing: Firing) -> None:
    """One replica leads, one stands by; one look in eleven fails; the queue empties."""
    assert firing(RULES, HEALTHY) == set()


@pytest.mark.parametrize("alert", OPERATOR_ALERTS)
def test_an_alert_fires_on_its_own_trouble_alone(alert: str, firing: Firing) -> None:
    assert firing(RULES, {**HEALTHY, **BROKEN[alert]}) == {alert}


def test_an_operator_that_nobody_scrapes_is_down(firing: Firing) -> None:
    assert firing(RULES, {"up": "1x70"}) == {OPERATOR_DOWN}


def test_every_series_that_rules_read_is_one_that_the_operator_exposes() -> None:
    metrics = OwnMetrics("1")
    metrics.worked(1.0, None)
    metrics.requested("get", 200)
    exposed = set(re.findall(r"^(modelmonitor_operator_\w+)", metrics.page().decode(), re.M))
    read = {
        name for rule in ALERTS for name in re.findall(r"modelmonitor_operator_\w+", rule["expr"])
    }
    assert len(read) == 4
    assert read <= exposed
