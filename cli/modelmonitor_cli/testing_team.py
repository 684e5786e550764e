"""A namespace of a real cluster, as its people see it through kubectl, and what they apply."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from modelmonitor_cli.testing import eventually

Kubectl = Callable[..., str]

SOON_SECONDS: Final = 30.0
LABELS: Final = {"app": "churn"}


class Team:
    """One namespace, as its people see it."""

    def __init__(self, kubectl: Kubectl, namespace: str) -> None:
        self._kubectl, self.namespace = kubectl, namespace

    def apply(self, manifest: Mapping[str, Any]) -> None:
        """Into this namespace, as people do."""
        placed = {**manifest, "metadata": {**manifest["metadata"], "namespace": self.namespace}}
        self._kubectl("apply", "-f", "-", read=json.dumps(placed))

    def get(self, name: str) -> dict[str, Any]:
        """The object; an empty one where it is not there."""
        text = self._kubectl("-n", self.namespace, "get", "--ignore-not-found", "-o", "json", name)
        found: dict[str, Any] = json.loads(text) if text else {}
        return found

    def delete(self, name: str) -> None:
        """And not wait for it."""
        self._kubectl("-n", self.namespace, "delete", "--wait=false", name)

    def patch(self, name: str, **change: Any) -> None:
        """Edit it."""
        words = ("patch", name, "--type=merge", "-p", json.dumps(change))
        self._kubectl("-n", self.namespace, *words)

    def condition(self, type_: str, name: str = "churn") -> dict[str, Any]:
        """One condition; an empty one where it is not there."""
        status = self.get(f"mmon/{name}").get("status", {})
        found = [one for one in status.get("conditions", []) if one["type"] == type_]
        return found[0] if found else {}

    def comes_to(self, type_: str, reason: str, name: str = "churn") -> bool:
        """Whether a condition soon has this reason."""
        return eventually(lambda: self.condition(type_, name).get("reason") == reason, SOON_SECONDS)

    def is_ready(self, name: str = "churn") -> bool:
        """Whether it soon is."""
        return self.comes_to("Ready", "Ready", name)


def monitor(name: str = "churn", **spec: Any) -> dict[str, Any]:
    """The smallest one, with fields of the spec besides."""
    return {
        "apiVersion": "modelmonitor.io/v1alpha1",
        "kind": "ModelMonitor",
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": LABELS}, "ports": ["http"], **spec},
    }


def deployment() -> dict[str, Any]:
    """Of no replicas: there is no node to run any."""
    port = {"name": "http", "containerPort": 8080}
    containers = [{"name": "server", "image": "server:1", "ports": [port]}]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "churn"},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": LABELS},
            "template": {"metadata": {"labels": LABELS}, "spec": {"containers": containers}},
        },
    }


def service(target: int | str) -> dict[str, Any]:
    """What leads to its pods."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "churn"},
        "spec": {"selector": LABELS, "ports": [{"port": 80, "targetPort": target}]},
    }
