"""Reads what a reconcile needs to see, and makes one frozen World of it.

It decides nothing: what a fact means stands in `preflight` and `plan`.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from modelmonitor_api.errors import InputError
from modelmonitor_api.names import CONTAINER_PROXY, OBJECT_SUFFIX
from modelmonitor_api.spec_reading import parse_monitor
from modelmonitor_operator.cluster import Cluster, Query, Raw
from modelmonitor_operator.control.book import MonitorBook, key_of, selector_of
from modelmonitor_operator.control.inventory import Inventory
from modelmonitor_operator.control.library import Library
from modelmonitor_operator.control.neighbourhood import Lookout, Neighbourhood
from modelmonitor_operator.control.refusals import has_ended, refusal_of
from modelmonitor_operator.inject.pods import entries, image_of, inner
from modelmonitor_operator.inject.skips import OUR_CONTAINERS
from modelmonitor_operator.inject.workloads import pod_in
from modelmonitor_operator.kinds import GRAFANA_DASHBOARD, POD
from modelmonitor_operator.plan.baselines import config_maps
from modelmonitor_operator.world import LoadedBaseline, SeenBaseline, SeenPod, Workload, World

PAGE_PODS: Final = 100
_RUNNING: Final = "status.phase!=Succeeded,status.phase!=Failed"
_HOPELESS: Final = ("InvalidImageName", "ErrImageNeverPull")
_TRIED_AGAIN: Final = ("ErrImagePull", "ImagePullBackOff")
PULL_SECONDS: Final = 60.0
"""A registry that is away for a moment is no reason to stop watching."""


@dataclass(frozen=True, slots=True)
class Eyes:
    """Everything that is looked through; `book` and `inventory` are memories, fed by watches."""

    cluster: Cluster
    lookout: Lookout
    library: Library
    book: MonitorBook
    inventory: Inventory
    clock: Callable[[], float] = time.time
    """Seconds since 1970."""


async def observe(resource: Raw, eyes: Eyes) -> World:
    """The world around a monitor; ClusterError where a part of it cannot be seen."""
    key, selector = key_of(resource), selector_of(resource)
    around, neighbourhood, pods, baselines = await asyncio.gather(
        eyes.lookout.surroundings(),
        eyes.lookout.neighbourhood(key.namespace),
        _pods(eyes, key.namespace, selector),
        _baselines(resource, eyes.library),
    )
    told = eyes.inventory.bindings(key)
    return World(
        served=around.served,
        namespace_labels=neighbourhood.labels,
        namespace_ends=neighbourhood.ends,
        rivals=tuple(eyes.book.rivals(key, selector)),
        workloads=await _workloads(eyes.cluster, neighbourhood, selector),
        pods=pods,
        services=neighbourhood.services,
        network_policies=neighbourhood.network_policies,
        quotas=neighbourhood.quotas,
        limit_ranges=neighbourhood.limit_ranges,
        foreign_pod_monitors=around.pod_monitors,
        prometheuses=around.prometheuses,
        baselines=baselines,
        loaded=await _loaded(resource, baselines, eyes.library),
        owned=eyes.inventory.owned(key),
        bindings=tuple(one for one in told if one.kind != GRAFANA_DASHBOARD.name),
        grafana=tuple(one for one in told if one.kind == GRAFANA_DASHBOARD.name),
    )


async def _pods(eyes: Eyes, namespace: str, selector: Mapping[str, str]) -> tuple[SeenPod, ...]:
    """Page by page, so that a thousand pods are never there at once as a whole."""
    if not selector:
        return ()
    labels = ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
    query = Query(labels=labels, fields=_RUNNING, page_objects=PAGE_PODS)
    seen: list[SeenPod] = []
    async for page in eyes.cluster.pages(POD, namespace, query):
        now = eyes.clock()
        seen += [_pod(one, now) for one in page if "deletionTimestamp" not in one["metadata"]]
    return tuple(sorted(seen, key=lambda one: one.name))


def _pod(pod: Raw, now: float) -> SeenPod:
    metadata = pod["metadata"]
    owner: Raw = next(iter(entries(metadata, "ownerReferences")), {})
    return SeenPod(
        name=metadata["name"],
        raw={
            "metadata": {
                "labels": metadata.get("labels"),
                "annotations": metadata.get("annotations"),
            },
            "spec": pod["spec"],
        },
        owner_kind=owner.get("kind"),
        image=image_of(pod, CONTAINER_PROXY),
        stuck=_stuck(pod, now),
    )


def _stuck(pod: Raw, now: float) -> str | None:
    """Why the image of a sidecar cannot be had, and has not been had for some time."""
    for status in entries(inner(pod, "status"), "initContainerStatuses"):
        reason = inner(status, "state", "waiting").get("reason")
        if status.get("name") not in OUR_CONTAINERS:
            continue
        if reason in _HOPELESS or (reason in _TRIED_AGAIN and _age(pod, now) > PULL_SECONDS):
            return str(reason)
    return None


def _age(pod: Raw, now: float) -> float:
    """Seconds since the kubelet has begun with it."""
    begun = inner(pod, "status").get("startTime")
    return 0.0 if begun is None else now - datetime.fromisoformat(begun).timestamp()


async def _workloads(
    cluster: Cluster, neighbourhood: Neighbourhood, selector: Mapping[str, str]
) -> tuple[Workload, ...]:
    jobs = [one for one in neighbourhood.workloads if one["kind"] == "Job"]
    return tuple(
        [
            Workload(
                one["kind"],
                one["metadata"]["name"],
                pod_in(one),
                await refusal_of(cluster, one, jobs),
            )
            for one in _selected(neighbourhood.workloads, selector)
        ]
    )


def _selected(workloads: Sequence[Raw], selector: Mapping[str, str]) -> Iterator[Raw]:
    """What makes pods of a template that the monitor selects, and is not made by another such."""
    if not selector:
        return
    for one in workloads:
        owners = entries(one["metadata"], "ownerReferences")
        if any(owner.get("kind") == "CronJob" for owner in owners):
            continue
        if one["kind"] == "Job" and has_ended(one):
            continue
        if selector.items() <= inner(pod_in(one), "metadata", "labels").items():
            yield one


async def _baselines(resource: Raw, library: Library) -> Mapping[str, SeenBaseline]:
    """By name of the ConfigMap; none of a spec that cannot be read."""
    try:
        names = config_maps(parse_monitor(resource, strict=False))
    except InputError:
        return {}
    namespace = resource["metadata"]["namespace"]
    seen = await asyncio.gather(*(library.seen(namespace, name) for name in names))
    return dict(zip(names, seen, strict=True))


async def _loaded(
    resource: Raw, baselines: Mapping[str, SeenBaseline], library: Library
) -> Sequence[LoadedBaseline]:
    """Asked for only where a baseline is wrong, to keep the last one that was not."""
    if all(one.known is not None for one in baselines.values()):
        return ()
    metadata = resource["metadata"]
    return await library.loaded(metadata["namespace"], f"{metadata['name']}{OBJECT_SUFFIX}")
