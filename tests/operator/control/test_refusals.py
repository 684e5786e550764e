"""Which workloads are asked why they make no pods, and what counts as an answer."""

from typing import Any

import pytest

from modelmonitor_operator.control.refusals import lacks_pods, refusal_of
from modelmonitor_operator.testing_cluster import FakeCluster
from modelmonitor_operator.world import Refusal

ENDED = {"conditions": [{"type": "Complete", "status": "True"}]}
WORDS = 'create Pod churn-0 failed: pods "churn-0" is forbidden: exceeded quota'


def workload(kind: str, spec: dict[str, Any], status: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": "churn", "namespace": "team-a", "uid": f"uid-of-{kind}"}
    return {"kind": kind, "metadata": metadata, "spec": spec, "status": status}


LACKING = [
    workload("StatefulSet", {"replicas": 2}, {"replicas": 1}),
    workload("StatefulSet", {}, {}),
    workload("DaemonSet", {}, {"desiredNumberScheduled": 3, "currentNumberScheduled": 2}),
    workload("Job", {}, {}),
    workload("Job", {"parallelism": 3, "completions": 9}, {"active": 2, "succeeded": 5}),
    workload("Job", {"completions": 2}, {"succeeded": 1}),
]
HAVING = [
    workload("StatefulSet", {"replicas": 2}, {"replicas": 2}),
    workload("StatefulSet", {"replicas": 0}, {}),
    workload("DaemonSet", {}, {"desiredNumberScheduled": 3, "currentNumberScheduled": 3}),
    workload("DaemonSet", {}, {}),
    workload("Job", {}, {"active": 1}),
    workload("Job", {"suspend": True}, {}),
    workload("Job", {"parallelism": 3, "completions": 9}, {"active": 1, "succeeded": 8}),
    workload("Job", {}, ENDED),
    workload("CronJob", {}, {}),
]


def event(kind: str, at: str = "2026-11-26T12:00:00Z", **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{kind}.{at}".lower().replace(":", "-"), "namespace": "team-a"},
        "involvedObject": {"kind": kind, "name": "churn", "uid": f"uid-of-{kind}"},
        "reason": "FailedCreate",
        "message": WORDS,
        "lastTimestamp": at,
    }
    return {**made, **changes}


@pytest.mark.parametrize("one", LACKING)
async def test_what_lacks_pods_is_asked_and_its_event_is_the_answer(one: dict[str, Any]) -> None:
    assert lacks_pods(one)
    cluster = FakeCluster(event(one["kind"]))
    assert await refusal_of(cluster, one, ()) == Refusal(WORDS, "2026-11-26T12:00:00Z")


@pytest.mark.parametrize("one", HAVING)
async def test_nobody_is_asked_about_what_has_its_pods(one: dict[str, Any]) -> None:
    cluster = FakeCluster(event(one["kind"]))
    assert await refusal_of(cluster, one, ()) is None
    assert cluster.reads == 0


async def test_the_last_event_counts_however_its_time_is_written() -> None:
    newer = event("Job", "", lastTimestamp=None, eventTime="2026-11-26T13:00:00.123456Z")
    cluster = FakeCluster(event("Job"), {**newer, "message": "no room"})
    told = await refusal_of(cluster, workload("Job", {}, {}), ())
    assert told == Refusal("no room", "2026-11-26T13:00:00Z")


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "SuccessfulCreate"},
        {"involvedObject": {"kind": "Job", "name": "other", "uid": "uid-of-Job"}},
        {"involvedObject": {"kind": "Job", "name": "churn", "uid": "of-an-earlier-one"}},
        {"involvedObject": {"kind": "StatefulSet", "name": "churn", "uid": "uid-of-Job"}},
    ],
)
async def test_events_of_others_say_nothing(changes: dict[str, Any]) -> None:
    cluster = FakeCluster(event("Job", **changes))
    assert await refusal_of(cluster, workload("Job", {}, {}), ()) is None


async def test_a_cron_job_cannot_make_pods_where_its_jobs_cannot() -> None:
    cron_job, job = workload("CronJob", {}, {}), workload("Job", {}, {})
    owned = {**job, "metadata": {**job["metadata"], "ownerReferences": [{"uid": "uid-of-CronJob"}]}}
    cluster = FakeCluster(event("Job"))

    assert await refusal_of(cluster, cron_job, [owned]) == Refusal(WORDS, "2026-11-26T12:00:00Z")
    assert await refusal_of(cluster, cron_job, [job]) is None


def test_what_was_said_before_a_time_is_told_from_what_is_so_now() -> None:
    assert Refusal("", "2026-11-26T11:59:59Z").is_before("2026-11-26T12:00:00Z")
    assert not Refusal("", "2026-11-26T12:00:00Z").is_before("2026-11-26T12:00:00Z")
    assert not Refusal("").is_before("2026-11-26T12:00:00Z")
