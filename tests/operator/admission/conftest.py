"""The corpus of pods, a monitor that selects most of them, and reviews as an API server sends."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

CORPUS = Path(__file__).resolve().parents[1] / "inject" / "pods.yaml"
PODS: dict[str, dict[str, Any]] = {
    pod["metadata"]["name"]: pod for pod in yaml.safe_load_all(CORPUS.read_text())
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`pod`: each of the corpus."""
    if "pod" in metafunc.fixturenames:
        metafunc.parametrize("pod", PODS.values(), ids=PODS.keys())


@pytest.fixture
def smallest() -> dict[str, Any]:
    return PODS["smallest"]


@pytest.fixture
def make_monitor() -> Callable[..., dict[str, Any]]:
    def make(name: str = "churn", injection: str = "Armed", **spec: Any) -> dict[str, Any]:
        selector = {"matchLabels": {"app": "churn"}}
        return {
            "apiVersion": "modelmonitor.io/v1alpha1",
            "kind": "ModelMonitor",
            "metadata": {
                "name": name,
                "namespace": "team",
                "creationTimestamp": "2026-01-01T00:00:00Z",
            },
            "spec": {"selector": selector, "ports": ["http"], **spec},
            "status": {"injection": injection},
        }

    return make


@pytest.fixture
def make_review() -> Callable[..., dict[str, Any]]:
    def make(pod: Any, namespace: str = "team", **request: Any) -> dict[str, Any]:
        asked = {"uid": "705ab4f5", "operation": "CREATE", "namespace": namespace, "object": pod}
        return {
            "apiVersion": "admission.k8s.io/v1",
            "kind": "AdmissionReview",
            "request": asked | request,
        }

    return make


@pytest.fixture
def patch_in() -> Callable[[dict[str, Any]], list[dict[str, Any]]]:
    def read(answer: dict[str, Any]) -> list[dict[str, Any]]:
        encoded = answer["response"].get("patch")
        return [] if encoded is None else list(json.loads(base64.b64decode(encoded)))

    return read
