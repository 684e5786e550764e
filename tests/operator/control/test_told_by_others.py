"""What other operators write on our objects, and what becomes of it in the status."""

from collections.abc import Callable

from modelmonitor_operator.cluster import (
    Raw,
)
from modelmonitor_operator.control.reconcile import AT_ONCE_SECONDS
from modelmonitor_operator.kinds import (
    EVENT,
    GRAFANA_DASHBOARD,
    Reference,
)
from modelmonitor_operator.render.settings import RenderSettings
from modelmonitor_operator.testing_cluster import FakeCluster
from modelmonitor_operator.testing_desk import RULE, SCRAPING, opened, status_in
from modelmonitor_operator.testing_monitors import (
    Desk,
    condition,
    monitor,
    with_settings,
)


def with_bindings(cluster: FakeCluster, reference: Reference, *accepted: str) -> None:
    """What prometheus-operator writes on an object of ours."""
    conditions = [{"type": "Accepted", "status": one} for one in accepted]
    bound = [{"namespace": "monitoring", "name": "k8s", "conditions": conditions}]
    told = {"bindings": bound if accepted else []}
    cluster.put({**cluster.objects[reference], "status": told})


async def looked_until_quiet(desk: Desk) -> None:
    """As often as looks ask for another at once."""
    while await desk.look() == AT_ONCE_SECONDS:
        pass


class Interrupted(FakeCluster):
    """Somebody else acts between the answer to a read and what becomes of it."""

    meanwhile: Callable[[Reference], None] = staticmethod(lambda reference: None)

    async def read(self, reference: Reference, known: str = "") -> Raw | None:
        found = await super().read(reference, known)
        self.meanwhile(reference)
        return found


async def test_what_a_watch_says_while_an_object_is_read_is_not_forgotten() -> None:
    cluster = Interrupted(monitor())
    desk = Desk(cluster)
    cluster.changed = desk.hear
    await desk.look()
    with_bindings(cluster, RULE, "True")

    def unbound(reference: Reference) -> None:
        if reference == RULE:
            cluster.meanwhile = lambda reference: None
            with_bindings(cluster, RULE)

    cluster.meanwhile = unbound
    await looked_until_quiet(desk)

    assert status_in(cluster)["bindings"] == []


async def test_what_was_said_of_an_object_before_it_was_written_is_not_said_of_it_now() -> None:
    cluster, desk = opened()
    await desk.look()
    with_bindings(cluster, RULE, "True")
    with_bindings(cluster, SCRAPING, "True")
    await looked_until_quiet(desk)
    assert condition(status_in(cluster), "RulesSelected")["reason"] == "Accepted"

    after = Desk(cluster, with_settings(render=RenderSettings(labels={"release": "other"})))
    await looked_until_quiet(after)

    assert status_in(cluster)["bindings"] == []
    assert condition(status_in(cluster), "RulesSelected")["reason"] == "NoPrometheus"


async def test_another_wish_with_the_same_labels_takes_back_nothing_that_was_said() -> None:
    cluster, desk = opened()
    await desk.look()
    with_bindings(cluster, RULE, "True")
    with_bindings(cluster, SCRAPING, "True")
    await looked_until_quiet(desk)
    cluster.writes.clear()

    cluster.put({**monitor(windows=["1m"]), "status": status_in(cluster)})
    await looked_until_quiet(desk)

    assert RULE in {reference for _, reference in cluster.writes}
    assert condition(status_in(cluster), "RulesSelected")["reason"] == "Accepted"
    assert not [reference for _, reference in cluster.writes if reference.kind == EVENT]


async def test_what_grafana_operator_writes_on_the_dashboard_comes_into_the_status() -> None:
    cluster = FakeCluster(monitor())
    desk = Desk(cluster, with_settings(render=RenderSettings(grafana_instances={"a": "1"})))
    cluster.changed = desk.hear
    await desk.look()
    reference = Reference(GRAFANA_DASHBOARD, "team-a", "churn-modelmonitor-dashboard")
    words = "No matching Grafana instances could be found"
    said = {"type": "NoMatchingInstance", "status": "True", "message": words}

    cluster.put({**cluster.objects[reference], "status": {"conditions": [said]}})
    await looked_until_quiet(desk)

    told = condition(status_in(cluster), "DashboardApplied")
    assert (told["reason"], words in told["message"]) == ("NotInGrafana", True)
    assert status_in(cluster)["bindings"] == []
    assert condition(status_in(cluster), "Ready")["status"] == "True"
