"""What is the monitor's own, and what of others it leaves alone."""

import copy

from modelmonitor_operator.kinds import (
    EVENT,
)
from modelmonitor_operator.testing_cluster import FakeCluster
from modelmonitor_operator.testing_desk import (
    OWN,
    RULE,
    SCRAPING,
    SIDECARS,
    TOLD,
    opened,
    status_in,
)
from modelmonitor_operator.testing_monitors import (
    Desk,
    baseline,
    baseline_config_map,
    condition,
    deployment,
    monitor,
    pod,
    service,
)


async def test_a_label_of_somebody_else_stays_and_is_no_reason_to_write() -> None:
    cluster, desk = opened()
    await desk.look()
    labelled = copy.deepcopy(cluster.objects[RULE])
    labelled["metadata"]["labels"]["cost-centre"] = "7"
    cluster.put(labelled)
    cluster.writes.clear()

    await desk.look()

    assert cluster.writes == []
    assert cluster.objects[RULE]["metadata"]["labels"]["cost-centre"] == "7"


async def test_an_object_of_somebody_else_is_not_taken_over() -> None:
    foreign = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": SIDECARS.name, "namespace": "team-a"},
        "data": {"mine": "1"},
    }
    cluster, desk = opened(foreign)

    await desk.look()

    assert cluster.objects[SIDECARS]["data"] == {"mine": "1"}
    ready = condition(status_in(cluster), "Ready")
    assert ready["reason"] == "Refused"
    assert "belongs to somebody else" in ready["message"]
    assert RULE in cluster.objects


async def test_objects_that_were_rendered_by_hand_are_taken_over() -> None:
    cluster, desk = opened()
    await desk.look()
    by_hand = copy.deepcopy(cluster.objects[RULE])
    by_hand["metadata"] = {key: by_hand["metadata"][key] for key in ("name", "namespace", "labels")}
    del by_hand["metadata"]["labels"]["modelmonitor.io/monitor-uid"]
    other = FakeCluster(monitor(), by_hand)

    await Desk(other).look()

    assert other.objects[RULE]["metadata"]["ownerReferences"][0]["name"] == "churn"


async def test_after_a_restore_objects_belong_to_the_new_uid() -> None:
    cluster, desk = opened()
    await desk.look()
    restored = monitor()
    restored["metadata"]["uid"] = "another"
    cluster.put(restored)

    await desk.look()

    assert cluster.objects[RULE]["metadata"]["ownerReferences"][0]["uid"] == "another"


async def test_a_condition_of_another_controller_is_no_reason_to_write() -> None:
    cluster, desk = opened()
    await desk.look()
    reviewed = {"type": "Reviewed", "status": "True", "reason": "Looked", "message": "by people"}
    shared = copy.deepcopy(cluster.objects[TOLD])
    shared["status"]["conditions"].insert(0, reviewed)
    cluster.put(shared)
    cluster.writes.clear()

    await desk.look()

    assert cluster.writes == []
    assert reviewed in status_in(cluster)["conditions"]


async def test_whoever_changes_an_object_back_again_and_again_is_named_and_given_way() -> None:
    cluster, desk = opened()
    await desk.look()
    wrong = copy.deepcopy(cluster.objects[SCRAPING])
    wrong["spec"]["sampleLimit"] = 1
    wrong["metadata"]["managedFields"] = [{"manager": "stubborn", "time": "2026-11-26T12:00:00Z"}]

    for _ in range(8):
        cluster.put(wrong)
        await desk.look()

    assert cluster.objects[SCRAPING]["spec"]["sampleLimit"] == 1
    assert (
        "changed again and again by stubborn" in condition(status_in(cluster), "Ready")["message"]
    )


async def test_nothing_but_the_monitor_s_own_objects_is_ever_written() -> None:
    cluster, desk = opened(deployment(), service(8080), pod(), baseline_config_map(baseline()))

    await desk.look()
    cluster.put(monitor(suspend=True))
    await desk.look()

    written = {reference for _, reference in cluster.writes}
    assert written <= OWN | {TOLD} | {one for one in written if one.kind == EVENT}
