"""Whether traffic that comes to the pods comes to the proxy.

The port's name moves to the proxy, its number stays with the app.
"""

from collections.abc import Iterator

from modelmonitor_operator.inject.network_policies import stops_proxy
from modelmonitor_operator.inject.pods import Raw, inner
from modelmonitor_operator.inject.services import is_headless, leads_to, numbers_led_to, reaches
from modelmonitor_operator.preflight.pods import app_number, targets
from modelmonitor_operator.preflight.problem import Problem, Situation


def services_use_names(situation: Situation) -> Problem | None:
    """A Service with the app's number goes past the proxy."""
    if situation.monitor.routing == "MonitoredService":
        return None
    (port,) = situation.monitor.ports
    for service, number in led_services(situation):
        if number is not None and number in numbers_led_to(service):
            name = service["metadata"]["name"]
            return Problem(
                "TargetPortNumber",
                f"Service {name} sends to port {number} by number, past the proxy: "
                f"set targetPort to {port}",
            )
    return None


def services_have_addresses(situation: Situation) -> Problem | None:
    """Clients of a headless Service get the pods' addresses and take the app's number."""
    if situation.monitor.routing == "MonitoredService":
        return None
    for service, _ in led_services(situation):
        if is_headless(service):
            name = service["metadata"]["name"]
            return Problem(
                "HeadlessService",
                f"Service {name} is headless, so its clients go to the pods' own port, past the "
                "proxy: give it a clusterIP, or set spec.routing to MonitoredService",
            )
    return None


def network_policies_let_pass(situation: Situation) -> Problem | None:
    """What says the app's number or name may stop what now arrives at the proxy's."""
    proxy = situation.settings.injection.ports.proxy
    for policy in situation.world.network_policies:
        app = next(_stopped(policy, situation), None)
        if app is not None:
            return Problem(
                "NetworkPolicy",
                f"NetworkPolicy {policy['metadata']['name']} allows port {app} and not "
                f"{proxy}, where the proxy listens: add {proxy} beside it",
            )
    return None


def _stopped(policy: Raw, situation: Situation) -> Iterator[int | str]:
    (port,) = situation.monitor.ports
    for _, pod, number in _numbered(situation):
        labels = inner(pod, "metadata", "labels")
        for app in () if number is None else (number, port):
            if stops_proxy(policy, labels, app, situation.settings.injection.ports.proxy):
                yield app


def services_reach_proxy(situation: Situation) -> bool:
    """At least one of those that lead to the pods leads to their proxy."""
    (port,) = situation.monitor.ports
    proxy = situation.settings.injection.ports.proxy
    return any(reaches(service, port, proxy) for service, _ in led_services(situation))


def led_services(situation: Situation) -> Iterator[tuple[Raw, int | None]]:
    """Each Service that leads to a target, with the app's number there."""
    for _, pod, number in _numbered(situation):
        labels = inner(pod, "metadata", "labels")
        for service in situation.world.services:
            if leads_to(service, labels):
                yield service, number


def _numbered(situation: Situation) -> Iterator[tuple[str, Raw, int | None]]:
    (port,) = situation.monitor.ports
    for what, pod in targets(situation):
        yield what, pod, app_number(pod, port)
