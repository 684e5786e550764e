"""What condition Capturing says: whether traffic comes to the proxies, and by which Service."""

from dataclasses import replace

import pytest

from modelmonitor_operator.kinds import (
    SERVICE,
    Reference,
)
from modelmonitor_operator.plan.planning import plan
from modelmonitor_operator.testing_monitors import (
    SETTINGS,
    monitor,
    service,
)
from modelmonitor_operator.testing_plans import SERVED, made, names, seen, told
from modelmonitor_operator.world import (
    OwnedObject,
    World,
)


def test_traffic_that_cannot_be_read_is_told_though_it_is_led_to_the_proxy() -> None:
    image, grpc = SETTINGS.injection.image, service()
    grpc["spec"]["ports"][0]["appProtocol"] = "grpc"
    world = replace(SERVED, pods=[seen("churn-1", image)], services=[grpc])

    finding = told(plan(monitor(), world, SETTINGS), "Capturing")

    assert (finding.status, finding.reason) == ("False", "Opaque")
    assert "Service churn says appProtocol grpc" in finding.message
    assert told(plan(monitor(), world, SETTINGS), "Ready").status == "True"


def test_a_service_of_its_own_leads_to_the_port_by_name() -> None:
    planned = plan(monitor(routing="MonitoredService"), SERVED, SETTINGS)

    spec = made(planned, "Service churn-monitored")["spec"]
    assert spec["selector"] == {"app": "churn"}
    assert spec["ports"] == [
        {"name": "http", "port": 8080, "targetPort": "http", "protocol": "TCP"}
    ]


def test_a_service_of_its_own_captures_once_a_pod_with_sidecars_runs() -> None:
    resource, image = monitor(routing="MonitoredService"), SETTINGS.injection.image
    reasons = [
        told(plan(resource, replace(SERVED, pods=pods), SETTINGS), "Capturing").reason
        for pods in ([], [seen("churn-1", None)], [seen("churn-1", image)])
    ]

    assert reasons == ["NoPods", "NoPods", "MonitoredService"]


def test_a_service_of_its_own_stays_while_there_are_no_pods() -> None:
    """Made anew it would have another address than the one that clients have."""
    own = OwnedObject(Reference(SERVICE, "team-a", "churn-monitored"), "1")
    gone = World(owned=[own])

    assert plan(monitor(routing="MonitoredService"), gone, SETTINGS).delete == ()
    assert plan(monitor(), gone, SETTINGS).delete == (own,)


def test_before_there_is_a_pod_nobody_knows_the_port_of_a_service_of_its_own() -> None:
    planned = plan(monitor(routing="MonitoredService"), World(), SETTINGS)

    assert "Service churn-monitored" not in names(planned)


def test_capturing_says_whether_services_lead_to_the_sidecars() -> None:
    image = SETTINGS.injection.image
    world = World(workloads=SERVED.workloads, pods=[seen("churn-1", image)])
    with_service = World(
        workloads=SERVED.workloads, pods=[seen("churn-1", image)], services=[service()]
    )

    assert told(plan(monitor(), world, SETTINGS), "Capturing").reason == "NoService"
    finding = told(plan(monitor(), with_service, SETTINGS), "Capturing")
    assert (finding.status, finding.reason) == ("True", "ServicesLeadToProxy")


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("http", "ServicesLeadToProxy"),
        (24_080, "ServicesLeadToProxy"),
        ("metrics", "NoService"),
        (9_090, "NoService"),
    ],
)
def test_a_service_to_another_port_of_the_pods_captures_nothing(
    target: str | int, reason: str
) -> None:
    pods, services = [seen("churn-1", SETTINGS.injection.image)], [service(target)]
    world = World(workloads=SERVED.workloads, pods=pods, services=services)

    assert told(plan(monitor(), world, SETTINGS), "Capturing").reason == reason
