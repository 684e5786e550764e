"""A real API server: whichever `KUBECONFIG` names; nothing in it is left behind.

Everything happens in namespaces of the tests.  The CRD is deleted afterwards if it was not there
before.
"""

import json
import os
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes import client, config

from modelmonitor_cli.testing_injection import Place
from tools.chart_rendering import WEBHOOK, Object, template

ROOT = Path(__file__).resolve().parents[2]
CRD = ROOT / "crds" / "modelmonitors.modelmonitor.io.yaml"
CRD_NAME = "modelmonitors.modelmonitor.io"

Kubectl = Callable[..., str]


@pytest.fixture(scope="session")
def api() -> client.ApiClient:
    """A client of the API server."""
    if not os.environ.get("KUBECONFIG"):
        pytest.fail("KUBECONFIG is not set; let it name a cluster in which tests may make objects")
    return config.new_client_from_config()


@pytest.fixture(scope="session")
def kubectl(api: client.ApiClient) -> Kubectl:
    """Runs kubectl with words and what it reads; its standard output."""

    def run(*words: str, read: str = "") -> str:
        done = subprocess.run(
            ["kubectl", *words], input=read, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def crd(kubectl: Kubectl) -> Iterator[None]:
    """The resource is known to the API server."""
    known = kubectl("get", "crd", CRD_NAME, "--ignore-not-found", "-o", "name")
    kubectl("apply", "--server-side", "--force-conflicts", "-f", str(CRD))
    kubectl("wait", "--for=condition=Established", f"crd/{CRD_NAME}", "--timeout=30s")
    yield
    if not known:
        kubectl("delete", "crd", CRD_NAME, "--timeout=60s")


@pytest.fixture(scope="module")
def home(kubectl: Kubectl, crd: None) -> Iterator[str]:
    """A namespace of all tests of a file: of its operator, its webhook, or its tenant."""
    name = f"mm-test-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def namespace(api: client.ApiClient) -> Iterator[str]:
    """A namespace of one test."""
    core = client.CoreV1Api(api)
    name = f"mm-test-{uuid.uuid4().hex[:8]}"
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=name)))
    yield name
    core.delete_namespace(name)


@pytest.fixture(scope="module")
def make_place(kubectl: Kubectl) -> Iterator[Callable[..., Place]]:
    """Makes namespaces with labels, in which pods can be tried out."""
    made = []

    def make(**labels: str) -> Place:
        name = f"mm-test-{uuid.uuid4().hex[:8]}"
        metadata = {"name": name, "labels": labels}
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
        kubectl("create", "-f", "-", read=json.dumps(namespace))
        made.append(name)
        kubectl("wait", "-n", name, "--for=create", "serviceaccount/default", "--timeout=60s")
        return Place(kubectl, name)

    yield make
    kubectl("delete", "namespace", "--wait=false", *made)


WEBHOOK_ACCOUNT = "modelmonitor-webhook"
WEBHOOK_KINDS = {
    "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "Secret",
}  # fmt: skip


@pytest.fixture(scope="module")
def webhook_account(
    kubectl: Kubectl, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Path]]:
    """Makes in a namespace what the chart makes for the webhook; a kubeconfig with its rights."""
    made = []

    def make(namespace: str) -> Path:
        rendered = yaml.safe_load_all(template(WEBHOOK, namespace))
        text = yaml.safe_dump_all(
            _renamed(one, namespace)
            for one in rendered
            if one["kind"] in WEBHOOK_KINDS and one["metadata"]["name"] == WEBHOOK_ACCOUNT
        )
        kubectl("create", "-f", "-", read=text)
        made.append(text)
        known = json.loads(kubectl("config", "view", "--raw", "--minify", "-o", "json"))
        token = kubectl("create", "token", WEBHOOK_ACCOUNT, "-n", namespace).strip()
        known["users"] = [{"name": known["users"][0]["name"], "user": {"token": token}}]
        file = tmp_path_factory.mktemp("account") / "kubeconfig"
        file.write_text(json.dumps(known))
        return file

    yield make
    for text in made:
        kubectl("delete", "--ignore-not-found", "--wait=false", "-f", "-", read=text)


def _renamed(manifest: Object, suffix: str) -> Object:
    """What is cluster-wide bears the test's name: a chart that is installed is left alone."""
    if manifest["kind"].startswith("ClusterRole"):
        manifest["metadata"]["name"] += f"-{suffix}"
        if "roleRef" in manifest:
            manifest["roleRef"]["name"] += f"-{suffix}"
    return manifest


class Monitors:
    """ModelMonitors of one namespace, as mappings; unknown fields are refused."""

    def __init__(self, objects: client.CustomObjectsApi, namespace: str) -> None:
        self._objects = objects
        self._place = ("modelmonitor.io", "v1alpha1", namespace, "modelmonitors")

    def create(self, resource: dict[str, Any]) -> dict[str, Any]:
        """What the API server stores."""
        stored: dict[str, Any] = self._objects.create_namespaced_custom_object(
            *self._place, resource, field_validation="Strict"
        )
        return stored

    def try_out(self, resource: dict[str, Any]) -> dict[str, Any]:
        """What it would store."""
        stored: dict[str, Any] = self._objects.create_namespaced_custom_object(
            *self._place, resource, field_validation="Strict", dry_run="All"
        )
        return stored

    def refusal(self, resource: dict[str, Any]) -> str:
        """The sentence with which it refuses the resource; empty where it takes it."""
        try:
            self.try_out(resource)
        except client.ApiException as refused:
            return str(json.loads(refused.body)["message"])
        return ""

    def get(self, name: str) -> dict[str, Any]:
        """What is stored."""
        stored: dict[str, Any] = self._objects.get_namespaced_custom_object(*self._place, name)
        return stored

    def replace(self, resource: dict[str, Any]) -> dict[str, Any]:
        """What is stored after a write to the resource itself."""
        stored: dict[str, Any] = self._objects.replace_namespaced_custom_object(
            *self._place, resource["metadata"]["name"], resource, field_validation="Strict"
        )
        return stored

    def replace_status(self, resource: dict[str, Any]) -> dict[str, Any]:
        """What is stored after a write to its status."""
        stored: dict[str, Any] = self._objects.replace_namespaced_custom_object_status(
            *self._place, resource["metadata"]["name"], resource, field_validation="Strict"
        )
        return stored


@pytest.fixture
def monitors(api: client.ApiClient, crd: None, namespace: str) -> Monitors:
    """ModelMonitors of the test's namespace."""
    return Monitors(client.CustomObjectsApi(api), namespace)
