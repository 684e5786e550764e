"""Whatever events are lost, doubled or reordered, the end is the same."""

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from modelmonitor_operator.cluster import (
    Raw,
)
from modelmonitor_operator.control.resync import resync
from modelmonitor_operator.testing_cluster import FakeCluster
from modelmonitor_operator.testing_desk import (
    RULE,
    SIDECARS,
    TOLD,
    opened,
    settled,
    status_or_none,
    without_versions,
    working,
)
from modelmonitor_operator.testing_monitors import (
    deployment,
    monitor,
    service,
)

EVENTS = st.lists(st.sampled_from(["edit", "delete", "suspend", "wake", "spec"]), max_size=6)


@settings(max_examples=25, deadline=None)
@given(EVENTS, st.randoms(use_true_random=False))
async def test_lost_doubled_and_reordered_events_lead_to_the_same_end(
    changes: list[str], random: Any
) -> None:
    """One operator is told everything in order, the other by a bad line and a resync."""
    told, one = opened(deployment(), service())
    bad, other = opened(deployment(), service())
    line: list[tuple[str, Raw]] = []
    bad.changed = lambda event, manifest: line.append((event, manifest))
    for cluster, desk in ((told, one), (bad, other)):
        desk.hear("ADDED", cluster.objects[TOLD])
        await working(desk, lambda desk=desk: settled(desk))  # type: ignore[misc]
        for change in changes:
            disturb(cluster, change)
            if cluster is told:
                await working(desk, lambda desk=desk: settled(desk))  # type: ignore[misc]
    events = [event for event in line for _ in range(random.choice((0, 1, 2)))]
    random.shuffle(events)
    for event, manifest in events:
        other.hear(event, manifest)
    await resync(bad, other.book, other.inventory, other.feed)
    await working(other, lambda: settled(other))
    assert without_versions(bad) == without_versions(told)


def disturb(cluster: FakeCluster, change: str) -> None:
    spec = dict(cluster.objects[TOLD]["spec"])
    match change:
        case "edit" if RULE in cluster.objects:
            edited = copy.deepcopy(cluster.objects[RULE])
            edited["spec"] = {"groups": []}
            cluster.put(edited)
        case "delete" if SIDECARS in cluster.objects:
            cluster.take(SIDECARS)
        case "suspend" | "wake":
            spec["suspend"] = change == "suspend"
        case "spec":
            spec["windows"] = ["5m"]
        case _:
            pass
    cluster.put({**monitor(**spec), "status": status_or_none(cluster)})
