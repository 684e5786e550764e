"""When a pod is left as it is, and what its owner is told.

A pod that would be refused, or would not come up, with the sidecars in it is worth more than its
statistics.  It refuses to know Services, namespaces and quotas: those are seen before arming.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from modelmonitor_api.names import (
    CONTAINER_COLLECTOR,
    CONTAINER_PROXY,
    LABEL_INJECT,
    PORT_NAME_APP,
    PORT_NAME_COLLECTOR,
    PORT_NAME_PROXY,
)
from modelmonitor_operator.inject.pods import (
    Raw,
    all_containers,
    app_ports,
    entries,
    has_opted_out,
    inner,
    sidecar_ports,
)
from modelmonitor_operator.inject.settings import InjectionSettings
from modelmonitor_operator.inject.sidecars import VOLUMES

OUR_CONTAINERS: Final = (CONTAINER_COLLECTOR, CONTAINER_PROXY)
OUR_PORT_NAMES: Final = (PORT_NAME_APP, PORT_NAME_PROXY, PORT_NAME_COLLECTOR)
MIRROR_ANNOTATION: Final = "kubernetes.io/config.mirror"
OS_LABEL: Final = "kubernetes.io/os"


class Reason(StrEnum):
    """Why a pod is not injected; in the order of looking."""

    OPTED_OUT = "OptedOut"
    ALREADY_INJECTED = "AlreadyInjected"
    MIRROR_POD = "MirrorPod"
    HOST_NETWORK = "HostNetwork"
    WINDOWS = "Windows"
    POD_RESOURCES = "PodResources"
    NAMES_TAKEN = "NamesTaken"
    PORTS_TAKEN = "PortsTaken"
    PORT_MISSING = "PortMissing"
    PORT_AMBIGUOUS = "PortAmbiguous"


@dataclass(frozen=True, slots=True)
class Skip:
    """A reason, and one sentence that says what to do."""

    reason: Reason
    message: str


def skipped(pod: Raw, port: str, settings: InjectionSettings) -> Skip | None:
    """Why the sidecars cannot take over port `port` of this pod; None: they can."""
    for reason, applies, message in _REASONS:
        if applies(pod, port, settings):
            return Skip(reason, message.format(port=port, found=_found(pod), **_WORDS))
    return None


def _opted_out(pod: Raw, port: str, settings: InjectionSettings) -> bool:
    return has_opted_out(pod)


def _already_injected(pod: Raw, port: str, settings: InjectionSettings) -> bool:
    return any(one.get("name") in OUR_CONTAINERS for one in all_containers(pod))


def _mirror_pod(pod: Raw, port: str, settings: InjectionSettings) -> bool:
    return MIRROR_ANNOTATION in inner(pod, "metadata", "annotations")


def _host_network(pod: Raw, port: str, settings: InjectionSettings) -> bool:
    return bool(inner(pod, "spec").get("hostNetwork"))


def _windows(pod: Raw, port: str, settings: InjectionSettings) -> bool:
    declared = inner(pod, "spec", "os").get("name")
    return "windows" in (declared, inner(pod, "spec", "nodeSelector").get(OS_LABEL))


def _pod_resources(pod: Raw, port: str, settings: InjectionSettings) -> bool:
    return inner(pod, "spec").get("resources") is not None


def _names_taken(pod: Raw, port: str, settings: InjectionSettings) -> bool:
    volumes = {volume.get("name") for volume in entries(inner(pod, "spec"), "volumes")}
    ports = {one.get("name") for one in _all_ports(pod)}
    return bool(volumes & {*VOLUMES} or ports & {*OUR_PORT_NAMES})


def _ports_taken(pod: Raw, port: str, settings: InjectionSettings) -> bool:
    return any(one.get("containerPort") in settings.ports.all() for one in _all_ports(pod))


def _port_missing(pod: Raw, port: str, settings: InjectionSettings) -> bool:
    return not app_ports(pod, port)


def _port_ambiguous(pod: Raw, port: str, settings: InjectionSettings) -> bool:
    return len(app_ports(pod, port)) + len(sidecar_ports(pod, port)) > 1


def _all_ports(pod: Raw) -> Iterator[Raw]:
    for container in all_containers(pod):
        yield from entries(container, "ports")


def _found(pod: Raw) -> str:
    names = sorted({one["name"] for one in _all_ports(pod) if one.get("name")})
    return ", ".join(names) or "none"


_WORDS: Final = {
    "label": LABEL_INJECT,
    "names": ", ".join((*VOLUMES, *OUR_PORT_NAMES)),
}

_REASONS: Final[tuple[tuple[Reason, Callable[[Raw, str, InjectionSettings], bool], str], ...]] = (
    (
        Reason.OPTED_OUT, _opted_out,
        'the pod bears the label {label}: "false"; take it off to have it watched',
    ),
    (
        Reason.ALREADY_INJECTED, _already_injected,
        "the sidecars are in it already; nothing is to be done",
    ),
    (
        Reason.MIRROR_POD, _mirror_pod,
        "it is the mirror of a static pod, which only its file on the node can change; "
        "run the model server as a Deployment",
    ),
    (
        Reason.HOST_NETWORK, _host_network,
        "it uses the node's network, where the sidecars' ports would clash; "
        "take hostNetwork off",
    ),
    (
        Reason.WINDOWS, _windows,
        "it runs on Windows, for which there are no sidecars; run it on Linux",
    ),
    (
        Reason.POD_RESOURCES, _pod_resources,
        "spec.resources bounds the pod as a whole and has no room for the sidecars; "
        "give each container its resources",
    ),
    (
        Reason.NAMES_TAKEN, _names_taken,
        "a volume or port bears one of the names {names}; rename it",
    ),
    (
        Reason.PORTS_TAKEN, _ports_taken,
        "a container listens on a port of the sidecars; "
        "move it, or change sidecar.ports in the chart's values",
    ),
    (
        Reason.PORT_MISSING, _port_missing,
        "no container has a TCP port named {port} (names found: {found}); "
        "name the port in the pod, or put its name into spec.ports of the monitor",
    ),
    (
        Reason.PORT_AMBIGUOUS, _port_ambiguous,
        "two containers have a port named {port}, so it is unclear which serves; rename one",
    ),
)  # fmt: skip
