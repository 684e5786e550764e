"""An operator over a cluster in memory: what it makes, mends, keeps, deletes and says."""

import copy

import pytest

from modelmonitor_operator.cluster import (
    ConflictError,
    ExpiredError,
    RefusedError,
    UnavailableError,
)
from modelmonitor_operator.control.inventory import MonitorKey
from modelmonitor_operator.kinds import (
    CONFIG_MAP,
    GRAFANA_DASHBOARD,
    MONITOR,
    OPTIONAL,
    Reference,
)
from modelmonitor_operator.render.settings import RenderSettings
from modelmonitor_operator.testing_cluster import FakeCluster
from modelmonitor_operator.testing_desk import (
    OWN,
    RULE,
    SCRAPING,
    TOLD,
    opened,
    settled,
    status_in,
    without_versions,
    working,
)
from modelmonitor_operator.testing_monitors import (
    CHURN,
    Desk,
    condition,
    deployment,
    monitor,
    pod,
    service,
    with_settings,
)


async def test_a_new_monitor_gets_its_objects_and_is_ready() -> None:
    cluster, desk = opened(deployment(), service())

    await desk.look()

    assert cluster.objects.keys() >= OWN
    told = status_in(cluster)
    assert told["injection"] == "Armed"
    assert condition(told, "Ready")["status"] == "True"


async def test_a_second_look_writes_nothing() -> None:
    cluster, desk = opened(deployment(), service())
    await desk.look()
    cluster.writes.clear()

    desk.time = "2026-11-26T13:00:00Z"
    await desk.look()

    assert cluster.writes == []


async def test_an_operator_that_starts_anew_writes_nothing() -> None:
    cluster, desk = opened(deployment(), service())
    await desk.look()
    cluster.writes.clear()

    again = Desk(cluster)
    await again.look()

    assert cluster.writes == []


@pytest.mark.parametrize("reference", sorted(OWN))
async def test_a_deleted_object_comes_back(reference: Reference) -> None:
    cluster, desk = opened()
    await desk.look()

    cluster.take(reference)
    await desk.look()

    assert reference in cluster.objects


@pytest.mark.parametrize("reference", sorted(OWN))
async def test_an_edited_object_is_as_it_was(reference: Reference) -> None:
    cluster, desk = opened()
    await desk.look()
    right = copy.deepcopy(cluster.objects[reference])
    edited = copy.deepcopy(right)
    edited["metadata"]["labels"]["modelmonitor.io/monitor"] = "other"
    edited.pop("data" if "data" in edited else "spec")

    cluster.put(edited)
    await desk.look()

    mended = cluster.objects[reference]
    assert mended["metadata"]["labels"] == right["metadata"]["labels"]
    assert {**mended, "metadata": 0} == {**right, "metadata": 0}


async def test_an_edit_while_no_operator_ran_is_found_when_one_starts() -> None:
    cluster, desk = opened()
    await desk.look()
    edited = copy.deepcopy(cluster.objects[SCRAPING])
    edited["spec"]["podMetricsEndpoints"].pop()
    cluster.put(edited)

    await Desk(cluster).look()

    assert len(cluster.objects[SCRAPING]["spec"]["podMetricsEndpoints"]) == 3


async def test_what_is_no_longer_wanted_goes_when_its_kind_comes() -> None:
    cluster, desk = opened()
    rules = Reference(CONFIG_MAP, "team-a", "churn-modelmonitor-rules")
    cluster.kinds = frozenset()
    await desk.look()
    assert rules in cluster.objects
    assert condition(status_in(cluster), "RulesApplied")["reason"] == "InConfigMap"

    cluster.kinds = frozenset(OPTIONAL)
    await desk.look()

    assert rules not in cluster.objects
    assert cluster.objects.keys() >= OWN
    assert condition(status_in(cluster), "RulesApplied")["reason"] == "Applied"


async def test_a_kind_that_goes_leaves_a_rule_file_behind() -> None:
    cluster, desk = opened()
    await desk.look()
    for reference in (RULE, SCRAPING):
        cluster.take(reference)
    cluster.kinds = frozenset()

    await desk.look()

    assert condition(status_in(cluster), "RulesApplied")["reason"] == "InConfigMap"


async def test_with_the_monitor_everything_goes() -> None:
    cluster, desk = opened()
    await desk.look()

    cluster.take(TOLD)
    delay = await desk.look()

    assert delay is None
    assert not cluster.objects.keys() & OWN
    assert list(desk.inventory.references()) == []


async def test_in_a_namespace_that_is_being_deleted_nothing_is_made_again() -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team-a"}}
    cluster, desk = opened({**namespace, "status": {"phase": "Terminating"}})

    await desk.look()

    assert cluster.writes == []


async def test_the_younger_monitor_of_the_same_pods_says_which_keeps_them() -> None:
    cluster, desk = opened()
    older = monitor("first")
    older["metadata"]["creationTimestamp"] = "2026-10-01T00:00:00Z"
    cluster.put(older)
    desk.hear("ADDED", cluster.objects[Reference(MONITOR, "team-a", "first")])

    await desk.look()
    await desk.look(MonitorKey("team-a", "first"))

    armed = condition(status_in(cluster), "Armed")
    assert (armed["status"], armed["reason"]) == ("False", "Overlap")
    assert "ModelMonitor first" in armed["message"]
    assert status_in(cluster, "first")["injection"] == "Armed"


async def test_when_the_older_monitor_goes_the_younger_is_looked_at_and_armed() -> None:
    cluster, desk = opened()
    older = monitor("first")
    older["metadata"]["creationTimestamp"] = "2026-10-01T00:00:00Z"
    cluster.put(older)
    desk.hear("ADDED", cluster.objects[TOLD])
    await working(desk, lambda: settled(desk))
    assert status_in(cluster)["injection"] == "Disarmed"

    cluster.take(Reference(MONITOR, "team-a", "first"))
    await working(desk, lambda: settled(desk))

    assert status_in(cluster)["injection"] == "Armed"


async def test_an_invalid_spec_keeps_everything_and_is_mended_by_the_next() -> None:
    cluster, desk = opened()
    await desk.look()
    before = {one: copy.deepcopy(cluster.objects[one]) for one in OWN}

    cluster.put(monitor(windows=["3m"]))
    await desk.look()
    assert {one: cluster.objects[one] for one in OWN} == before
    assert condition(status_in(cluster), "SpecValid")["status"] == "False"

    cluster.put(monitor(windows=["5m"]))
    await desk.look()
    assert condition(status_in(cluster), "Ready")["status"] == "True"


async def test_what_the_api_server_refuses_is_told_and_the_rest_is_made() -> None:
    cluster, desk = opened()

    def refusing(verb: str, reference: Reference) -> None:
        if verb == "apply" and reference == RULE:
            raise RefusedError("admission webhook: invalid rule")

    cluster.failing = refusing
    await desk.look()

    applied = condition(status_in(cluster), "RulesApplied")
    assert (applied["status"], applied["reason"]) == ("False", "Refused")
    assert "invalid rule" in applied["message"]
    assert cluster.objects.keys() >= OWN - {RULE}

    cluster.failing = lambda verb, reference: None
    await desk.look()
    assert condition(status_in(cluster), "Ready")["status"] == "True"


@pytest.mark.parametrize(
    "error", [UnavailableError("gone"), ConflictError("409"), ExpiredError("410")]
)
@pytest.mark.parametrize("verb", ["get", "list", "apply", "status"])
async def test_after_an_api_server_that_failed_half_way_the_next_look_finishes(
    error: Exception, verb: str
) -> None:
    cluster, desk = opened(deployment(), service())
    straight, other = opened(deployment(), service())
    await other.look()

    def failing(asked: str, reference: Reference) -> None:
        if asked == verb:
            raise error

    cluster.failing = failing
    with pytest.raises(type(error)):
        await desk.look()
    cluster.failing = lambda asked, reference: None
    desk.feed.queue.add(CHURN)
    await working(desk, lambda: settled(desk))
    await desk.look()

    assert without_versions(cluster) == without_versions(straight)


async def test_a_grafana_resource_whose_fields_cannot_be_changed_is_made_anew() -> None:
    cluster = FakeCluster(monitor())
    before = with_settings(render=RenderSettings(grafana_instances={"a": "1"}))
    after = with_settings(render=RenderSettings(grafana_instances={"a": "2"}))
    await Desk(cluster, before).look()
    reference = Reference(GRAFANA_DASHBOARD, "team-a", "churn-modelmonitor-dashboard")

    def immutable(verb: str, one: Reference) -> None:
        if verb == "apply" and one == reference and one in cluster.objects:
            raise RefusedError("instanceSelector is immutable")

    cluster.failing = immutable
    await Desk(cluster, after).look()

    selector = cluster.objects[reference]["spec"]["instanceSelector"]
    assert selector == {"matchLabels": {"a": "2"}}


async def test_how_soon_it_looks_again_depends_on_what_it_waits_for() -> None:
    waiting_for_pods, desk = opened()
    assert await desk.look() == 60
    waiting_for_pods.put(pod())
    assert await desk.look() == 15
    waiting_for_pods.put(pod(image="modelmonitor-sidecar:1"))
    assert await desk.look() == 60
    waiting_for_pods.put(monitor(suspend=True))
    assert await desk.look() == 60
    waiting_for_pods.put(pod())
    assert await desk.look() == 300
