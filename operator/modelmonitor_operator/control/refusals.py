"""Why a workload cannot make its pods, as whoever should make them says.

A Deployment has a condition for it.  Of the others only Events tell, and those are asked for only
where pods are lacking: in a steady state nobody asks.  It refuses to know whose fault it is.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from modelmonitor_operator.cluster import Cluster, Query, Raw, everything
from modelmonitor_operator.inject.pods import entries, inner
from modelmonitor_operator.kinds import EVENT
from modelmonitor_operator.world import Refusal

FAILED: Final = "FailedCreate"
UNKNOWN: Final = "unknown"


async def refusal_of(cluster: Cluster, workload: Raw, jobs: Sequence[Raw]) -> Refusal | None:
    """The last one, or None; ClusterError where it cannot be asked for.

    `jobs` are those of the namespace: a CronJob's pods are made by its Jobs.
    """
    if workload["kind"] == "Deployment":
        return _of_condition(workload)
    makers = [workload] if workload["kind"] != "CronJob" else _made_by(workload, jobs)
    found = [await _told(cluster, one) for one in makers if lacks_pods(one)]
    told = [one for one in found if one is not None]
    return max(told, key=lambda one: one.at, default=None)


def lacks_pods(workload: Raw) -> bool:
    """A StatefulSet, DaemonSet or Job has fewer pods than it is to have."""
    spec, status = inner(workload, "spec"), inner(workload, "status")
    match workload["kind"]:
        case "StatefulSet":
            return bool(status.get("replicas", 0) < spec.get("replicas", 1))
        case "DaemonSet":
            wanted = status.get("desiredNumberScheduled", 0)
            return bool(status.get("currentNumberScheduled", 0) < wanted)
        case "Job":
            return _job_lacks_pods(workload)
        case _:
            return False


def has_ended(job: Raw) -> bool:
    """A Job makes no more pods."""
    return any(
        one.get("type") in ("Complete", "Failed") and one.get("status") == "True"
        for one in entries(inner(job, "status"), "conditions")
    )


def _job_lacks_pods(job: Raw) -> bool:
    spec, status = inner(job, "spec"), inner(job, "status")
    most = spec.get("parallelism", 1)
    left = spec.get("completions", most) - status.get("succeeded", 0)
    wanted = 0 if has_ended(job) or spec.get("suspend") else min(most, left)
    return bool(status.get("active", 0) < wanted)


def _of_condition(deployment: Raw) -> Refusal | None:
    """With the time from which pods could not be made: before sidecars came, it is not theirs."""
    for one in entries(inner(deployment, "status"), "conditions"):
        if one.get("type") == "ReplicaFailure" and one.get("status") == "True":
            words = one.get("message") or one.get("reason") or UNKNOWN
            return Refusal(str(words), one.get("lastUpdateTime") or "")
    return None


def _made_by(cron_job: Raw, jobs: Sequence[Raw]) -> list[Raw]:
    uid = cron_job["metadata"]["uid"]
    return [
        job
        for job in jobs
        if any(owner.get("uid") == uid for owner in entries(job["metadata"], "ownerReferences"))
    ]


async def _told(cluster: Cluster, workload: Raw) -> Refusal | None:
    """What the last Event says; one of an earlier object of the name says nothing."""
    metadata = workload["metadata"]
    wanted = {
        "involvedObject.kind": workload["kind"],
        "involvedObject.name": metadata["name"],
        "involvedObject.uid": metadata["uid"],
        "reason": FAILED,
    }
    query = Query(fields=",".join(f"{key}={value}" for key, value in wanted.items()))
    events = await everything(cluster, EVENT, metadata["namespace"], query)
    told = [Refusal(str(one.get("message") or UNKNOWN), _last_time(one)) for one in events]
    return max(told, key=lambda one: one.at, default=None)


def _last_time(event: Raw) -> str:
    """To the second, as conditions say it."""
    series: Mapping[str, str] = inner(event, "series")
    times = (event.get("lastTimestamp"), series.get("lastObservedTime"), event.get("eventTime"))
    found = next((time for time in times if time), "")
    return f"{found[:19]}Z" if found else ""
