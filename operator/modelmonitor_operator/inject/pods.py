"""A pod as a raw dictionary, looked at: its containers, and the port that is to be taken over.

A pod template of a workload has the same form and is called a pod here.  It refuses to change
anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelmonitor_api.names import LABEL_INJECT

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AppPort:
    """A container's port by its place in the pod."""

    container: int
    """Index in `spec.containers`."""
    index: int
    """Index in that container's `ports`."""
    number: int


def entries(mapping: Raw, key: str) -> Sequence[Any]:
    """A list that may be missing or null."""
    found: Sequence[Any] | None = mapping.get(key)
    return found or ()


def inner(mapping: Raw, *keys: str) -> Raw:
    """A mapping inside mappings, each of which may be missing or null."""
    for key in keys:
        mapping = mapping.get(key) or {}
    return mapping


def has_opted_out(pod: Raw) -> bool:
    """Its owner wants no sidecars, whatever a monitor says."""
    return inner(pod, "metadata", "labels").get(LABEL_INJECT) == "false"


def all_containers(pod: Raw) -> Iterator[Raw]:
    """The containers, then the init containers."""
    spec = inner(pod, "spec")
    yield from entries(spec, "containers")
    yield from entries(spec, "initContainers")


def image_of(pod: Raw, sidecar: str) -> str | None:
    """The image of an init container; None where there is none of this name."""
    for container in entries(inner(pod, "spec"), "initContainers"):
        if container.get("name") == sidecar:
            return str(container["image"])
    return None


def app_ports(pod: Raw, name: str) -> list[AppPort]:
    """All TCP ports of that name in `spec.containers`."""
    return [
        AppPort(at, index, port["containerPort"])
        for at, container in enumerate(entries(inner(pod, "spec"), "containers"))
        for index, port in enumerate(entries(container, "ports"))
        if port.get("name") == name and is_tcp(port)
    ]


def sidecar_ports(pod: Raw, name: str) -> list[int]:
    """The same in sidecars that are init containers: Services find those, too."""
    return [
        port["containerPort"]
        for container in entries(inner(pod, "spec"), "initContainers")
        if container.get("restartPolicy") == "Always"
        for port in entries(container, "ports")
        if port.get("name") == name and is_tcp(port)
    ]


def is_tcp(port: Raw) -> bool:
    """The protocol where none is written."""
    return (port.get("protocol") or "TCP") == "TCP"
