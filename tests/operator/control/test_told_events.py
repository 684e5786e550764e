"""Which Events the operator writes, and what becomes of it where it may not."""

from modelmonitor_operator.cluster import (
    ForbiddenError,
)
from modelmonitor_operator.kinds import (
    EVENT,
    Reference,
)
from modelmonitor_operator.testing_desk import opened, status_in, status_or_none
from modelmonitor_operator.testing_monitors import (
    condition,
    monitor,
)


async def test_events_are_told_once_for_a_transition() -> None:
    cluster, desk = opened()
    await desk.look()
    for _ in range(20):
        await desk.look()

    events = [one for reference, one in cluster.objects.items() if reference.kind == EVENT]
    assert {one["reason"]: one["count"] for one in events} == {"Ready": 1, "NoPrometheus": 1}


async def test_the_same_transition_again_is_counted_and_not_told_anew() -> None:
    cluster, desk = opened()
    for suspend in (False, True, False, True):
        cluster.put({**monitor(suspend=suspend), "status": status_or_none(cluster)})
        await desk.look()

    counts = {
        (one["reason"], one["message"].partition(":")[0]): one["count"]
        for reference, one in cluster.objects.items()
        if reference.kind == EVENT
    }
    assert counts[("Suspended", "Ready")] == 2
    assert counts[("Ready", "Ready")] == 2


async def test_an_event_that_may_not_be_written_stops_nothing() -> None:
    cluster, desk = opened()

    def forbidden(verb: str, reference: Reference) -> None:
        if reference.kind == EVENT:
            raise ForbiddenError("no")

    cluster.failing = forbidden
    await desk.look()

    assert condition(status_in(cluster), "Ready")["status"] == "True"
