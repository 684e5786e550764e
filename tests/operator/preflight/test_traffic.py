"""Services and network policies that lead past the proxy, or stop what comes to it."""

from typing import Any

import pytest

from modelmonitor_api.spec_reading import parse_monitor
from modelmonitor_operator.inject.settings import InjectionSettings, SidecarPorts
from modelmonitor_operator.preflight.chain import first_problem
from modelmonitor_operator.preflight.problem import Situation
from modelmonitor_operator.testing_monitors import (
    IMAGE,
    monitor,
    service,
    with_settings,
)
from modelmonitor_operator.testing_preflight import CREATED, policy, problem_in, reason, world


def test_a_number_in_a_service_is_told_with_the_line_to_change() -> None:
    problem = problem_in(world(services=[service(8080)]))

    assert problem.reason == "TargetPortNumber"
    assert problem.message == (
        "Service churn sends to port 8080 by number, past the proxy: set targetPort to http"
    )


def test_a_number_of_another_port_is_no_matter() -> None:
    assert reason(world(services=[service(9000)])) is None


def test_a_service_of_other_pods_is_no_matter() -> None:
    assert reason(world(services=[service(8080, selector={"app": "shop"})])) is None


def test_a_headless_service_goes_past_the_proxy() -> None:
    assert reason(world(services=[service(clusterIP="None")])) == "HeadlessService"


@pytest.mark.parametrize("one", [service(8080), service(clusterIP="None")])
def test_with_a_service_of_its_own_the_others_may_be_as_they_are(one: dict[str, Any]) -> None:
    assert reason(world(services=[one]), routing="MonitoredService") is None


def test_a_network_policy_on_the_old_number_stops_what_comes_to_the_proxy() -> None:
    problem = problem_in(world(network_policies=[policy(8080)]))

    assert problem.reason == "NetworkPolicy"
    assert "add 24080" in problem.message
    assert reason(world(network_policies=[policy(8080, endPort=30_000)])) is None
    assert reason(world(network_policies=[policy(None)])) is None


def test_a_network_policy_on_the_name_is_to_say_the_proxy_s_number_too() -> None:
    named = policy(8080)
    named["spec"]["ingress"] = [{"ports": [{"port": "http"}]}]
    assert problem_in(world(network_policies=[named])).message == (
        "NetworkPolicy only-app allows port http and not 24080, where the proxy listens: "
        "add 24080 beside it"
    )

    named["spec"]["ingress"][0]["ports"].append({"port": 24_080})
    assert reason(world(network_policies=[named])) is None


def test_the_proxy_s_own_port_is_the_chart_s() -> None:
    settings = with_settings(injection=InjectionSettings(IMAGE, ports=SidecarPorts(proxy=8_085)))
    seen = world(network_policies=[policy(8080, endPort=8090)])

    assert first_problem(Situation(parse_monitor(monitor()), CREATED, seen, settings)) is None
