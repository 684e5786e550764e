"""Baselines that come, change and break while a monitor runs."""

import copy

from modelmonitor_operator.testing_cluster import FakeCluster
from modelmonitor_operator.testing_desk import (
    SIDECARS,
    status_in,
)
from modelmonitor_operator.testing_monitors import (
    Desk,
    baseline,
    baseline_config_map,
    condition,
    monitor,
)


async def test_a_broken_baseline_leaves_the_last_good_one_in_use() -> None:
    spec = {"models": [{"name": "churn", "baselines": [{"configMap": "churn-baseline"}]}]}
    cluster = FakeCluster(monitor(**spec), baseline_config_map(baseline()))
    desk = Desk(cluster)
    await desk.look()
    used = copy.deepcopy(cluster.objects[SIDECARS])
    assert len(used["binaryData"]) == 1

    cluster.put(baseline_config_map(b"\x1f\x8bbroken"))
    await desk.look()

    assert cluster.objects[SIDECARS] == used
    loaded = condition(status_in(cluster), "BaselinesLoaded")
    assert (loaded["status"], loaded["reason"]) == ("False", "Unreadable")
    assert "stays in use" in loaded["message"]


async def test_a_changed_baseline_is_told_to_the_sidecars() -> None:
    spec = {"models": [{"name": "churn", "baselines": [{"configMap": "churn-baseline"}]}]}
    cluster = FakeCluster(monitor(**spec), baseline_config_map(baseline(100)))
    desk = Desk(cluster)
    await desk.look()
    before = set(cluster.objects[SIDECARS]["binaryData"])

    cluster.put(baseline_config_map(baseline(200)))
    await desk.look()

    after = set(cluster.objects[SIDECARS]["binaryData"])
    assert (len(after), len(after & before)) == (1, 0)


async def test_a_baseline_that_comes_later_is_found() -> None:
    spec = {"models": [{"name": "churn", "baselines": [{"configMap": "churn-baseline"}]}]}
    cluster = FakeCluster(monitor(**spec))
    desk = Desk(cluster)
    await desk.look()
    assert condition(status_in(cluster), "BaselinesLoaded")["status"] == "False"

    cluster.put(baseline_config_map(baseline()))
    await desk.look()

    assert condition(status_in(cluster), "BaselinesLoaded")["status"] == "True"
