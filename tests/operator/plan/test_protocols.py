"""What is declared about a port that the proxy cannot read."""

from typing import Any

import pytest

from modelmonitor_api.spec_reading import parse_monitor
from modelmonitor_operator.plan.protocols import declared_opaque
from modelmonitor_operator.preflight.problem import Situation
from modelmonitor_operator.testing_monitors import SETTINGS, monitor, pod_template, service
from modelmonitor_operator.world import Workload, World


def said(template: dict[str, Any], *services: dict[str, Any]) -> str | None:
    world = World(workloads=[Workload("Deployment", "churn", template)], services=services)
    return declared_opaque(Situation(parse_monitor(monitor()), "", world, SETTINGS))


def speaking(protocol: str, target: str | int = "http") -> dict[str, Any]:
    made = service(target)
    made["spec"]["ports"][0]["appProtocol"] = protocol
    return made


def probed(**way: Any) -> dict[str, Any]:
    template = pod_template()
    template["spec"]["containers"][0]["readinessProbe"] = way
    return template


@pytest.mark.parametrize("protocol", ["grpc", "kubernetes.io/h2c", "HTTPS", "kubernetes.io/wss"])
def test_a_service_says_it_by_its_app_protocol(protocol: str) -> None:
    expected = f"Service churn says appProtocol {protocol.lower()}"
    assert said(pod_template(), speaking(protocol)) == expected


@pytest.mark.parametrize("protocol", ["http", "kubernetes.io/ws", "mongo"])
def test_what_the_proxy_reads_or_does_not_know_is_no_declaration(protocol: str) -> None:
    assert said(pod_template(), speaking(protocol)) is None


def test_another_port_of_the_service_says_nothing() -> None:
    assert said(pod_template(), speaking("grpc", "grpc")) is None


@pytest.mark.parametrize("port", ["http", 8080])
def test_a_probe_by_https_on_the_port_says_it(port: str | int) -> None:
    told = said(probed(httpGet={"port": port, "scheme": "HTTPS"}))
    assert told == "Deployment churn has a readinessProbe by HTTPS"


def test_a_probe_by_grpc_says_it() -> None:
    assert said(probed(grpc={"port": 8080})) == "Deployment churn has a readinessProbe by gRPC"


def test_probes_of_other_ports_and_plain_ones_say_nothing() -> None:
    assert said(probed(grpc={"port": 9000})) is None
    assert said(probed(httpGet={"port": "http"})) is None
    assert said(probed(httpGet={"port": 8443, "scheme": "HTTPS"})) is None
