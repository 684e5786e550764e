"""Gives an unnamed container port the name that the monitor asks for, where it is clear which.

It refuses to guess: where two could be meant, none is named.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Any

from modelmonitor_operator.inject.pods import (
    AppPort,
    Raw,
    app_ports,
    entries,
    inner,
    is_tcp,
    sidecar_ports,
)


@dataclass(frozen=True, slots=True)
class Named:
    """The pod, and the port that got its name just now (None: none had to, or could)."""

    pod: Raw
    port: AppPort | None = None


def named(pod: Raw, name: str, served: Set[int]) -> Named:
    """Name the only unnamed TCP port; of several, the only one among the numbers in `served`.

    `served` are the numbers that Services lead to.
    """
    if app_ports(pod, name) or sidecar_ports(pod, name):
        return Named(pod)
    unnamed = list(_unnamed(pod))
    led_to = [port for port in unnamed if port.number in served]
    for candidates in (unnamed, led_to):
        if len(candidates) == 1:
            return Named(_with_name(pod, candidates[0], name), candidates[0])
    return Named(pod)


def _unnamed(pod: Raw) -> Iterator[AppPort]:
    for at, container in enumerate(entries(inner(pod, "spec"), "containers")):
        for index, port in enumerate(entries(container, "ports")):
            if not port.get("name") and is_tcp(port):
                yield AppPort(at, index, port["containerPort"])


def _with_name(pod: Raw, port: AppPort, name: str) -> dict[str, Any]:
    containers = list(pod["spec"]["containers"])
    ports = list(containers[port.container]["ports"])
    ports[port.index] = {**ports[port.index], "name": name}
    containers[port.container] = {**containers[port.container], "ports": ports}
    return {**pod, "spec": {**pod["spec"], "containers": containers}}
