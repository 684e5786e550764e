"""What preflight says of a LimitRange is what the API server does about a pod with sidecars."""

import copy
import json
import subprocess
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from modelmonitor_api.spec_reading import parse_monitor
from modelmonitor_cli.testing import eventually
from modelmonitor_operator.inject.injection import Target, inject
from modelmonitor_operator.preflight.limits import limit_ranges_allow
from modelmonitor_operator.preflight.problem import Situation
from modelmonitor_operator.render.injection_policy import injection_objects
from modelmonitor_operator.testing_monitors import SETTINGS, monitor
from modelmonitor_operator.world import Workload, World

pytestmark = pytest.mark.timeout(300)

Kubectl = Callable[..., str]
Pod = dict[str, Any]

SOON_SECONDS = 30.0
BLIND_SECONDS = 90.0
"""An API server does not know resources of a young definition as parameters for 30 s."""
SERVER = {
    "name": "server",
    "image": "server:1",
    "ports": [{"name": "http", "containerPort": 8080}],
    "resources": {
        "requests": {"cpu": "100m", "memory": "256Mi"},
        "limits": {"cpu": "200m", "memory": "256Mi"},
    },
}
POD: Pod = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "churn", "labels": {"app": "churn"}},
    "spec": {"containers": [SERVER]},
}
"""Which every LimitRange below lets in."""
CONTAINER, WHOLE = {"type": "Container"}, {"type": "Pod"}
BOUNDS: dict[str, dict[str, Any]] = {
    "a default alone": {**CONTAINER, "default": {"cpu": "1", "memory": "1Gi"}},
    "a default below the request": {**CONTAINER, "default": {"cpu": "40m"},
                                    "defaultRequest": {"cpu": "10m"}},
    "least cpu above": {**CONTAINER, "min": {"cpu": "60m"}},
    "least cpu equal": {**CONTAINER, "min": {"cpu": "50m"}},
    "least memory above": {**CONTAINER, "min": {"memory": "129Mi"}},
    "least disk": {**CONTAINER, "min": {"ephemeral-storage": "1Mi"}},
    "most memory below": {**CONTAINER, "max": {"memory": "300Mi"}},
    "most memory too low": {**CONTAINER, "max": {"memory": "0.25Gi"}},
    "most cpu": {**CONTAINER, "max": {"cpu": "500m"}},
    "ratio of cpu": {**CONTAINER, "maxLimitRequestRatio": {"cpu": "3"}},
    "ratio of cpu with a default": {**CONTAINER, "maxLimitRequestRatio": {"cpu": "3"},
                                    "default": {"cpu": "100m"}},
    "ratio of cpu too large": {**CONTAINER, "maxLimitRequestRatio": {"cpu": "3"},
                               "default": {"cpu": "200m"}},
    "ratio of memory": {**CONTAINER, "maxLimitRequestRatio": {"memory": "1"}},
    "most memory of a pod": {**WHOLE, "max": {"memory": "576Mi"}},
    "less memory of a pod": {**WHOLE, "max": {"memory": "575Mi"}},
    "most cpu of a pod": {**WHOLE, "max": {"cpu": "200m"}},
    "least cpu of a pod": {**WHOLE, "min": {"cpu": "100m"}},
    "ratio of a pod": {**WHOLE, "maxLimitRequestRatio": {"cpu": "2"}},
}  # fmt: skip
LAST = "most memory too low"


@pytest.fixture(scope="module")
def places(kubectl: Kubectl) -> Iterator[dict[str, str]]:
    """A namespace with each; the one that refuses the pod itself came last, and is in force."""
    made: dict[str, str] = {}
    for name in sorted(BOUNDS, key=lambda one: one == LAST):
        made[name] = place = f"mm-test-{uuid.uuid4().hex[:8]}"
        kubectl("create", "namespace", place)
        kubectl("wait", "-n", place, "--for=create", "serviceaccount/default", "--timeout=60s")
        manifest = {
            "apiVersion": "v1",
            "kind": "LimitRange",
            "metadata": {"name": "tight"},
            "spec": {"limits": [BOUNDS[name]]},
        }
        kubectl("create", "-n", place, "-f", "-", read=json.dumps(manifest))
    huge = copy.deepcopy(POD)
    huge["spec"]["containers"][0]["resources"] = {"limits": {"memory": "9Gi"}}
    assert eventually(lambda: not is_let_in(huge, made[LAST]), SOON_SECONDS)
    yield made
    kubectl("delete", "namespace", "--wait=false", *made.values())


def is_let_in(pod: Pod, namespace: str) -> bool:
    """Whether the API server would store it."""
    done = subprocess.run(
        ["kubectl", "create", "-n", namespace, "--dry-run=server", "-f", "-"],
        input=json.dumps(pod),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0


def situation(*limit_ranges: dict[str, Any]) -> Situation:
    world = World(workloads=[Workload("Deployment", "churn", POD)], limit_ranges=limit_ranges)
    return Situation(parse_monitor(monitor()), "", world, SETTINGS)


@pytest.mark.parametrize("name", BOUNDS)
def test_a_pod_is_refused_for_its_sidecars_where_preflight_says_so(
    name: str, kubectl: Kubectl, places: dict[str, str]
) -> None:
    stored = json.loads(kubectl("get", "-n", places[name], "limitrange", "tight", "-o", "json"))
    problem = limit_ranges_allow(situation(stored))
    injected = inject(POD, Target("churn", "http"), SETTINGS.injection).pod

    assert is_let_in(POD, places[name])
    assert is_let_in(injected, places[name]) is (problem is None), problem


@pytest.fixture
def policy(kubectl: Kubectl, crd: None) -> Iterator[None]:
    """The admission policy, under a name of the test's own."""
    name = f"mm-test-{uuid.uuid4().hex[:8]}"
    made, binding = injection_objects(SETTINGS.injection, ["kube-system"])
    made["metadata"]["name"] = binding["metadata"]["name"] = binding["spec"]["policyName"] = name
    for one in (made, binding):
        kubectl("create", "-f", "-", read=json.dumps(one))
    yield
    kubectl("delete", "mutatingadmissionpolicybinding,mutatingadmissionpolicy", name)


def test_what_the_policy_adds_is_filled_in_and_judged_in_the_same_way(
    kubectl: Kubectl, policy: None, places: dict[str, str]
) -> None:
    """The API server looks at LimitRanges again after an admission policy changed the pod."""
    for place in (places["most cpu"], places["a default below the request"]):
        resource = {**monitor(), "metadata": {"name": "churn"}}
        kubectl("create", "-n", place, "-f", "-", read=json.dumps(resource))
        armed = json.dumps({"status": {"injection": "Armed"}})
        words = ("--subresource=status", "--type=merge", "-p", armed)
        kubectl("patch", "-n", place, "modelmonitor", "churn", *words)

    def limits() -> list[str | None]:
        words = ("create", "-n", places["most cpu"], "--dry-run=server", "-o", "json", "-f", "-")
        spec = json.loads(kubectl(*words, read=json.dumps(POD)))["spec"]
        return [one["resources"]["limits"].get("cpu") for one in spec.get("initContainers", ())]

    assert eventually(lambda: limits() == ["500m", "500m"], BLIND_SECONDS), limits()
    assert not is_let_in(POD, places["a default below the request"])


def test_the_table_has_both() -> None:
    said = [limit_ranges_allow(situation(tight(one))) is None for one in BOUNDS.values()]
    assert {True, False} == set(said)


def tight(bounds: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"name": "tight"}, "spec": {"limits": [bounds]}}
