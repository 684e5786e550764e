"""Whether Prometheus gets the sidecars' numbers once: two PodMonitors double every sum."""

from typing import Final

from modelmonitor_api.names import (
    LABEL_MONITOR,
    OBJECT_SUFFIX,
    PORT_NAME_COLLECTOR,
    PORT_NAME_PROXY,
)
from modelmonitor_operator.inject.pods import Raw, entries, inner
from modelmonitor_operator.inject.selectors import selects
from modelmonitor_operator.preflight.problem import Problem, Situation

_PORTS: Final = (PORT_NAME_PROXY, PORT_NAME_COLLECTOR)


def scraped_once(situation: Situation) -> Problem | None:
    """Somebody else's PodMonitor that scrapes the sidecars' ports of the same pods."""
    mark = {LABEL_MONITOR: situation.monitor.name}
    seen = [one.template for one in situation.world.workloads]
    seen += [one.raw for one in situation.world.pods]
    ports = situation.settings.injection.ports
    numbers = (ports.admin, ports.collector)
    others = [one for one in situation.world.foreign_pod_monitors if not _is_own(one, situation)]
    for labels in [mark, *({**inner(one, "metadata", "labels"), **mark} for one in seen)]:
        for other in others:
            if _scrapes(other, numbers) and _selects(other, labels, situation.monitor.namespace):
                metadata = other["metadata"]
                return Problem(
                    "ScrapedTwice",
                    f"PodMonitor {metadata['namespace']}/{metadata['name']} scrapes the sidecars, "
                    "too, which doubles all counts: delete it, or take its endpoints "
                    f"{' and '.join(_PORTS)} out",
                )
    return None


def _is_own(pod_monitor: Raw, situation: Situation) -> bool:
    """What `modelmonitor render` made has the name of the operator's own, and becomes that."""
    monitor, metadata = situation.monitor, pod_monitor["metadata"]
    place = (monitor.namespace, f"{monitor.name}{OBJECT_SUFFIX}")
    makes_one = situation.settings.render.scrape_by == "PodMonitor"
    return makes_one and (metadata["namespace"], metadata["name"]) == place


def _scrapes(pod_monitor: Raw, numbers: tuple[int, ...]) -> bool:
    """A port may be said by its name or its number, in three fields."""
    ours = (*_PORTS, *numbers)
    return any(
        one.get(field) in ours
        for one in entries(inner(pod_monitor, "spec"), "podMetricsEndpoints")
        for field in ("port", "portNumber", "targetPort")
    )


def _selects(pod_monitor: Raw, labels: Raw, namespace: str) -> bool:
    selector = inner(pod_monitor, "spec", "selector")
    return selects(selector, labels) and _looks_at(pod_monitor, namespace)


def _looks_at(pod_monitor: Raw, namespace: str) -> bool:
    """Without a selector of namespaces it is its own."""
    where = inner(pod_monitor, "spec", "namespaceSelector")
    if where.get("any"):
        return True
    return namespace in (entries(where, "matchNames") or (pod_monitor["metadata"]["namespace"],))
