"""Static injection: objects in, objects out, and what was done to each.

The pods come out as the admission policy would make them; on those it later finds nothing to do.
It refuses to know files.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from modelmonitor_api.spec import ModelMonitor
from modelmonitor_cli.inject.checking import NETWORK_POLICY, SERVICE
from modelmonitor_cli.inject.surroundings import Change, changed_service, policy_remarks
from modelmonitor_cli.inject.watching import Watched, watched
from modelmonitor_operator.inject.injection import Target
from modelmonitor_operator.inject.pods import Raw, inner
from modelmonitor_operator.inject.settings import InjectionSettings
from modelmonitor_operator.inject.workloads import POD_PLACES, pod_in

LIST: Final = "List"


@dataclass(frozen=True, slots=True)
class Injected:
    """One change for each object, in their order, and how many workloads are watched now."""

    changes: tuple[Change, ...]
    watched: int


def statically_injected(
    objects: Sequence[Raw], monitor: ModelMonitor, settings: InjectionSettings
) -> Injected:
    """The objects with the sidecars in the monitor's workloads; `monitor.ports` must not be empty.

    Objects of which nothing changes come back as they are: the same, not equal ones.
    """
    target = Target(monitor.name, monitor.ports[0], monitor.sidecar_size)
    here = [one for one in objects if not _is_elsewhere(one, monitor)]
    services = [one for one in here if one.get("kind") == SERVICE]
    found = {
        id(one): watched(one, services, target, settings) for one in here if _selected(one, monitor)
    }
    pods = list(_pods(here, found))
    around = _Around(tuple(found.values()), pods, target.port, settings.ports.proxy)
    changes = tuple(_change(one, found.get(id(one)), around, monitor) for one in objects)
    return Injected(changes, sum(one.app is not None for one in found.values()))


@dataclass(frozen=True, slots=True)
class _Around:
    """What the objects around the workloads are held against."""

    monitored: tuple[Watched, ...]
    pods: Sequence[Raw]
    port: str
    proxy: int


def _change(one: Raw, found: Watched | None, around: _Around, monitor: ModelMonitor) -> Change:
    kind = one.get("kind")
    if found is not None:
        return Change(found.workload, found.remarks)
    if _is_elsewhere(one, monitor):
        return Change(one, _namespace_remarks(one, monitor))
    if kind in POD_PLACES:
        return Change(
            one, (f"is not selected by the monitor: its pods lack {_missing(one, monitor)}",)
        )
    if kind == SERVICE and monitor.routing == "NamedPort":
        return changed_service(one, around.monitored, around.pods, around.port)
    if kind == NETWORK_POLICY:
        remarks = policy_remarks(one, around.monitored, around.port, around.proxy)
        return Change(one, tuple(remarks))
    return Change(one, (_LIST_REMARK,) if kind == LIST else ())


_LIST_REMARK: Final = "is left as it is: write its items as documents of their own"


def _pods(objects: Sequence[Raw], found: Mapping[int, Watched]) -> Iterator[Raw]:
    for one in objects:
        if one.get("kind") in POD_PLACES:
            new = found.get(id(one))
            yield pod_in(one if new is None else new.workload)


def _selected(one: Raw, monitor: ModelMonitor) -> bool:
    return one.get("kind") in POD_PLACES and not _missing(one, monitor)


def _missing(workload: Raw, monitor: ModelMonitor) -> str:
    """The labels of the selector that the pods have not."""
    labels: Mapping[str, Any] = inner(pod_in(workload), "metadata", "labels")
    wanted = monitor.selector.items()
    return ", ".join(f"{key}: {value}" for key, value in wanted if labels.get(key) != value)


def _is_elsewhere(one: Raw, monitor: ModelMonitor) -> bool:
    """An object without a namespace goes where the monitor is."""
    return inner(one, "metadata").get("namespace") not in (None, monitor.namespace)


def _namespace_remarks(one: Raw, monitor: ModelMonitor) -> tuple[str, ...]:
    """Only what could have been watched is worth a word."""
    if one.get("kind") not in POD_PLACES:
        return ()
    namespace = inner(one, "metadata")["namespace"]
    return (f"is in namespace {namespace}, the monitor is in {monitor.namespace}: left as it is",)
