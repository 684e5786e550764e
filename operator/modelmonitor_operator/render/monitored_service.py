"""The Service of who cannot change the one that clients use: it leads to the port by its name.

In a pod with sidecars that is the proxy, in one without the app, so it serves with both.
"""

from modelmonitor_api.spec import ModelMonitor
from modelmonitor_operator.render.manifest import Manifest, manifest


def monitored_service(monitor: ModelMonitor, number: int) -> Manifest:
    """`number` is the Service's own port, best the app's."""
    (port,) = monitor.ports
    return {
        **manifest("v1", "Service", monitored_name(monitor), monitor, {}),
        "spec": {
            "selector": dict(monitor.selector),
            "ports": [{"name": port, "port": number, "targetPort": port, "protocol": "TCP"}],
        },
    }


def monitored_name(monitor: ModelMonitor) -> str:
    """Where its clients send requests."""
    return f"{monitor.name}-monitored"
