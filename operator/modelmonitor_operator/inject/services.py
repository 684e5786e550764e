"""Services that lead to a pod: which of them reach it by number, past the proxy.

The name of a port moves to the proxy, its number stays with the app.  So a Service must say the
name.  A Service without an address of its own leads nobody: its clients get the pods' addresses and
take whatever port they know.
"""

from collections.abc import Iterator
from typing import Any

from modelmonitor_operator.inject.pods import Raw, entries, inner, is_tcp


def leads_to(service: Raw, labels: Raw) -> bool:
    """Whether the Service selects pods with these labels."""
    selector = inner(service, "spec", "selector")
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def is_headless(service: Raw) -> bool:
    """Whether its clients are given the addresses of pods."""
    return inner(service, "spec").get("clusterIP") == "None"


def numbers_led_to(service: Raw) -> Iterator[int]:
    """The numbers of container ports that it reaches by number."""
    for port in entries(inner(service, "spec"), "ports"):
        target = _target(port)
        if isinstance(target, int) and is_tcp(port):
            yield target


def reaches(service: Raw, name: str, proxy: int) -> bool:
    """Whether it leads to the port of this name, or by number to the proxy's own."""
    ports = entries(inner(service, "spec"), "ports")
    return any(_target(port) in (name, proxy) and is_tcp(port) for port in ports)


def retargeted(service: Raw, number: int, name: str) -> dict[str, Any]:
    """The Service with `targetPort: name` wherever it led to `number`."""
    ports = [
        {**port, "targetPort": name} if _target(port) == number and is_tcp(port) else port
        for port in entries(inner(service, "spec"), "ports")
    ]
    return {**service, "spec": {**service["spec"], "ports": ports}}


def _target(port: Raw) -> object:
    """Without a `targetPort` it is the Service's own number."""
    return port.get("targetPort") or port.get("port")
