"""What stands around the workloads in a file: Services and network policies.

Both may speak of the app's port by its number, past the proxy.  A Service is mended where every pod
that it leads to has the name; the rest is told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelmonitor_cli.inject.watching import Watched
from modelmonitor_operator.inject.network_policies import stops_proxy
from modelmonitor_operator.inject.pods import Raw, app_ports, inner, sidecar_ports
from modelmonitor_operator.inject.services import (
    is_headless,
    leads_to,
    numbers_led_to,
    retargeted,
)


@dataclass(frozen=True, slots=True)
class Change:
    """An object as it is to be (the given one, where nothing changes), and what is said of it."""

    content: Mapping[str, Any]
    remarks: tuple[str, ...] = ()


def changed_service(
    service: Raw, monitored: Sequence[Watched], pods: Sequence[Raw], port: str
) -> Change:
    """The Service with `targetPort` by name; `pods` are all of the file, as they are to be."""
    apps = {one.app for one in monitored if leads_to(service, one.labels) and one.app is not None}
    if apps and is_headless(service):
        return Change(
            service,
            (
                "is headless: clients get the pods' addresses and pass the proxy by where they "
                f"say port {' or '.join(str(app) for app in sorted(apps))}; give them a Service "
                "with an address",
            ),
        )
    numbers = apps & set(numbers_led_to(service))
    nameless = [pod for pod in pods if _led_to(service, pod) and not _has_port(pod, port)]
    if numbers and nameless:
        return Change(service, (_left(numbers, port),))
    for number in numbers:
        service = retargeted(service, number, port)
    return Change(service, tuple(f"targetPort {one} is now {port}" for one in sorted(numbers)))


def policy_remarks(
    policy: Raw, monitored: Sequence[Watched], port: str, proxy: int
) -> Iterator[str]:
    """What is said of a network policy that would stop the proxy's traffic."""
    for one in monitored:
        for app in () if one.app is None else (one.app, port):
            if stops_proxy(policy, one.labels, app, proxy):
                yield (
                    f"allows port {app} and not {proxy}, where the traffic now arrives: "
                    f"add - port: {proxy}"
                )
                return


def _led_to(service: Raw, pod: Raw) -> bool:
    return leads_to(service, inner(pod, "metadata", "labels"))


def _has_port(pod: Raw, name: str) -> bool:
    return bool(app_ports(pod, name) or sidecar_ports(pod, name))


def _left(numbers: set[int], port: str) -> str:
    return (
        f"targetPort {', '.join(str(one) for one in sorted(numbers))} is left, past the proxy: it "
        f"also leads to pods without a port named {port}; name their port, then write "
        f"targetPort: {port}"
    )
