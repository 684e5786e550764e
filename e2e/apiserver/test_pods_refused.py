"""Workloads whose pods are refused for their sidecars get pods without them."""

import contextlib
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_operator import running_operator
from modelmonitor_cli.testing_team import LABELS, Team, monitor
from modelmonitor_operator.inject.settings import InjectionSettings
from modelmonitor_operator.render.injection_policy import injection_objects

pytestmark = pytest.mark.timeout(300)

Kubectl = Callable[..., str]
ADMISSION = "admissionregistration.k8s.io/v1"
START_SECONDS = 60.0
BLIND_SECONDS = 90.0
"""An API server does not know resources of a young definition as parameters for 30 s."""
QUICK = {"unsettledSeconds": 1, "resyncSeconds": 10}
CONTAINER = {
    "name": "server",
    "image": "server:1",
    "ports": [{"name": "http", "containerPort": 8080}],
}
TEMPLATE = {"metadata": {"labels": LABELS}, "spec": {"containers": [CONTAINER]}}
SELECTOR = {"matchLabels": LABELS}
NO_PODS: dict[str, tuple[str, dict[str, Any]]] = {
    "StatefulSet": ("apps/v1", {"replicas": 0, "selector": SELECTOR, "template": TEMPLATE}),
    "Job": (
        "batch/v1",
        {
            "suspend": True,
            "template": {**TEMPLATE, "spec": {**TEMPLATE["spec"], "restartPolicy": "Never"}},
        },
    ),
    "Deployment": ("apps/v1", {"replicas": 0, "selector": SELECTOR, "template": TEMPLATE}),
}
"""API version and spec of each, before it is to have pods."""
WANTED: dict[str, dict[str, Any]] = {
    "StatefulSet": {"replicas": 1},
    "Job": {"suspend": False},
    "Deployment": {"replicas": 1},
}


@contextlib.contextmanager
def created(kubectl: Kubectl, *manifests: dict[str, Any]) -> Iterator[None]:
    """Objects without a namespace, each with a name of the test's own."""
    for one in manifests:
        kubectl("create", "-f", "-", read=json.dumps(one))
    yield
    for one in manifests:
        kubectl("delete", one["kind"], one["metadata"]["name"])


@pytest.fixture
def injecting(kubectl: Kubectl, crd: None) -> Iterator[None]:
    """The admission policy."""
    name = f"mm-test-{uuid.uuid4().hex[:8]}"
    policy, binding = injection_objects(
        InjectionSettings("modelmonitor-sidecar:1"), ["kube-system"]
    )
    policy["metadata"]["name"] = binding["metadata"]["name"] = name
    binding["spec"]["policyName"] = name
    with created(kubectl, policy, binding):
        yield


@pytest.fixture
def refusing(kubectl: Kubectl, namespace: str) -> Iterator[None]:
    """A policy on images, as platforms have them: ours is not on its list."""
    name = f"mm-test-{uuid.uuid4().hex[:8]}"
    pods = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": ["pods"],
    }
    ours = "c.image.startsWith('modelmonitor-sidecar')"
    validation = {
        "expression": f"!object.spec.?initContainers.orValue([]).exists(c, {ours})",
        "message": "image modelmonitor-sidecar is not allowed here",
    }
    here = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    policy = {
        "apiVersion": ADMISSION,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "matchConstraints": {"resourceRules": [pods]},
            "validations": [validation],
        },
    }
    binding = {
        "apiVersion": ADMISSION,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {
            "policyName": name,
            "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": here},
        },
    }
    with created(kubectl, policy, binding):
        yield


def pods(team: Team, kubectl: Kubectl) -> list[dict[str, Any]]:
    found = json.loads(kubectl("-n", team.namespace, "get", "pods", "-o", "json"))
    items: list[dict[str, Any]] = found["items"]
    return items


def refuses(kubectl: Kubectl, namespace: str) -> bool:
    """Whether a pod would be injected, and then be refused for it."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {**TEMPLATE["metadata"], "name": "x"}}
    words = ("create", "-n", namespace, "--dry-run=server", "-f", "-")
    try:
        kubectl(*words, read=json.dumps({**pod, "spec": TEMPLATE["spec"]}))
    except AssertionError as refused:
        return "is not allowed here" in str(refused)
    return False


@pytest.mark.parametrize("kind", NO_PODS)
def test_a_workload_whose_pods_are_refused_soon_has_pods_without_sidecars(
    kind: str, kubectl: Kubectl, injecting: None, refusing: None, namespace: str, tmp_path: Path
) -> None:
    team, home = Team(kubectl, namespace), f"mm-test-{uuid.uuid4().hex[:8]}"
    api_version, spec = NO_PODS[kind]
    workload = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "churn"}}
    kubectl("create", "namespace", home)
    with running_operator(tmp_path, home, operator=QUICK) as started:
        assert eventually(started.is_ready, START_SECONDS), started.log.read_text()
        team.apply({**workload, "spec": spec})
        team.apply(monitor())
        assert team.comes_to("Armed", "Armed")
        assert eventually(lambda: refuses(kubectl, namespace), BLIND_SECONDS)

        team.patch(f"{kind}/churn", spec=WANTED[kind])

        assert team.comes_to("Armed", "PodsRefused")
        assert f"{kind} churn can make no pods" in team.condition("Armed")["message"]
        assert "is not allowed here" in team.condition("Armed")["message"]
        assert eventually(lambda: bool(pods(team, kubectl)), BLIND_SECONDS)
        assert "initContainers" not in pods(team, kubectl)[0]["spec"]
    kubectl("delete", "namespace", home, "--wait=false")
