"""What all objects of a monitor have in common: kind, name, namespace, labels."""

from collections.abc import Mapping
from typing import Any, Final

from modelmonitor_api.names import LABEL_MONITOR, OBJECT_SUFFIX
from modelmonitor_api.spec import ModelMonitor
from modelmonitor_operator.render.settings import RenderSettings

Manifest = dict[str, Any]

MONITORING: Final = "monitoring.coreos.com/v1"
"""The API version of prometheus-operator's objects."""


def manifest(
    api_version: str, kind: str, name: str, monitor: ModelMonitor, labels: Mapping[str, str]
) -> Manifest:
    """An object in the monitor's namespace, without what makes it special."""
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": monitor.namespace,
            "labels": {**labels, **own_labels(monitor)},
        },
    }


def own_labels(monitor: ModelMonitor) -> Mapping[str, str]:
    """By which the objects of a monitor are found; nobody's labels take their place."""
    return {
        "app.kubernetes.io/name": "modelmonitor",
        "app.kubernetes.io/instance": monitor.name,
        "app.kubernetes.io/managed-by": "modelmonitor",
        LABEL_MONITOR: monitor.name,
    }


def selected_labels(monitor: ModelMonitor, settings: RenderSettings) -> Mapping[str, str]:
    """By which a Prometheus selects objects: the platform's, then the resource's."""
    return {**settings.labels, **monitor.prometheus_labels}


def object_name(monitor: ModelMonitor) -> str:
    """The name of the monitor's own objects."""
    return f"{monitor.name}{OBJECT_SUFFIX}"
