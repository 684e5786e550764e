"""Network policies that stop what now arrives at the proxy."""

from typing import Any

import pytest

from modelmonitor_operator.inject.network_policies import stops_proxy

LABELS = {"app": "churn"}


def policy(*rules: dict[str, Any], **selector: Any) -> dict[str, Any]:
    return {"spec": {"podSelector": selector, "ingress": [*rules]}}


@pytest.mark.parametrize(
    ("rules", "stops"),
    [
        ([{"ports": [{"port": 8080}]}], True),
        ([{"ports": [{"port": 8080}, {"port": 24080}]}], False),
        ([{"ports": [{"port": 8000, "endPort": 9000}]}], True),
        ([{"ports": [{"port": 8000, "endPort": 32000}]}], False),
        ([{"ports": [{"port": 9090}]}], False),
        ([{"ports": [{"port": "http"}]}], False),
        ([{"ports": [{"protocol": "TCP"}]}], False),
        ([{"from": []}], False),
        ([], False),
        ([{"ports": [{"port": 8080}, {"port": 24080}]}, {"ports": [{"port": 8080}]}], True),
    ],
)
def test_the_apps_number_alone_stops_the_proxy(rules: list[dict[str, Any]], stops: bool) -> None:
    assert stops_proxy(policy(*rules), LABELS, 8080, 24080) is stops


@pytest.mark.parametrize(
    ("ports", "stops"),
    [
        ([{"port": "http"}], True),
        ([{"port": "http"}, {"port": 24080}], False),
        ([{"port": "http"}, {"port": 24000, "endPort": 25000}], False),
        ([{"port": "metrics"}], False),
        ([{"port": 8080}], False),
        ([{"protocol": "TCP"}], False),
    ],
)
def test_the_apps_name_alone_may_stop_it_where_names_in_sidecars_are_not_found(
    ports: list[dict[str, Any]], stops: bool
) -> None:
    assert stops_proxy(policy({"ports": ports}), LABELS, "http", 24080) is stops


@pytest.mark.parametrize(
    ("selector", "selects"),
    [
        ({}, True),
        ({"matchLabels": {"app": "churn"}}, True),
        ({"matchLabels": {"app": "other"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["churn"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["churn"]}]}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["a"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, False),
    ],
)
def test_only_policies_for_the_pod_count(selector: dict[str, Any], selects: bool) -> None:
    rule = {"ports": [{"port": 8080}]}
    assert stops_proxy(policy(rule, **selector), LABELS, 8080, 24080) is selects
