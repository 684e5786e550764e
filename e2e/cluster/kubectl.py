"""kubectl on the cluster that KUBECONFIG names, and a namespace of a test."""

import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from modelmonitor_cli.testing_team import Team

COMMAND_SECONDS = 600.0


def kubectl(*words: str, read: str = "") -> str:
    """Runs it with words and what it reads; its standard output."""
    if not os.environ.get("KUBECONFIG"):
        pytest.fail("KUBECONFIG is not set; let it name a cluster in which tests may make objects")
    done = subprocess.run(
        ["kubectl", *words],
        input=read,
        capture_output=True,
        text=True,
        check=False,
        timeout=COMMAND_SECONDS,
    )
    assert done.returncode == 0, f"kubectl {' '.join(words)}: {done.stderr}"
    return done.stdout


class Place(Team):
    """A namespace with pods that run."""

    def run(self, *words: str, read: str = "") -> str:
        """kubectl in this namespace."""
        return kubectl("-n", self.namespace, *words, read=read)

    def all(self, kind: str, selector: str = "") -> list[dict[str, Any]]:
        """The objects of a kind with these labels."""
        words = ("get", kind, "-o", "json", *(("-l", selector) if selector else ()))
        found: list[dict[str, Any]] = json.loads(self.run(*words))["items"]
        return found

    def rolled_out(self, name: str, seconds: float = 120) -> None:
        """Wait until a workload's pods are all new and ready."""
        self.run("rollout", "status", name, f"--timeout={seconds:.0f}s")

    def restart(self, name: str, seconds: float = 120) -> None:
        """Give a workload new pods, as `kubectl rollout restart` does, and wait for them."""
        self.run("rollout", "restart", name)
        self.rolled_out(name, seconds)

    def pods(self, selector: str = "app=churn") -> list[dict[str, Any]]:
        """Pods that are not on their way out."""
        return [
            pod
            for pod in self.all("pods", selector)
            if not pod["metadata"].get("deletionTimestamp")
        ]

    def from_pod(self, pod: str, port: int, path: str) -> str:
        """What a port of a pod answers to a GET, asked through the API server."""
        base = f"/api/v1/namespaces/{self.namespace}/pods/{pod}:{port}/proxy"
        return kubectl("get", "--raw", f"{base}{path}")


@contextmanager
def new_place(labels: dict[str, str] | None = None) -> Iterator[Place]:
    """A namespace of its own; all in it is deleted afterwards."""
    name = f"mm-test-{uuid.uuid4().hex[:8]}"
    metadata = {"name": name, "labels": labels or {}}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    kubectl("create", "-f", "-", read=json.dumps(namespace))
    try:
        yield Place(kubectl, name)
    finally:
        kubectl("delete", "namespace", name, "--wait=false", "--ignore-not-found")
