"""Events about a monitor: one for each kind of transition, counted when it happens again."""

from hashlib import sha256
from typing import Any, Final

from modelmonitor_api.names import API_VERSION, FIELD_MANAGER, KIND
from modelmonitor_operator.cluster import Cluster, ConflictError, Raw
from modelmonitor_operator.kinds import EVENT, Reference
from modelmonitor_operator.plan.report import Transition

MAX_MESSAGE: Final = 1_024


async def tell(
    cluster: Cluster, resource: Raw, transition: Transition, identity: str, now: str
) -> None:
    """Make the Event, or count one more of it; ClusterError if neither can be done."""
    event = event_of(resource, transition, identity, now)
    try:
        await cluster.create(event)
    except ConflictError:
        await _count(cluster, event)


def event_of(resource: Raw, transition: Transition, identity: str, now: str) -> dict[str, Any]:
    """The first of its kind.  Its name is always the same, so that it is there once."""
    metadata = resource["metadata"]
    what = f"{metadata['uid']}/{transition.type}/{transition.reason}"
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": f"{metadata['name']}.{sha256(what.encode()).hexdigest()[:16]}",
            "namespace": metadata["namespace"],
        },
        "involvedObject": {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "uid": metadata["uid"],
        },
        "type": "Normal" if transition.good else "Warning",
        "reason": transition.reason,
        "message": f"{transition.type}: {transition.message}"[:MAX_MESSAGE],
        "source": {"component": FIELD_MANAGER},
        "reportingComponent": FIELD_MANAGER,
        "reportingInstance": identity,
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
    }


async def _count(cluster: Cluster, event: Raw) -> None:
    metadata = event["metadata"]
    known = await cluster.read(Reference(EVENT, metadata["namespace"], metadata["name"]))
    if known is None:
        return
    changed = {key: event[key] for key in ("message", "type", "lastTimestamp", "reportingInstance")}
    await cluster.replace({**known, **changed, "count": known.get("count", 1) + 1})
