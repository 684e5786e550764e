"""`inject`: the pod with the sidecar pair in it.  One pure function.

The admission policy does the same inside the API server, from the same templates; a corpus of pods
holds both together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelmonitor_api.names import (
    ANNOTATION_INJECTED,
    LABEL_MONITOR,
    OBJECT_SUFFIX,
    PORT_NAME_APP,
)
from modelmonitor_api.spec import SidecarSize
from modelmonitor_operator.inject.pods import AppPort, Raw, app_ports, entries
from modelmonitor_operator.inject.references import numbered
from modelmonitor_operator.inject.scraping import is_scraped_otherwise, scrape_annotations
from modelmonitor_operator.inject.settings import InjectionSettings
from modelmonitor_operator.inject.sidecars import sidecar_containers, sidecar_volumes
from modelmonitor_operator.inject.skips import Skip, skipped
from modelmonitor_operator.inject.template import Slot, filled


@dataclass(frozen=True, slots=True)
class Target:
    """What a monitor says about the pods that it selects."""

    monitor: str
    """Its name, at most 50 characters."""
    port: str
    """The name of the container port on which the model is served."""
    size: SidecarSize = "Small"


@dataclass(frozen=True, slots=True)
class Injection:
    """The pod, and why it was left as it is (None: it was not)."""

    pod: dict[str, Any]
    skip: Skip | None = None


def inject(pod: Raw, target: Target, settings: InjectionSettings) -> Injection:
    """The pod (or pod template) with both sidecars, or as it is and why.

    What it does not know it keeps.  The given pod is not changed; the new one shares with it what
    is equal.  A second time changes nothing.
    """
    skip = skipped(pod, target.port, settings)
    if skip is not None:
        return Injection(dict(pod), skip)
    (port,) = app_ports(pod, target.port)
    return Injection(
        {
            **pod,
            "metadata": _marked(pod.get("metadata") or {}, target, port, settings),
            "spec": _joined(pod["spec"], target, port, settings),
        }
    )


def _marked(
    metadata: Raw, target: Target, port: AppPort, settings: InjectionSettings
) -> dict[str, Any]:
    """The label and annotations by which Prometheus finds the pod, and what was taken over."""
    labels = {**(metadata.get("labels") or {}), LABEL_MONITOR: target.monitor}
    own = metadata.get("annotations") or {}
    annotations = {
        **own,
        ANNOTATION_INJECTED: f"{target.port}:{port.number}",
        **({} if is_scraped_otherwise(own) else scrape_annotations(settings)),
    }
    return {**metadata, "labels": labels, "annotations": annotations}


def _joined(
    spec: Raw, target: Target, port: AppPort, settings: InjectionSettings
) -> dict[str, Any]:
    """Sidecars last of the init containers: what prepares the app needs no proxy."""
    texts = _texts(target, port)
    sidecars = filled(sidecar_containers(settings), texts, target.size)
    volumes = filled(sidecar_volumes(), texts, target.size)
    containers = [
        _renamed(one, target.port, port) if at == port.container else one
        for at, one in enumerate(spec["containers"])
    ]
    return {
        **spec,
        "initContainers": [*entries(spec, "initContainers"), *sidecars],
        "containers": containers,
        "volumes": [*entries(spec, "volumes"), *volumes],
    }


def _texts(target: Target, port: AppPort) -> Mapping[Slot, str]:
    return {
        Slot.MONITOR: target.monitor,
        Slot.CONFIG_MAP: f"{target.monitor}{OBJECT_SUFFIX}",
        Slot.PORT: target.port,
        Slot.UPSTREAM: str(port.number),
    }


def _renamed(container: Raw, name: str, port: AppPort) -> dict[str, Any]:
    """The app gives up its port's name: with two of a name, Services would lead to the app."""
    ports = [
        {**one, "name": PORT_NAME_APP} if index == port.index else one
        for index, one in enumerate(container["ports"])
    ]
    return {**numbered(container, name, port.number), "ports": ports}
