"""Monitor, namespace and chart are deleted in every order: nothing is stuck and nothing is left.

Six orders, each with a namespace, a monitor and a pod of its own, around one `helm uninstall`; once
with the operator up and once with it gone.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import pytest

from e2e.cluster import release, watching, workloads
from e2e.cluster.kubectl import Place, kubectl, new_place
from modelmonitor_api import names
from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_team import monitor

pytestmark = pytest.mark.timeout(600)

BEFORE_CHART = ("monitor, namespace, chart", "namespace, monitor, chart")
AROUND_CHART = ("monitor, chart, namespace", "namespace, chart, monitor")
AFTER_CHART = ("chart, monitor, namespace", "chart, namespace, monitor")
SOON_SECONDS = 120.0
CLUSTER_KINDS = (
    "clusterroles,clusterrolebindings,mutatingadmissionpolicies,mutatingadmissionpolicybindings"
)
NAMESPACE_KINDS = "configmaps,prometheusrules,podmonitors,services,networkpolicies"
OWN = f"{names.LABEL_MONITOR_UID}"
SERVER = ("-m", "http.server", "8080")


@pytest.fixture(params=[2, 0], ids=["operator up", "operator gone"])
def deleted(request: pytest.FixtureRequest, installed: None) -> Iterator[Mapping[str, Place]]:
    """All six orders were gone through; the chart is put back afterwards."""
    with ExitStack() as held:
        places = {
            order: held.enter_context(new_place())
            for order in (*BEFORE_CHART, *AROUND_CHART, *AFTER_CHART)
        }
        for place in places.values():
            _watched(place)
        for place in places.values():
            _injected(place)
        held.callback(release.install)
        release.scale(request.param)
        _delete_in_order(places)
        yield places


def _watched(place: Place) -> None:
    place.apply(monitor())
    server = workloads.container(command=[workloads.PYTHON, *SERVER])
    template = workloads.pod_template(server, terminationGracePeriodSeconds=1)
    assert watching.begins_to_inject(place)
    place.apply(workloads.deployment(template))


def _injected(place: Place) -> None:
    place.rolled_out("deployment/churn")
    assert place.is_ready()
    assert place.comes_to("Injected", "Injected"), place.condition("Injected")


def _delete_in_order(places: Mapping[str, Place]) -> None:
    for order in (*BEFORE_CHART, *AROUND_CHART):
        _delete(places[order], order.split(", ")[0])
    for order in BEFORE_CHART:
        _delete(places[order], order.split(", ")[1])
    release.uninstall()
    for order in (*AROUND_CHART, *AFTER_CHART):
        for what in order.split(", ")[order.split(", ").index("chart") + 1 :]:
            _delete(places[order], what)


def _delete(place: Place, what: str) -> None:
    """As people do it, without waiting; what went with something else is not there any more."""
    words = ("--ignore-not-found", "--wait=false")
    if what == "namespace":
        kubectl("delete", "namespace", place.namespace, *words)
    else:
        place.run("delete", "modelmonitor", "churn", *words)


def test_nothing_is_stuck_and_nothing_is_left(deleted: Mapping[str, Place]) -> None:
    for order, place in deleted.items():
        gone = ("get", "namespace", place.namespace, "--ignore-not-found", "-o", "name")
        assert eventually(lambda gone=gone: not kubectl(*gone), SOON_SECONDS), order
    assert _named("get", CLUSTER_KINDS, "-l", "app.kubernetes.io/instance=modelmonitor") == []
    assert _named("-n", release.NAMESPACE, "get", "all,configmaps,roles,rolebindings") == [
        "kube-root-ca.crt"
    ]
    monitored = {place.namespace for place in deleted.values()}
    left = json.loads(kubectl("get", NAMESPACE_KINDS, "-A", "-l", OWN, "-o", "json"))["items"]
    assert [one for one in left if one["metadata"]["namespace"] in monitored] == []


@pytest.mark.parametrize("replicas", [2, 0], ids=["operator up", "operator gone"])
def test_without_its_monitor_a_pod_goes_on_serving_and_what_was_made_goes(
    installed: None, replicas: int
) -> None:
    with new_place() as place, ExitStack() as held:
        place.apply(workloads.service())
        _watched(place)
        _injected(place)
        held.callback(release.scale, 2)
        release.scale(replicas)

        place.run("delete", "modelmonitor", "churn", "--timeout=30s")

        made = ("get", NAMESPACE_KINDS, "-l", OWN, "-o", "name")
        assert eventually(lambda: not place.run(*made), SOON_SECONDS), place.run(*made)
        (pod,) = place.pods()
        assert all(one["ready"] for one in pod["status"]["containerStatuses"])
        base = f"/api/v1/namespaces/{place.namespace}/services/churn:80/proxy/"
        assert "Directory listing" in kubectl("get", "--raw", base)


def _named(*words: str) -> list[str]:
    found = json.loads(kubectl(*words, "-o", "json"))["items"]
    return [one["metadata"]["name"] for one in found]
