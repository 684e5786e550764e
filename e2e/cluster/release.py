"""The chart as a platform team installs it, with the images of the tests."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

from e2e.cluster import images
from e2e.cluster.kubectl import kubectl

CHART: Final = Path(__file__).resolve().parents[2] / "charts" / "modelmonitor"
NAMESPACE: Final = "modelmonitor-system"
NAME: Final = "modelmonitor"
OPERATOR: Final = "deployment/modelmonitor-operator"
# What the cluster's Prometheus selects PodMonitors and PrometheusRules by, as KEY=VALUE.
SELECTED_BY: Final = os.environ.get(
    "MODELMONITOR_E2E_PROMETHEUS_LABEL", "release=kube-prometheus-stack"
)


def values() -> dict[str, Any]:
    """Values of the chart: quick to look again, so that tests wait for little."""
    key, _, value = SELECTED_BY.partition("=")
    return {
        "operator": {"image": _parts(images.OPERATOR), "unsettledSeconds": 2},
        "sidecar": {"image": _parts(images.SIDECAR)},
        "prometheus": {"labels": {key: value}},
    }


def _parts(image: str) -> dict[str, str]:
    repository, _, tag = image.rpartition(":")
    return {"repository": repository, "tag": tag}


def install(**changed: Any) -> None:
    """Install it or bring it to these values, and wait until the operator is ready."""
    words = ("upgrade", "--install", NAME, str(CHART), "--create-namespace", "--wait")
    helm(*words, "--timeout=180s", "--values=-", read=json.dumps({**values(), **changed}))


def uninstall() -> None:
    """And wait until it is gone; the resource's definition stays, as by default."""
    helm("uninstall", NAME, "--wait", "--timeout=120s", "--ignore-not-found")


def remove_everything() -> None:
    """The release, its namespace and the definition with all monitors."""
    uninstall()
    kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--timeout=120s")
    crd = "modelmonitors.modelmonitor.io"
    kubectl("delete", "crd", crd, "--ignore-not-found", "--timeout=120s")


def scale(replicas: int) -> None:
    """So many operators, and wait for it."""
    place = ("-n", NAMESPACE)
    kubectl(*place, "scale", OPERATOR, f"--replicas={replicas}")
    if replicas:
        kubectl(*place, "rollout", "status", OPERATOR, "--timeout=120s")
    else:
        selector = "app.kubernetes.io/component=operator"
        kubectl(*place, "wait", "--for=delete", "pod", "-l", selector, "--timeout=120s")


def helm(*words: str, read: str = "") -> str:
    """Runs helm in the release's namespace; its standard output."""
    assert shutil.which("helm"), "helm is not on the path; install Helm 3 or 4"
    command = ["helm", "--namespace", NAMESPACE, *words]
    done = subprocess.run(command, input=read, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout
