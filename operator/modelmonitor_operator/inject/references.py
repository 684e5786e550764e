"""Who in a container speaks of a port by its name: probes and lifecycle hooks.

Kubernetes looks such a name up in the container that has the probe.  Once the port is renamed, the
name leads nowhere, and the container would never be ready; so it becomes the number.  The `host` of
a probe is left alone: Pod Security forbids to set it.
"""

from collections.abc import Mapping
from typing import Any, Final

HANDLERS: Final = ("httpGet", "tcpSocket")
"""gRPC probes have a number only, commands no port."""
PLACES: Final = tuple(
    (*where, handler)
    for where in (
        ("readinessProbe",),
        ("livenessProbe",),
        ("startupProbe",),
        ("lifecycle", "preStop"),
        ("lifecycle", "postStart"),
    )
    for handler in HANDLERS
)
"""Ways from a container to what has a `port`."""


def numbered(container: Mapping[str, Any], name: str, number: int) -> dict[str, Any]:
    """The container with every reference to port `name` replaced by `number`.

    >>> numbered({"livenessProbe": {"tcpSocket": {"port": "http"}}}, "http", 8080)
    {'livenessProbe': {'tcpSocket': {'port': 8080}}}
    """
    changed = dict(container)
    for place in PLACES:
        changed = _with_number(changed, place, name, number)
    return changed


def _with_number(
    mapping: Mapping[str, Any], place: tuple[str, ...], name: str, number: int
) -> dict[str, Any]:
    """A copy along the way that leads to the reference, where there is one."""
    if not place:
        return {**mapping, "port": number} if mapping.get("port") == name else dict(mapping)
    key, *rest = place
    if not mapping.get(key):
        return dict(mapping)
    return {**mapping, key: _with_number(mapping[key], tuple(rest), name, number)}
