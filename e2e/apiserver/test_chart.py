"""The chart on a real API server: what it renders is taken, and its roles are enough and no more.

Helm has to be on the path.  Roles get names of the test's own; nothing else is installed.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelmonitor_cli.testing import eventually
from tools.chart_rendering import MODES, Object, named, of_kind, template

pytestmark = pytest.mark.timeout(300)

Kubectl = Callable[..., str]

ACCOUNT = "modelmonitor-operator"
WAIT_SECONDS = 60.0
FORBIDDEN = [
    ("get", "secrets"), ("list", "secrets"), ("create", "pods"), ("patch", "pods"),
    ("delete", "pods"), ("update", "pods"), ("get", "pods/log"), ("create", "pods/exec"),
    ("patch", "deployments.apps"), ("update", "deployments.apps"), ("patch", "statefulsets.apps"),
    ("patch", "namespaces"), ("list", "nodes"), ("patch", "modelmonitors.modelmonitor.io"),
    ("create", "modelmonitors.modelmonitor.io"), ("delete", "modelmonitors.modelmonitor.io"),
    ("update", "modelmonitors.modelmonitor.io/status"),
    ("patch", "customresourcedefinitions.apiextensions.k8s.io"),
    ("patch", "mutatingadmissionpolicies.admissionregistration.k8s.io"),
    ("create", "clusterrolebindings.rbac.authorization.k8s.io"),
    ("delete", "leases.coordination.k8s.io"),
    ("deletecollection", "configmaps"), ("update", "configmaps"), ("impersonate", "users"),
]  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_an_api_server_takes_all_that_the_chart_renders(
    mode: str, kubectl: Kubectl, namespace: str
) -> None:
    """Kinds of other operators are left out where the cluster has none of them."""
    served = {
        line.split()[-1] for line in kubectl("api-resources", "--no-headers").splitlines() if line
    }
    objects = [
        one
        for one in yaml.safe_load_all(template(MODES[mode], namespace))
        if one["kind"] in served or "." not in one["apiVersion"]
    ]
    words = ("--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict")
    taken = kubectl("apply", *words, "-f", "-", read=yaml.safe_dump_all(objects))
    assert len(taken.splitlines()) == len(objects) >= 14


@dataclass(frozen=True)
class Roles:
    """Where the operator's account is, and its name as the API server knows it."""

    namespace: str
    kubectl: Kubectl

    @property
    def user(self) -> str:
        return f"system:serviceaccount:{self.namespace}:{ACCOUNT}"

    def may(self, user: str, verb: str, resource: str, *words: str) -> bool:
        done = subprocess.run(
            ["kubectl", "auth", "can-i", verb, resource, "--as", user, *words],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.strip() in {"yes", "no"}, done.stderr
        return done.stdout.strip() == "yes"


def renamed(manifest: Object, suffix: str) -> Object:
    """What is cluster-wide bears the test's name: a chart that is installed is left alone."""
    if manifest["kind"].startswith("ClusterRole"):
        manifest["metadata"]["name"] += suffix
        if "roleRef" in manifest:
            manifest["roleRef"]["name"] += suffix
    return manifest


@pytest.fixture(scope="module")
def roles(kubectl: Kubectl, crd: None) -> Iterator[Roles]:
    """The chart's roles, bound to an account in a namespace of the module."""
    namespace = f"mm-test-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", namespace)
    objects = list(yaml.safe_load_all(template({}, namespace)))
    kinds = ("ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
    made = [renamed(one, f"-{namespace}") for kind in kinds for one in of_kind(objects, kind)]
    text = yaml.safe_dump_all(made)
    kubectl("create", "-f", "-", read=text)
    yield Roles(namespace, kubectl)
    kubectl("delete", "-f", "-", "--wait=false", read=text)
    kubectl("delete", "namespace", namespace, "--wait=false")


@pytest.mark.parametrize(("verb", "resource"), FORBIDDEN)
def test_the_operator_may_not(verb: str, resource: str, roles: Roles) -> None:
    assert roles.may(roles.user, verb, resource, "--all-namespaces") is False


def test_the_operator_may_hold_its_lease_and_no_other(roles: Roles) -> None:
    for lease, expected in ((ACCOUNT, True), ("other", False)):
        words = ("--namespace", roles.namespace)
        assert roles.may(roles.user, "update", f"leases.coordination.k8s.io/{lease}", *words) is (
            expected
        )
    words = ("--namespace", "kube-system")
    assert roles.may(roles.user, "update", f"leases.coordination.k8s.io/{ACCOUNT}", *words) is False


@pytest.mark.parametrize(
    ("role", "verbs"), [("view", {"get", "list", "watch"}), ("edit", None), ("admin", None)]
)
def test_people_write_monitors_by_their_own_roles_and_never_the_status(
    role: str, verbs: set[str] | None, roles: Roles
) -> None:
    user, words = f"{role}-{roles.namespace}", ("--namespace", roles.namespace)
    binding = ("--clusterrole", role, "--user", user, *words)
    roles.kubectl("create", "rolebinding", user, *binding)
    monitors = "modelmonitors.modelmonitor.io"
    every = {"get", "list", "watch", "create", "update", "patch", "delete"}

    def granted() -> bool:
        found = {verb for verb in every if roles.may(user, verb, monitors, *words)}
        return found == (every if verbs is None else verbs)

    assert eventually(granted, WAIT_SECONDS), "the aggregated roles are not there"
    for verb in ("patch", "update"):
        assert roles.may(user, verb, monitors, "--subresource=status", *words) is False


class Operator:
    """The operator as a process of this machine, with the rights of the chart's account."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self._process, self._port, self._log = process, port, log

    def page(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}", timeout=5) as answer:
            text: str = answer.read().decode()
        return text

    def is_ready(self) -> bool:
        assert self._process.poll() is None, self._log.read_text()
        try:
            return self.page("/readyz") == "ok"
        except OSError:
            return False

    def refused(self) -> list[str]:
        """What the API server refused it: requests of its own, and kopf's."""
        counted = re.findall(
            r'^modelmonitor_operator_api_requests_total\{code="403".*$', self.page("/metrics"), re.M
        )
        told = [line for line in self._log.read_text().splitlines() if "orbidden" in line]
        return counted + told


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def kubeconfig_of(roles: Roles) -> str:
    """The one in use, with a token of the account as its only login."""
    known = json.loads(roles.kubectl("config", "view", "--raw", "--minify", "-o", "json"))
    token = roles.kubectl("create", "token", ACCOUNT, "-n", roles.namespace).strip()
    known["users"] = [{"name": known["users"][0]["name"], "user": {"token": token}}]
    return json.dumps(known)


@pytest.fixture
def operator(roles: Roles, tmp_path: Path) -> Iterator[Operator]:
    """Running and ready."""
    objects = list(yaml.safe_load_all(template({}, roles.namespace)))
    values = yaml.safe_load(named(objects, "ConfigMap", ACCOUNT)["data"]["values.yaml"])
    values["operator"]["port"] = port = free_port()
    files = {name: tmp_path / name for name in ("values.yaml", "kubeconfig", "log")}
    files["values.yaml"].write_text(yaml.safe_dump(values))
    files["kubeconfig"].write_text(kubeconfig_of(roles))
    environment = {"KUBECONFIG": str(files["kubeconfig"]), "POD_NAMESPACE": roles.namespace}
    with files["log"].open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "modelmonitor_operator", "--values", str(files["values.yaml"])],
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
        )
    running = Operator(process, port, files["log"])
    try:
        assert eventually(running.is_ready, WAIT_SECONDS), files["log"].read_text()
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def monitor(namespace: str) -> Mapping[str, Any]:
    return {
        "apiVersion": "modelmonitor.io/v1alpha1",
        "kind": "ModelMonitor",
        "metadata": {"name": "churn", "namespace": namespace},
        "spec": {
            "selector": {"matchLabels": {"app": "churn"}},
            "ports": ["http"],
            "routing": "MonitoredService",
        },
    }


def deployment(namespace: str) -> Mapping[str, Any]:
    server = {
        "name": "server",
        "image": "server:1",
        "ports": [{"name": "http", "containerPort": 80}],
    }
    labels = {"app": "churn"}
    template_of_pods = {"metadata": {"labels": labels}, "spec": {"containers": [server]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "churn", "namespace": namespace},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "template": template_of_pods,
        },
    }


def test_the_roles_of_the_chart_are_enough_to_make_heal_and_prune(
    operator: Operator, kubectl: Kubectl, namespace: str
) -> None:
    team = namespace
    for one in (deployment(team), monitor(team)):
        kubectl("create", "-f", "-", read=json.dumps(one))
    kubectl("wait", "-n", team, "mmon/churn", "--for=condition=Ready", "--timeout=60s")

    def there(*names: str) -> bool:
        found = kubectl("get", "-n", team, "--ignore-not-found", "-o", "name", *names)
        return len(found.split()) == len(names)

    assert eventually(partial(there, "configmap/churn-modelmonitor", "service/churn-monitored"), 30)
    kubectl("delete", "-n", team, "configmap/churn-modelmonitor", "service/churn-monitored")
    assert eventually(partial(there, "configmap/churn-modelmonitor", "service/churn-monitored"), 30)
    by_name = json.dumps({"spec": {"routing": "NamedPort"}})
    kubectl("patch", "-n", team, "mmon/churn", "--type=merge", "-p", by_name)
    assert eventually(lambda: not there("service/churn-monitored"), 30)
    assert eventually(lambda: "churn" in kubectl("get", "events", "-n", team, "-o", "name"), 30)
    assert operator.refused() == []
