"""In which form rules, scraping and the dashboard come to whoever reads them."""

import json
from dataclasses import replace

from modelmonitor_operator.kinds import (
    GRAFANA_DASHBOARD,
    OPTIONAL,
)
from modelmonitor_operator.plan.planning import injection_state, plan
from modelmonitor_operator.render.settings import RenderSettings
from modelmonitor_operator.testing_monitors import (
    SETTINGS,
    monitor,
    with_settings,
)
from modelmonitor_operator.testing_plans import ANNOTATED, GRAFANA, SERVED, made, names, told
from modelmonitor_operator.world import (
    Binding,
    World,
)


def test_suspended_it_records_and_tells_nobody_and_no_new_pod_is_injected() -> None:
    planned = plan(monitor(suspend=True), SERVED, SETTINGS)

    groups = {
        g["name"] for g in made(planned, "PrometheusRule churn-modelmonitor")["spec"]["groups"]
    }
    awake = made(plan(monitor(), SERVED, SETTINGS), "PrometheusRule churn-modelmonitor")
    assert {g["name"] for g in awake["spec"]["groups"]} - groups == {"modelmonitor-alerts"}
    assert groups
    assert injection_state(planned.draft) == "Disarmed"
    assert told(planned, "Ready").reason == "Suspended"


def test_without_prometheus_operator_the_rules_are_a_file_in_a_config_map() -> None:
    planned = plan(monitor(), World(served=frozenset()), SETTINGS)

    rules = made(planned, "ConfigMap churn-modelmonitor-rules")
    (text,) = rules["data"].values()
    assert json.loads(text)["groups"]
    assert told(planned, "RulesApplied").reason == "InConfigMap"
    assert told(planned, "Ready").status == "True"


def test_without_prometheus_operator_and_where_rules_must_be_its_objects_nothing_is_ready() -> None:
    settings = with_settings(delivery="PrometheusRule")
    planned = plan(monitor(), World(served=frozenset()), settings)

    assert told(planned, "Ready").status == "False"
    assert told(planned, "RulesApplied").reason == "PrometheusOperatorMissing"


def test_rules_as_a_file_can_be_asked_for_where_there_is_prometheus_operator() -> None:
    planned = plan(monitor(), SERVED, with_settings(delivery="ConfigMap"))

    assert "ConfigMap churn-modelmonitor-rules" in names(planned)
    assert "PrometheusRule churn-modelmonitor" not in names(planned)


def test_what_grafana_operator_says_is_told_and_nobody_waits_for_it() -> None:
    words = "No matching Grafana instances could be found"
    world = replace(SERVED, grafana=[Binding("GrafanaDashboard", "", "False", words)])

    planned = plan(monitor(), world, with_settings(render=GRAFANA))

    finding = told(planned, "DashboardApplied")
    assert (finding.status, finding.reason) == ("False", "NotInGrafana")
    assert words in finding.message
    assert told(planned, "Ready").status == "True"


def test_a_dashboard_that_grafana_shows_is_applied() -> None:
    world = replace(SERVED, grafana=[Binding("GrafanaDashboard", "", "True", "applied")])

    assert told(
        plan(monitor(), world, with_settings(render=GRAFANA)), "DashboardApplied"
    ).reason == ("Applied")


def test_where_pods_say_how_to_scrape_them_no_pod_monitor_does_it_again() -> None:
    planned = plan(monitor(), SERVED, ANNOTATED)

    assert not any(name.startswith("PodMonitor") for name in names(planned))
    assert told(planned, "RulesApplied").status == "True"
    assert "mm-collector" in told(planned, "RulesApplied").message
    assert "PodMonitor" not in told(planned, "RulesApplied").message


def test_without_prometheus_operator_the_message_says_what_is_left_to_scrape() -> None:
    nothing = World(served=frozenset())
    by_hand = told(plan(monitor(), nothing, SETTINGS), "RulesApplied").message
    annotated = told(plan(monitor(), nothing, ANNOTATED), "RulesApplied").message

    assert "scrape the ports mm-proxy and mm-collector of the pods" in by_hand
    assert "mm-collector (its annotations lead to mm-proxy)" in annotated


def test_shared_rules_are_not_made_again_for_a_monitor() -> None:
    planned = plan(monitor(), SERVED, with_settings(render=RenderSettings(mode="Shared")))

    assert not any("Rule" in name for name in names(planned))
    assert told(planned, "RulesApplied").reason == "Shared"


def test_the_grafana_resource_is_made_where_its_kind_is_served_and_an_instance_is_named() -> None:
    name = "GrafanaDashboard churn-modelmonitor-dashboard"
    named, without = with_settings(render=GRAFANA), frozenset(OPTIONAL) - {GRAFANA_DASHBOARD}

    assert name in names(plan(monitor(), World(), named))
    assert name not in names(plan(monitor(), World(), SETTINGS))
    assert name not in names(plan(monitor(), World(served=without), named))
