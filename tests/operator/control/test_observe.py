"""What of a cluster becomes a fact of the world, and what is left out."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from modelmonitor_operator.cluster import ForbiddenError, Raw, UnavailableError
from modelmonitor_operator.control.neighbourhood import (
    FRESH_SECONDS,
    LONGEST_FRESH_SECONDS,
    Lookout,
)
from modelmonitor_operator.control.observe import observe
from modelmonitor_operator.kinds import (
    DEPLOYMENT,
    POD_MONITOR,
    PROMETHEUS,
    Reference,
)
from modelmonitor_operator.testing_cluster import FakeCluster
from modelmonitor_operator.testing_monitors import (
    Desk,
    deployment,
    monitor,
    pod,
    pod_template,
)
from modelmonitor_operator.world import Refusal, World


async def world(cluster: FakeCluster, resource: Raw | None = None) -> World:
    return await observe(resource or monitor(), Desk(cluster).reconcile.eyes)


def job(owner: str | None) -> dict[str, Any]:
    owners = [{"kind": owner, "name": "nightly", "uid": "1"}] if owner else []
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "batch", "namespace": "team-a", "ownerReferences": owners},
        "spec": {"template": pod_template()},
    }


async def test_only_workloads_whose_pods_are_selected_are_seen() -> None:
    other = deployment("shop", pod_template({"app": "shop"}))

    seen = await world(FakeCluster(deployment(), other))

    assert [(one.kind, one.name) for one in seen.workloads] == [("Deployment", "churn")]


async def test_a_job_that_a_cron_job_made_is_not_seen_beside_it() -> None:
    assert [one.kind for one in (await world(FakeCluster(job(None)))).workloads] == ["Job"]
    assert (await world(FakeCluster(job("CronJob")))).workloads == ()


@pytest.mark.parametrize("end", ["Complete", "Failed"])
async def test_a_job_that_has_ended_makes_no_pods_and_is_not_seen(end: str) -> None:
    ended, running = job(None), job(None)
    for one, status in ((ended, "True"), (running, "False")):
        one["status"] = {"conditions": [{"type": end, "status": status}]}

    assert (await world(FakeCluster(ended))).workloads == ()
    assert len((await world(FakeCluster(running))).workloads) == 1


async def test_a_deployment_that_cannot_make_pods_says_why() -> None:
    stuck = deployment()
    failure = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota: tight"}
    stuck["status"] = {"conditions": [failure]}

    (seen,) = (await world(FakeCluster(stuck))).workloads

    assert seen.refused == Refusal("exceeded quota: tight")


async def test_a_deployment_says_since_when_it_cannot_make_pods() -> None:
    since, stuck = "2026-11-26T11:00:00Z", deployment()
    failure = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate"}
    stuck["status"] = {"conditions": [{**failure, "lastUpdateTime": since}]}

    (seen,) = (await world(FakeCluster(stuck))).workloads

    assert seen.refused == Refusal("FailedCreate", since)
    assert seen.refused.is_before("2026-11-26T12:00:00Z")


async def test_a_stateful_set_without_its_pods_says_why_by_its_events() -> None:
    stuck = {**deployment(), "kind": "StatefulSet"}
    stuck["metadata"]["uid"] = "1"
    told = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "churn.1", "namespace": "team-a"},
        "involvedObject": {"kind": "StatefulSet", "name": "churn", "uid": "1"},
        "reason": "FailedCreate",
        "message": "exceeded quota: tight",
        "lastTimestamp": "2026-11-26T12:00:00Z",
    }

    (seen,) = (await world(FakeCluster(stuck, told))).workloads

    assert seen.refused == Refusal("exceeded quota: tight", "2026-11-26T12:00:00Z")


async def test_limit_ranges_of_the_namespace_are_seen() -> None:
    ours, others = (
        {
            "apiVersion": "v1",
            "kind": "LimitRange",
            "metadata": {"name": "tight", "namespace": namespace},
        }
        for namespace in ("team-a", "team-b")
    )

    seen = (await world(FakeCluster(ours, others))).limit_ranges

    assert [one["metadata"]["namespace"] for one in seen] == ["team-a"]


async def test_a_pod_that_is_going_is_not_seen() -> None:
    going = pod("going")
    going["metadata"]["deletionTimestamp"] = "2026-11-26T12:00:00Z"

    seen = await world(FakeCluster(pod("churn-1"), going))

    assert [one.name for one in seen.pods] == ["churn-1"]


def waiting(name: str, reason: str, container: str = "modelmonitor-proxy") -> Raw:
    """A pod that the kubelet began with at the beginning of 1970."""
    status = {"name": container, "state": {"waiting": {"reason": reason}}}
    begun = {"startTime": "1970-01-01T00:00:00Z"}
    return pod(name, "sidecar:1", initContainerStatuses=[status], **begun)


async def stuck_after(seconds: float, *pods: Raw) -> list[tuple[str, str | None]]:
    eyes = replace(Desk(FakeCluster(*pods)).reconcile.eyes, clock=lambda: seconds)
    return [(one.name, one.stuck) for one in (await observe(monitor(), eyes)).pods]


async def test_a_pod_tells_the_image_of_its_sidecars() -> None:
    seen = await world(FakeCluster(pod("plain"), pod("watched", "sidecar:1")))

    assert [(one.name, one.image) for one in seen.pods] == [
        ("plain", None),
        ("watched", "sidecar:1"),
    ]


async def test_an_image_that_is_not_had_for_a_minute_cannot_be_had() -> None:
    pods = [waiting("a", "ImagePullBackOff"), waiting("b", "ErrImagePull")]

    assert await stuck_after(60, *pods) == [("a", None), ("b", None)]
    assert await stuck_after(61, *pods) == [("a", "ImagePullBackOff"), ("b", "ErrImagePull")]


async def test_an_image_that_nobody_will_try_again_cannot_be_had_from_the_first_moment() -> None:
    assert await stuck_after(0, waiting("a", "InvalidImageName")) == [("a", "InvalidImageName")]


async def test_an_image_that_is_not_of_a_sidecar_is_the_owner_s_affair() -> None:
    assert await stuck_after(999, waiting("a", "ImagePullBackOff", "init-db")) == [("a", None)]


async def test_a_monitor_without_a_selector_sees_no_pod() -> None:
    resource = monitor()
    resource["spec"]["selector"] = {}

    seen = await world(FakeCluster(deployment(), pod()), resource)

    assert (seen.workloads, seen.pods) == ((), ())


async def test_prometheus_objects_that_may_not_be_listed_are_unknown_and_not_absent() -> None:
    cluster = FakeCluster()

    def forbidden(verb: str, reference: Reference) -> None:
        if reference.kind == PROMETHEUS:
            raise ForbiddenError("no")

    assert (await world(cluster)).prometheuses == []
    cluster.failing = forbidden
    assert (await world(cluster)).prometheuses is None


async def test_our_own_pod_monitors_are_not_foreign() -> None:
    cluster = FakeCluster(monitor())
    await Desk(cluster).look()
    foreign = {
        "apiVersion": POD_MONITOR.api_version,
        "kind": "PodMonitor",
        "metadata": {"name": "mine", "namespace": "team-a"},
        "spec": {},
    }
    cluster.put(foreign)

    seen = await world(cluster)

    assert [one["metadata"]["name"] for one in seen.foreign_pod_monitors] == ["mine"]


async def test_neighbours_are_read_once_for_all_who_ask_within_seconds() -> None:
    cluster, now, listed = FakeCluster(deployment()), [0.0], list[Reference]()

    def noted(verb: str, reference: Reference) -> None:
        if reference.kind == DEPLOYMENT:
            listed.append(reference)

    cluster.failing = noted
    lookout = Lookout(cluster, clock=lambda: now[0])
    await asyncio.gather(*(lookout.neighbourhood("team-a") for _ in range(10)))
    now[0] = FRESH_SECONDS
    await lookout.neighbourhood("team-a")
    assert len(listed) == 1

    now[0] = FRESH_SECONDS + 0.1
    await lookout.neighbourhood("team-a")
    assert len(listed) == 2


@pytest.mark.parametrize(
    ("took_seconds", "fresh_seconds"),
    [(0.1, FRESH_SECONDS), (0.25, 5.0), (2.0, LONGEST_FRESH_SECONDS)],
)
async def test_what_takes_long_to_read_is_kept_longer(
    took_seconds: float, fresh_seconds: float
) -> None:
    now, listed = [0.0], []
    cluster = FakeCluster(deployment())

    def slowly(verb: str, reference: Reference) -> None:
        if reference.kind == DEPLOYMENT:
            listed.append(reference)
            now[0] += took_seconds

    cluster.failing = slowly
    lookout = Lookout(cluster, clock=lambda: now[0])
    await lookout.neighbourhood("team-a")
    now[0] = fresh_seconds - 0.01
    await lookout.neighbourhood("team-a")
    assert len(listed) == 1

    now[0] = fresh_seconds + 0.01
    await lookout.neighbourhood("team-a")
    assert len(listed) == 2


async def test_what_could_not_be_seen_is_an_error_and_not_an_absence() -> None:
    cluster = FakeCluster(deployment())

    def gone(verb: str, reference: Reference) -> None:
        if reference.kind == DEPLOYMENT:
            raise UnavailableError("gone")

    cluster.failing = gone
    with pytest.raises(UnavailableError):
        await world(cluster)
