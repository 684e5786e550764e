"""One workload of a file: is it the monitor's, and what it looks like with the sidecars."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final

from modelmonitor_api.names import PORT_NAME_APP
from modelmonitor_operator.inject.injection import Target, inject
from modelmonitor_operator.inject.naming import Named, named
from modelmonitor_operator.inject.pods import AppPort, Raw, app_ports, entries, inner
from modelmonitor_operator.inject.services import leads_to, numbers_led_to
from modelmonitor_operator.inject.settings import InjectionSettings
from modelmonitor_operator.inject.skips import Reason
from modelmonitor_operator.inject.workloads import pod_in, with_pod

NEWLY_NAMED: Final = "; apply it and wait for its rollout before Services that say the name"


@dataclass(frozen=True, slots=True)
class Watched:
    """A workload of the monitor, as it is to be, and what is said about it.

    `app` is the number of the app's port once the name leads to the proxy, None while it does not.
    """

    workload: Mapping[str, Any]
    labels: Raw
    remarks: tuple[str, ...]
    app: int | None = None


def watched(
    workload: Raw, services: Sequence[Raw], target: Target, settings: InjectionSettings
) -> Watched:
    """The workload with its port named, where that is clear, and with both sidecars."""
    pod = pod_in(workload)
    labels = inner(pod, "metadata", "labels")
    naming = named(pod, target.port, _served(services, labels))
    injection = inject(naming.pod, target, settings)
    if injection.skip is None:
        remarks = (*_naming_remarks(naming, target), *_remarks(injection.pod, target))
        new = with_pod(workload, injection.pod)
        return Watched(new, labels, remarks, _app_number(injection.pod))
    there = injection.skip.reason == Reason.ALREADY_INJECTED
    remark = f"left as it is: {injection.skip.message}"
    return Watched(workload, labels, (remark,), _app_number(pod) if there else None)


def _served(services: Sequence[Raw], labels: Raw) -> Set[int]:
    return {
        number
        for service in services
        if leads_to(service, labels)
        for number in numbers_led_to(service)
    }


def _app_number(pod: Raw) -> int | None:
    """Of the port that gave its name up."""
    ports = app_ports(pod, PORT_NAME_APP)
    return ports[0].number if ports else None


def _naming_remarks(naming: Named, target: Target) -> tuple[str, ...]:
    if naming.port is None:
        return ()
    return (f"port {naming.port.number}, which had no name, is now {target.port}{NEWLY_NAMED}",)


def _remarks(pod: Raw, target: Target) -> tuple[str, ...]:
    (port,) = app_ports(pod, PORT_NAME_APP)
    injected = f"both sidecars injected; port {target.port} leads through them to {port.number}"
    return (injected, *_host_port_remarks(pod, port))


def _host_port_remarks(pod: Raw, port: AppPort) -> tuple[str, ...]:
    container = entries(inner(pod, "spec"), "containers")[port.container]
    host_port = container["ports"][port.index].get("hostPort")
    if not host_port:
        return ()
    return (f"hostPort {host_port} leads to the app, past the proxy: use a Service instead",)
