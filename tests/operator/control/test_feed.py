"""What watches bring becomes a key once, and the echo of our own writes does not."""

import copy

import pytest

from modelmonitor_operator.cluster import ExpiredError, UnavailableError
from modelmonitor_operator.control.resync import resync
from modelmonitor_operator.kinds import CONFIG_MAP, MONITOR, POD_MONITOR, Reference
from modelmonitor_operator.testing_cluster import FakeCluster
from modelmonitor_operator.testing_monitors import CHURN, Desk, monitor

TOLD = Reference(MONITOR, "team-a", "churn")
SIDECARS = Reference(CONFIG_MAP, "team-a", "churn-modelmonitor")
SCRAPING = Reference(POD_MONITOR, "team-a", "churn-modelmonitor")


async def looked_at() -> tuple[FakeCluster, Desk]:
    """A monitor whose objects were made, and an operator that has heard nothing since."""
    cluster = FakeCluster(monitor())
    desk = Desk(cluster)
    await desk.look()
    return cluster, desk


async def test_the_echo_of_what_was_written_is_no_news() -> None:
    cluster, desk = await looked_at()

    for manifest in list(cluster.objects.values()):
        desk.hear("MODIFIED", manifest)

    assert desk.feed.queue.depth() == 0


async def test_an_edit_a_deletion_and_a_new_spec_are_news() -> None:
    cluster, desk = await looked_at()
    changed = copy.deepcopy(cluster.objects[SCRAPING])
    changed["metadata"]["resourceVersion"] = "edited"
    desk.hear("MODIFIED", changed)
    assert desk.feed.queue.depth() == 1

    cluster, desk = await looked_at()
    desk.hear("DELETED", cluster.objects[SCRAPING])
    assert desk.feed.queue.depth() == 1

    cluster, desk = await looked_at()
    newer = copy.deepcopy(cluster.objects[TOLD])
    newer["metadata"]["generation"] = 2
    desk.hear("MODIFIED", newer)
    assert desk.feed.queue.depth() == 1


async def test_a_status_that_somebody_else_wrote_is_news() -> None:
    cluster, desk = await looked_at()
    forged = copy.deepcopy(cluster.objects[TOLD])
    forged["status"]["injection"] = "Armed!"

    desk.hear("MODIFIED", forged)

    assert desk.feed.queue.depth() == 1


async def test_an_object_whose_label_was_edited_is_still_the_monitor_s() -> None:
    cluster, desk = await looked_at()
    edited = copy.deepcopy(cluster.objects[SCRAPING])
    edited["metadata"] |= {"resourceVersion": "edited", "labels": {}}

    desk.hear("MODIFIED", edited)

    assert desk.feed.queue.depth() == 1


async def test_the_deletion_of_an_earlier_object_of_the_name_is_no_news() -> None:
    cluster, desk = await looked_at()
    earlier = copy.deepcopy(cluster.objects[SCRAPING])
    earlier["metadata"]["uid"] = "earlier"

    desk.hear("DELETED", earlier)

    assert desk.feed.queue.depth() == 0


async def test_a_resync_finds_what_no_watch_told() -> None:
    cluster, desk = await looked_at()
    del cluster.objects[SIDECARS]

    await resync(cluster, desk.book, desk.inventory, desk.feed)

    assert desk.feed.queue.depth() == 1
    await desk.look()
    assert SIDECARS in cluster.objects


async def test_a_resync_finds_a_monitor_that_went_and_one_that_came() -> None:
    cluster, desk = await looked_at()
    del cluster.objects[TOLD]
    cluster.put(monitor("other"))

    await resync(cluster, desk.book, desk.inventory, desk.feed)

    assert [key.name for key in desk.book.monitors()] == ["other"]
    assert desk.feed.queue.depth() == 2


async def test_a_resync_of_a_quiet_cluster_is_no_news() -> None:
    cluster, desk = await looked_at()

    await resync(cluster, desk.book, desk.inventory, desk.feed)

    assert desk.feed.queue.depth() == 0


@pytest.mark.parametrize("error", [ExpiredError("410"), UnavailableError("gone")])
async def test_a_resync_that_breaks_off_takes_nothing_for_gone(error: Exception) -> None:
    cluster, desk = await looked_at()

    def failing(verb: str, reference: Reference) -> None:
        raise error

    cluster.failing = failing
    with pytest.raises(type(error)):
        await resync(cluster, desk.book, desk.inventory, desk.feed)

    assert list(desk.book.monitors()) == [CHURN]
    assert desk.inventory.sighting(CHURN, SIDECARS) is not None
    assert desk.feed.queue.depth() == 0


async def test_something_that_concerns_all_is_a_reason_to_look_at_each_once() -> None:
    _, desk = await looked_at()

    desk.feed.everything()
    desk.feed.everything()

    assert desk.feed.queue.depth() == 1
    assert list(desk.book.monitors()) == [CHURN]


async def test_monitors_are_counted_by_whether_they_are_ready() -> None:
    cluster, desk = await looked_at()
    cluster.put(monitor("other"))
    await resync(cluster, desk.book, desk.inventory, desk.feed)

    assert desk.book.readiness() == {"True": 1, "Unknown": 1}
