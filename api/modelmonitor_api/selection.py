"""What a monitor needs in a cluster and not on one machine: pods, a port, a name that fits.

`modelmonitor run` does without; the operator and whoever writes objects for a cluster do not.
"""

from modelmonitor_api.errors import SpecError
from modelmonitor_api.grammar import is_service_name
from modelmonitor_api.spec import ModelMonitor


def check_selection(monitor: ModelMonitor) -> None:
    """SpecError names what a cluster would miss, as the API server does."""
    if not monitor.selector:
        raise SpecError(
            "spec.selector.matchLabels",
            "is missing; a cluster needs at least one label of the pods, e.g. {app: churn}",
        )
    if not monitor.ports:
        raise SpecError(
            "spec.ports", "is missing; a cluster needs the name of the container port, e.g. [http]"
        )
    if monitor.routing == "MonitoredService" and not is_service_name(monitor.name):
        raise SpecError(
            "metadata.name",
            f"is {monitor.name!r}; with spec.routing MonitoredService it becomes a Service's name: "
            "it must begin with a letter and have no dots",
        )
