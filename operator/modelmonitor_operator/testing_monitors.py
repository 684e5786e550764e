"""Monitors, workloads and Services for tests, as raw dictionaries, and an operator over a cluster.

Each is as small as the API server lets it be; a test says what is special about its own.
"""

import base64
from collections.abc import Mapping
from dataclasses import replace
from hashlib import shake_128
from typing import Any

from modelmonitor_api.baseline import Baseline, BaselineFeature, Bins, Column, to_gzip
from modelmonitor_api.names import API_VERSION, BASELINE_KEY, KIND
from modelmonitor_operator.cluster import Cluster, Raw
from modelmonitor_operator.control.applying import Hands
from modelmonitor_operator.control.book import MonitorBook
from modelmonitor_operator.control.feed import Feed
from modelmonitor_operator.control.inventory import Inventory, MonitorKey
from modelmonitor_operator.control.library import Library
from modelmonitor_operator.control.neighbourhood import Lookout
from modelmonitor_operator.control.observe import Eyes
from modelmonitor_operator.control.reconcile import Reconciler
from modelmonitor_operator.inject.settings import InjectionSettings
from modelmonitor_operator.kinds import OWNED, kind_of
from modelmonitor_operator.render.settings import RenderSettings
from modelmonitor_operator.settings import OperatorSettings, PlanSettings

IMAGE = "modelmonitor-sidecar:1"
SETTINGS = PlanSettings(RenderSettings(), InjectionSettings(IMAGE), version="1")
CHURN = MonitorKey("team-a", "churn")
NOON = "2026-11-26T12:00:00Z"
PODS = {"app": "churn"}


def monitor(name: str = "churn", /, **spec: Any) -> dict[str, Any]:
    """The smallest one, with fields of the spec besides."""
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {
            "name": name,
            "namespace": CHURN.namespace,
            "uid": f"uid-of-{name}",
            "generation": 1,
            "creationTimestamp": "2026-11-01T00:00:00Z",
        },
        "spec": {"selector": {"matchLabels": dict(PODS)}, "ports": ["http"], **spec},
    }


def pod_template(labels: Mapping[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    """One container with a port named http."""
    port = {"name": "http", "containerPort": 8080}
    container = {"name": "app", "image": "server:1", "ports": [port]}
    return {
        "metadata": {"labels": dict(PODS if labels is None else labels)},
        "spec": {"containers": [container], **spec},
    }


def deployment(name: str = "churn", template: Raw | None = None) -> dict[str, Any]:
    """What makes pods."""
    return _namespaced("apps/v1", "Deployment", name, spec={"template": template or pod_template()})


def service(target: str | int = "http", name: str = "churn", **spec: Any) -> dict[str, Any]:
    """What leads to them."""
    ports = [{"port": 80, "targetPort": target}]
    return _namespaced("v1", "Service", name, spec={"selector": dict(PODS), "ports": ports, **spec})


def pod(name: str = "churn-1", image: str | None = None, **status: Any) -> dict[str, Any]:
    """A running pod of a Deployment; `image` is of its sidecars, None: it has none."""
    template = pod_template()
    sidecars = [{"name": "modelmonitor-proxy", "image": image, "restartPolicy": "Always"}]
    made = _namespaced("v1", "Pod", name, status=status)
    made["metadata"] |= {"labels": dict(PODS), "ownerReferences": [_REPLICA_SET]}
    made["spec"] = {**template["spec"], **({"initContainers": sidecars} if image else {})}
    return made


def baseline(rows: int = 100, model: str = "churn") -> Baseline:
    """Of one numeric feature."""
    bins = Bins((1.0,), (rows // 2, rows - rows // 2), (0.5, 1.5), 1.0, 0.5, 0.0, 2.0)
    feature = BaselineFeature("age", "input", "numeric", bins)
    return Baseline(model, None, rows, (Column("age"),), (feature,))


def wide_baseline(features: int, name_bytes: int = 8) -> Baseline:
    """Of many features, with names in which nothing repeats: they stay as long when packed."""
    names = [shake_128(str(place).encode()).hexdigest(name_bytes) for place in range(features)]
    one = baseline()
    return replace(
        one,
        columns=tuple(Column(name) for name in names),
        features=tuple(replace(one.features[0], name=name) for name in names),
    )


def baseline_config_map(one: Baseline | bytes, name: str = "churn-baseline") -> dict[str, Any]:
    """As `modelmonitor baseline build --configmap` writes it; bytes are taken as they are."""
    packed = one if isinstance(one, bytes) else to_gzip(one)
    text = base64.b64encode(packed).decode("ascii")
    return {**_namespaced("v1", "ConfigMap", name), "binaryData": {BASELINE_KEY: text}}


class Desk:
    """An operator without watches: a test says when it looks, and brings the events."""

    def __init__(self, cluster: Cluster, settings: PlanSettings = SETTINGS) -> None:
        self.cluster = cluster
        self.time = NOON
        self.book, self.inventory = MonitorBook(), Inventory()
        lookout = Lookout(cluster, clock=self._clock)
        eyes = Eyes(cluster, lookout, Library(cluster), self.book, self.inventory)
        self.hands = Hands(cluster, self.inventory)
        whole = OperatorSettings(settings)
        self.reconcile = Reconciler(eyes, self.hands, whole, lambda: self.time)
        self.feed = Feed(self.reconcile, (self.book, self.inventory), self)
        self.failures: list[str | None] = []
        self._seconds = 0.0

    async def look(self, key: MonitorKey = CHURN) -> float | None:
        """One reconcile, with nothing remembered of the surroundings."""
        return await self.reconcile(key)

    def worked(self, seconds: float, failure: str | None) -> None:
        """See `Witness`."""
        self.failures.append(failure)

    def hear(self, event: str, manifest: Raw) -> None:
        """What a watch would bring of it."""
        kind = kind_of(manifest)
        metadata = manifest["metadata"]
        if manifest["kind"] == KIND and event == "DELETED":
            self.feed.monitor_is_gone(MonitorKey(metadata["namespace"], metadata["name"]))
        elif manifest["kind"] == KIND:
            self.feed.monitor_is(manifest)
        elif kind in OWNED and event == "DELETED":
            self.feed.object_is_gone(kind, metadata)
        elif kind in OWNED:
            self.feed.object_is(kind, metadata)

    def _clock(self) -> float:
        """An hour passes between any two looks at it."""
        self._seconds += 3_600.0
        return self._seconds


def with_settings(**changes: Any) -> PlanSettings:
    """The settings of tests but for these."""
    return replace(SETTINGS, **changes)


def condition(status: Raw, type_: str) -> Mapping[str, Any]:
    """One condition of a status."""
    (found,) = (one for one in status["conditions"] if one["type"] == type_)
    result: Mapping[str, Any] = found
    return result


_REPLICA_SET = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "churn-1", "uid": "rs"}


def _namespaced(api_version: str, kind: str, name: str, **fields: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": CHURN.namespace}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}
