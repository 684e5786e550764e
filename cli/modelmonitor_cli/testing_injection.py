"""For tests on a real API server: pods of the corpus, and namespaces in which they are tried out.

It refuses to know who injects.
"""

import copy
import functools
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from modelmonitor_api.spec import SidecarSize
from modelmonitor_operator.inject.injection import Target
from modelmonitor_operator.inject.settings import InjectionSettings, read_injection_settings

Kubectl = Callable[..., str]
Pod = dict[str, Any]

VALUES: Final[dict[str, Any]] = {
    "sidecar": {
        "image": {
            "repository": "team/sidecar",
            "tag": "1",
            "digest": "sha256:" + "a" * 64,
            "pullPolicy": "Always",
        },
        "sizes": {
            "Large": {
                "proxy": {"cpu": "500m", "memory": "256Mi", "cpuLimit": "2"},
                "collector": {"cpu": "1.5", "memory": "768Mi"},
            }
        },
    },
    "prometheus": {"scrapeBy": "Annotations"},
}
"""Of the chart; none is the default where there is another."""
SETTINGS: Final[InjectionSettings] = read_injection_settings(VALUES)
TARGETS: Final = {
    "churn": Target("churn", "http", "Small"),
    "medium": Target("medium.of-team-a", "http", "Medium"),
    "large": Target("large", "http", "Large"),
}
"""By the label `app` that the monitor selects."""

_CORPUS: Final = Path(__file__).resolve().parents[2] / "tests" / "operator" / "inject" / "pods.yaml"


@functools.cache
def corpus() -> tuple[Pod, ...]:
    """Pods of all kinds; those that are not injected say why in an annotation."""
    return tuple(yaml.safe_load_all(_CORPUS.read_text()))


def pod_of(app: str, name: str = "smallest") -> Pod:
    """One of the corpus, with the label `app`."""
    (pod,) = (copy.deepcopy(one) for one in corpus() if one["metadata"]["name"] == name)
    pod["metadata"]["labels"]["app"] = app
    return pod


def sized_monitor(app: str, name: str, size: SidecarSize) -> dict[str, Any]:
    """A monitor of pods with that label."""
    return {
        "apiVersion": "modelmonitor.io/v1alpha1",
        "kind": "ModelMonitor",
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"app": app}},
            "ports": ["http"],
            "sidecar": {"size": size},
        },
    }


class Place:
    """A namespace in which pods are tried out."""

    def __init__(self, kubectl: Kubectl, name: str) -> None:
        self._kubectl = kubectl
        self.name = name

    def create(self, resource: dict[str, Any]) -> None:
        """Into it."""
        self._kubectl("create", "-n", self.name, "-f", "-", read=json.dumps(resource))

    def arm(self, name: str) -> None:
        """As the operator would."""
        status = json.dumps({"status": {"injection": "Armed"}})
        words = ("--subresource=status", "--type=merge", "-p", status)
        self._kubectl("patch", "-n", self.name, "modelmonitor", name, *words)

    def watch_all(self) -> None:
        """An armed monitor of each size."""
        for app, target in TARGETS.items():
            self.create(sized_monitor(app, target.monitor, target.size))
            self.arm(target.monitor)

    def tried(self, pods: Sequence[Pod]) -> list[Pod]:
        """What the API server would store of pods; it refuses none."""
        words = ("create", "-n", self.name, "--dry-run=server", "--validate=ignore", "-o", "yaml")
        text = self._kubectl(*words, "-f", "-", read=yaml.safe_dump_all(pods))
        return list(yaml.safe_load_all(text))

    def injects(self, app: str, name: str = "smallest") -> bool:
        """Whether a pod of the corpus would get the sidecars."""
        (pod,) = self.tried([pod_of(app, name)])
        return "initContainers" in pod["spec"]


def compared(pod: Pod) -> dict[str, Any]:
    """Without what differs from pod to pod: times, the name of the token's volume and its place."""
    text = re.sub(r"kube-api-access-\w+", "kube-api-access", json.dumps(pod["spec"]))
    spec = json.loads(text)
    spec["volumes"] = {volume["name"]: volume for volume in spec.get("volumes", ())}
    metadata = {
        key: pod["metadata"].get(key) for key in ("name", "labels", "annotations", "finalizers")
    }
    return {"metadata": metadata, "spec": spec}
