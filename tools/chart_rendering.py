"""Renders the chart with Helm in the modes that tests look at, and finds objects in it."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).resolve().parent.parent / "charts" / "modelmonitor"
RELEASE_NAMESPACE = "monitoring"
KUBERNETES = "1.37.0"
"""For which it is rendered; each Helm takes another one for its own."""
EVERYTHING: Mapping[str, Any] = {
    "global": {"imageRegistry": "registry.example.com:5000/team", "imagePullSecrets": ["pull"]},
    "commonLabels": {"cost-centre": "ml"},
    "crds": {"enabled": False},
    "operator": {
        "image": {"digest": "sha256:" + "b" * 64},
        "replicas": 3,
        "port": 9443,
        "serviceAccount": {"name": "watcher", "annotations": {"a/b": "c"}},
        "podLabels": {"team": "platform"},
        "podAnnotations": {"note": "1"},
        "priorityClassName": "high",
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"operator": "Exists"}],
        "affinity": {"podAntiAffinity": {}},
        "networkPolicy": {
            "metricsFrom": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}],
            "egress": [{"ports": [{"port": 6443}]}],
        },
        "monitoring": {"enabled": True},
    },
    "sidecar": {
        "image": {"tag": "7", "digest": "sha256:" + "a" * 64, "pullPolicy": "Always"},
        "seriesBudget": 1_000_000,
        "ports": {"proxy": 25080, "admin": 25081, "collector": 25090},
        "sizes": {"Large": {"proxy": {"cpu": "1", "memory": "1Gi", "cpuLimit": "1.5"}}},
        "prePull": {"enabled": True, "tolerations": [{"operator": "Exists"}]},
    },
    "injection": {"excludedNamespaces": ["zebra", "kube-system"]},
    "security": {"assignedUser": True},
    "rules": {"mode": "Shared", "delivery": "PrometheusRule", "runbookUrl": "https://books.io/a/"},
    "prometheus": {"labels": {"release": "kps"}, "scrapeIntervalSeconds": 30},
    "grafana": {
        "url": "https://grafana.example.com/",
        "instanceSelector": {"dashboards": "grafana"},
        "clusterLabel": "cluster",
        "fleetDashboard": {"folder": "Models"},
    },
}
WEBHOOK: Mapping[str, Any] = {"injection": {"mode": "Webhook"}}
MODES: Mapping[str, Mapping[str, Any]] = {
    "default": {},
    "off": {"injection": {"mode": "Off"}, "operator": {"replicas": 1}},
    "webhook": {**WEBHOOK, "operator": {"monitoring": {"enabled": True}}},
    "cert_manager": {**WEBHOOK, "webhook": {"certificates": {"certManager": True}}},
    "shared": {"rules": {"mode": "Shared"}},
    "everything": EVERYTHING,
}
"""Values by the name of their golden file."""

Object = dict[str, Any]


def helm(
    *words: str, values: Mapping[str, Any], kubernetes: str = KUBERNETES
) -> subprocess.CompletedProcess[str]:
    """Runs Helm; it reads the values from standard input."""
    return subprocess.run(  # noqa: S603
        ["helm", *words, "--kube-version", kubernetes, "--values", "-"],  # noqa: S607
        input=yaml.safe_dump(dict(values)),
        capture_output=True,
        text=True,
        check=False,
    )


def template(
    values: Mapping[str, Any],
    namespace: str = RELEASE_NAMESPACE,
    kubernetes: str = KUBERNETES,
) -> str:
    """Standard output of `helm template`; ValueError with Helm's words where it refuses."""
    words = ("template", "release", str(CHART), "--namespace", namespace)
    done = helm(*words, values=values, kubernetes=kubernetes)
    if done.returncode:
        raise ValueError(done.stderr)
    return done.stdout


def named(objects: list[Object], kind: str, name: str) -> Object:
    """The one object of that kind and name."""
    (found,) = (one for one in objects if one["kind"] == kind and one["metadata"]["name"] == name)
    return found


def of_kind(objects: list[Object], kind: str) -> list[Object]:
    """All objects of that kind."""
    return [one for one in objects if one["kind"] == kind]
