"""Whether the sidecars can take over the port of what the monitor selects."""

from collections.abc import Iterator
from typing import Final

from modelmonitor_api.names import PORT_NAME_APP
from modelmonitor_operator.inject.pods import Raw, app_ports, has_opted_out
from modelmonitor_operator.inject.skips import Reason, skipped
from modelmonitor_operator.preflight.problem import Problem, Situation

WELL_KNOWN_OWNERS: Final = ("ReplicaSet", "StatefulSet", "DaemonSet", "Job")
_HARMLESS: Final = (Reason.ALREADY_INJECTED, Reason.OPTED_OUT)


def pods_can_be_injected(situation: Situation) -> Problem | None:
    """The first pod or template that could not take the sidecars, by its name."""
    (port,) = situation.monitor.ports
    for what, pod in targets(situation):
        skip = skipped(pod, port, situation.settings.injection)
        if skip is not None and skip.reason not in _HARMLESS:
            return Problem(skip.reason.value, f"{what}: {skip.message}")
    return None


def targets(situation: Situation) -> Iterator[tuple[str, Raw]]:
    """Templates, and pods that come from none, without those that opted out; each with a name.

    A pod of a workload says nothing that its template does not say, and may be of an older one.
    """
    for workload in situation.world.workloads:
        if not has_opted_out(workload.template):
            yield f"{workload.kind} {workload.name}", workload.template
    templates = bool(situation.world.workloads)
    for pod in situation.world.pods:
        if not (templates and pod.owner_kind in WELL_KNOWN_OWNERS) and not has_opted_out(pod.raw):
            yield f"Pod {pod.name}", pod.raw


def app_number(pod: Raw, port: str) -> int | None:
    """The number on which the app itself listens, injected or not."""
    for found in (app_ports(pod, PORT_NAME_APP), app_ports(pod, port)):
        if found:
            return found[0].number
    return None
