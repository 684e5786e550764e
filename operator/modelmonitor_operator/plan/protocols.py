"""Whether the model server is said to speak something that the proxy forwards without reading.

The operator sees no traffic.  It knows what Services and probes declare; what they keep silent
about only the proxy finds out (`modelmonitor_connections_total`, by protocol).
"""

from collections.abc import Iterator
from typing import Final

from modelmonitor_operator.inject.pods import Raw, entries, inner
from modelmonitor_operator.preflight.pods import app_number, targets
from modelmonitor_operator.preflight.problem import Situation
from modelmonitor_operator.preflight.traffic import led_services

OPAQUE: Final = (
    "grpc", "grpcs", "h2c", "http2", "https", "kubernetes.io/h2c", "kubernetes.io/wss", "tls",
)  # fmt: skip
"""Values of `appProtocol` for HTTP/2, gRPC and TLS that ends in the model server."""
_PROBES: Final = ("startupProbe", "readinessProbe", "livenessProbe")


def declared_opaque(situation: Situation) -> str | None:
    """Who says so, and what; None: nobody does."""
    return next(_declarations(situation), None)


def _declarations(situation: Situation) -> Iterator[str]:
    (port,) = situation.monitor.ports
    for service, number in led_services(situation):
        for one in entries(inner(service, "spec"), "ports"):
            protocol = str(one.get("appProtocol") or "").lower()
            if protocol in OPAQUE and one.get("targetPort", one.get("port")) in (port, number):
                yield f"Service {service['metadata']['name']} says appProtocol {protocol}"
    for what, pod in targets(situation):
        for probe, way in _probes(pod):
            if way.get("port") in (port, app_number(pod, port)):
                yield f"{what} has a {probe} by {'HTTPS' if 'scheme' in way else 'gRPC'}"


def _probes(pod: Raw) -> Iterator[tuple[str, Raw]]:
    """Those that speak TLS or gRPC."""
    for container in entries(inner(pod, "spec"), "containers"):
        for name in _PROBES:
            probe = inner(container, name)
            http, grpc = inner(probe, "httpGet"), inner(probe, "grpc")
            if http.get("scheme") == "HTTPS":
                yield name, http
            if grpc:
                yield name, grpc
