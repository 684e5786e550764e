"""An ordinary model server for tests of the preflight, and the first problem that is found.

A test says what is special about its world.
"""

from collections.abc import Mapping
from typing import Any

from modelmonitor_api.spec_reading import parse_monitor
from modelmonitor_operator.preflight.chain import first_problem
from modelmonitor_operator.preflight.problem import LastArming, Problem, Situation
from modelmonitor_operator.testing_monitors import SETTINGS, deployment, monitor, pod, pod_template
from modelmonitor_operator.world import SeenPod, Workload, World

NEVER = LastArming()
CREATED = "2026-11-01T00:00:00Z"
EARLIER, LATER = "2026-10-01T00:00:00Z", "2026-12-01T00:00:00Z"
WORKLOAD = Workload("Deployment", "churn", deployment()["spec"]["template"])


def world(**seen: Any) -> World:
    """With the ordinary model server in it."""
    return World(**{"workloads": [WORKLOAD], **seen})


def situation(seen: World, last: LastArming = NEVER, **spec: Any) -> Situation:
    """As the preflight of a monitor with these fields sees it."""
    return Situation(parse_monitor(monitor(**spec)), CREATED, seen, SETTINGS, last)


def reason(seen: World, last: LastArming = NEVER, **spec: Any) -> str | None:
    """Of the first problem; None where there is none."""
    problem = first_problem(situation(seen, last, **spec))
    return None if problem is None else problem.reason


def problem_in(seen: World, **spec: Any) -> Problem:
    """The first problem; AssertionError where there is none."""
    problem = first_problem(situation(seen, **spec))
    assert problem is not None
    return problem


def template(labels: Mapping[str, str] | None = None, **spec: Any) -> Workload:
    """The ordinary workload with another pod template."""
    return Workload("Deployment", "churn", pod_template(labels, **spec))


def quota(used: str, hard: str, key: str = "requests.memory", **spec: Any) -> dict[str, Any]:
    """A ResourceQuota, used up to there."""
    status = {"hard": {key: hard}, "used": {key: used}}
    return {"metadata": {"name": "tight"}, "spec": spec, "status": status}


def limit_range(**bounds: Any) -> dict[str, Any]:
    """Of containers."""
    return {
        "metadata": {"name": "tight"},
        "spec": {"limits": [{"type": "Container", **bounds}]},
    }


def policy(port: int | None, **entry: Any) -> dict[str, Any]:
    """A NetworkPolicy that lets one port of the pods be reached, or (None) all."""
    ports = [] if port is None else [{"port": port, **entry}]
    return {
        "metadata": {"name": "only-app"},
        "spec": {"podSelector": {"matchLabels": {"app": "churn"}}, "ingress": [{"ports": ports}]},
    }


def stuck(image: str) -> World:
    """A pod whose image of sidecars cannot be pulled."""
    return world(
        pods=[SeenPod("churn-1", pod("churn-1", image), "ReplicaSet", image, "ErrImagePull")]
    )


def pod_monitor(port: str, labels: Mapping[str, str], **spec: Any) -> dict[str, Any]:
    """A PodMonitor of the team's own."""
    return {
        "metadata": {"name": "mine", "namespace": "team-a"},
        "spec": {
            "selector": {"matchLabels": dict(labels)},
            "podMetricsEndpoints": [{"port": port}],
            **spec,
        },
    }
