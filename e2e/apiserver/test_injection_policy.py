"""The admission policy on a real API server makes of a pod what inject() makes of it."""

import json
import uuid
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from modelmonitor_api.names import LABEL_INJECT
from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_injection import (
    SETTINGS,
    TARGETS,
    Kubectl,
    Place,
    Pod,
    compared,
    corpus,
    pod_of,
    sized_monitor,
)
from modelmonitor_operator.inject.injection import inject
from modelmonitor_operator.inject.sidecars import TOKEN_DIR
from modelmonitor_operator.render.injection_policy import injection_objects

pytestmark = pytest.mark.timeout(300)

CORPUS = corpus()
BLIND_SECONDS = 90.0
"""An API server does not know resources of a young definition as parameters for 30 s."""


@pytest.fixture(scope="module")
def policy(kubectl: Kubectl, crd: None) -> Iterator[None]:
    """The policy, under a name of the test's own."""
    name = f"mm-test-{uuid.uuid4().hex[:8]}"
    made, binding = injection_objects(SETTINGS, ["kube-system"])
    made["metadata"]["name"] = binding["metadata"]["name"] = binding["spec"]["policyName"] = name
    for one in (made, binding):
        kubectl("create", "--validate=strict", "-f", "-", read=json.dumps(one))
    yield
    kubectl("delete", "mutatingadmissionpolicybinding,mutatingadmissionpolicy", name)


@pytest.fixture(scope="module")
def watched(policy: None, make_place: Callable[..., Place]) -> Place:
    """Where armed monitors of each size are."""
    place = make_place()
    place.watch_all()
    for app in TARGETS:
        assert eventually(partial(place.injects, app), BLIND_SECONDS), "the policy injects nothing"
    return place


@pytest.fixture(scope="module")
def plain(policy: None, make_place: Callable[..., Place]) -> Place:
    """Where no monitor is."""
    return make_place()


@pytest.fixture(scope="module")
def by_policy(watched: Place) -> dict[str, Pod]:
    return {pod["metadata"]["name"]: pod for pod in watched.tried(CORPUS)}


@pytest.fixture(scope="module")
def by_function(plain: Place) -> dict[str, Pod]:
    pods = [inject(pod, TARGETS["churn"], SETTINGS).pod for pod in CORPUS]
    return {pod["metadata"]["name"]: pod for pod in plain.tried(pods)}


@pytest.mark.parametrize("name", [pod["metadata"]["name"] for pod in CORPUS])
def test_policy_and_function_make_the_same_of_a_pod(
    name: str, by_policy: dict[str, Pod], by_function: dict[str, Pod]
) -> None:
    assert compared(by_policy[name]) == compared(by_function[name])


def test_the_corpus_is_injected_but_for_the_pods_that_say_why_not(
    by_policy: dict[str, Pod],
) -> None:
    for pod in CORPUS:
        name, annotations = pod["metadata"]["name"], pod["metadata"].get("annotations") or {}
        injected = "modelmonitor.io/injected" in by_policy[name]["metadata"].get("annotations", {})
        assert injected is ("expect" not in annotations), name


@pytest.mark.parametrize("app", TARGETS)
def test_every_size_is_the_same_in_both(app: str, watched: Place, plain: Place) -> None:
    given = pod_of(app)
    (by_policy,) = watched.tried([given])
    (by_function,) = plain.tried([inject(given, TARGETS[app], SETTINGS).pod])
    assert compared(by_policy) == compared(by_function)
    assert by_policy["metadata"]["labels"]["modelmonitor.io/monitor"] == TARGETS[app].monitor


def test_what_was_injected_into_a_manifest_is_not_injected_again(watched: Place) -> None:
    static = inject(pod_of("churn"), TARGETS["churn"], SETTINGS).pod
    (pod,) = watched.tried([static])
    names = [one["name"] for one in pod["spec"]["initContainers"]]
    assert names == ["modelmonitor-collector", "modelmonitor-proxy"]


def test_the_pods_token_reaches_the_app_and_not_the_sidecars(by_policy: dict[str, Pod]) -> None:
    spec = by_policy["smallest"]["spec"]
    mounted = {
        one["name"]: mount["name"].startswith("kube-api-access")
        for one in [*spec["initContainers"], *spec["containers"]]
        for mount in one["volumeMounts"]
        if mount["mountPath"] == TOKEN_DIR
    }
    assert mounted == {
        "modelmonitor-collector": False,
        "modelmonitor-proxy": False,
        "server": True,
    }


def test_a_pod_that_no_monitor_selects_stays_as_it_is(watched: Place, plain: Place) -> None:
    given = pod_of("unknown")
    (here,), (there,) = watched.tried([given]), plain.tried([given])
    assert compared(here) == compared(there)


def test_a_monitor_of_another_namespace_injects_nothing(watched: Place, plain: Place) -> None:
    assert watched.injects("churn")
    assert not plain.injects("churn")


def test_nothing_that_a_tenant_writes_reaches_an_image(watched: Place) -> None:
    mine = "example.com/canary:1"
    greedy = sized_monitor("tenant", "tenant", "Small")
    greedy["spec"] |= {
        "models": [{"name": "canary", "prediction": {"path": mine}, "features": [{"name": mine}]}],
        "prometheus": {"labels": {"example.com/canary": "canary"}},
        "grafana": {"folder": "canary"},
    }
    watched.create(greedy)
    watched.arm("tenant")
    assert eventually(partial(watched.injects, "tenant"), BLIND_SECONDS)
    given = pod_of("tenant")
    given["metadata"]["annotations"] = {"modelmonitor.io/image": mine, "sidecar/image": mine}
    given["metadata"]["labels"]["app.kubernetes.io/version"] = "canary"

    (pod,) = watched.tried([given])

    sidecars = pod["spec"]["initContainers"]
    assert {one["image"] for one in sidecars} == {SETTINGS.image}
    assert "canary" not in json.dumps([sidecars, pod["spec"]["volumes"]])


def test_a_monitor_injects_from_when_it_is_armed(watched: Place, plain: Place) -> None:
    watched.create(sized_monitor("asleep", "asleep", "Small"))
    given = pod_of("asleep")
    (here,), (there,) = watched.tried([given]), plain.tried([given])
    assert compared(here) == compared(there)
    watched.arm("asleep")
    assert eventually(partial(watched.injects, "asleep"), BLIND_SECONDS)


def test_a_namespace_that_opted_out_is_left_alone_until_it_opts_in(
    kubectl: Kubectl, watched: Place, make_place: Callable[..., Place]
) -> None:
    place = make_place(**{LABEL_INJECT: "false"})
    place.create(sized_monitor("churn", "churn", "Small"))
    place.arm("churn")
    assert watched.injects("churn")
    assert not place.injects("churn")
    kubectl("label", "namespace", place.name, f"{LABEL_INJECT}-")
    assert eventually(partial(place.injects, "churn"), BLIND_SECONDS)


def test_a_restricted_namespace_takes_an_injected_pod(
    policy: None, make_place: Callable[..., Place]
) -> None:
    place = make_place(**{"pod-security.kubernetes.io/enforce": "restricted"})
    place.create(sized_monitor("churn", "churn", "Small"))
    place.arm("churn")

    assert eventually(partial(place.injects, "churn", "restricted"), BLIND_SECONDS)
