"""A port without a name gets it where it is clear which is meant."""

from typing import Any

from modelmonitor_operator.inject.naming import named
from modelmonitor_operator.inject.pods import AppPort


def pod(*containers: list[dict[str, Any]]) -> dict[str, Any]:
    named_containers = [{"name": f"c{at}", "ports": ports} for at, ports in enumerate(containers)]
    return {"spec": {"containers": named_containers, "restartPolicy": "Always"}}


def test_the_only_unnamed_port_is_meant() -> None:
    result = named(
        pod([{"name": "metrics", "containerPort": 1}, {"containerPort": 8080}]), "http", set()
    )
    assert result.port == AppPort(0, 1, 8080)
    assert result.pod == pod(
        [{"name": "metrics", "containerPort": 1}, {"name": "http", "containerPort": 8080}]
    )


def test_of_several_the_one_that_services_lead_to_is_meant() -> None:
    several = pod([{"containerPort": 8080}], [{"containerPort": 9000}])
    result = named(several, "http", {9000, 443})
    assert result.port == AppPort(1, 0, 9000)


def test_where_two_could_be_meant_none_is_named() -> None:
    several = pod([{"containerPort": 8080}, {"containerPort": 9000}])
    for served in (set[int](), {8080, 9000}):
        result = named(several, "http", served)
        assert result.port is None
        assert result.pod is several


def test_a_name_that_is_there_is_enough() -> None:
    there = pod([{"name": "http", "containerPort": 8080}, {"containerPort": 9000}])
    assert named(there, "http", {9000}).pod is there


def test_a_port_on_udp_is_never_meant() -> None:
    udp = pod([{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 8080}])
    assert named(udp, "http", set()).port == AppPort(0, 1, 8080)


def test_a_pod_without_ports_stays_as_it_is() -> None:
    bare = {"spec": {"containers": [{"name": "a"}]}}
    assert named(bare, "http", {8080}).pod is bare
