"""A status that says the same is the same, whenever it is written."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_api.conditions import TYPES
from modelmonitor_operator.plan.planning import plan
from modelmonitor_operator.plan.report import status_manifest, status_of, transitions
from modelmonitor_operator.testing_monitors import (
    NOON,
    SETTINGS,
    baseline,
    condition,
    monitor,
    pod,
)
from modelmonitor_operator.world import (
    Binding,
    KnownBaseline,
    SeenBaseline,
    SeenPod,
    World,
)

NOTHING = World()
LATER = "2026-11-26T13:00:00Z"


def status(resource: dict[str, Any], world: World = NOTHING, now: str = NOON) -> dict[str, Any]:
    return status_of(resource, plan(resource, world, SETTINGS).draft, {}, now)


def test_every_condition_is_there_once_with_a_reason_and_a_message() -> None:
    told = status(monitor())["conditions"]

    assert tuple(one["type"] for one in told) == TYPES
    assert all(one["reason"] and one["message"] for one in told)
    assert all(one["observedGeneration"] == 1 for one in told)


@given(st.booleans(), st.sampled_from([(), ("a",), ("b",)]))
def test_an_hour_later_the_same_world_gives_the_same_status(suspend: bool, pods: Any) -> None:
    world = World(pods=[SeenPod(name, pod(name), None, None) for name in pods])
    resource = monitor(suspend=suspend)
    first = status(resource, world)

    assert status({**resource, "status": first}, world, LATER) == first


def test_the_time_of_a_condition_is_that_of_its_last_change_of_status() -> None:
    resource = monitor()
    resource["status"] = status(resource)
    resource["spec"]["suspend"] = True

    told = status(resource, now=LATER)

    assert condition(told, "Armed")["lastTransitionTime"] == LATER
    assert condition(told, "SpecValid")["lastTransitionTime"] == NOON


def test_a_new_reason_for_the_same_status_is_a_transition_without_a_new_time() -> None:
    resource = monitor(suspend=True)
    resource["status"] = status(resource)
    resource["spec"] |= {"suspend": False, "windows": ["3m"]}

    told = status(resource, now=LATER)

    assert condition(told, "Ready")["lastTransitionTime"] == NOON
    assert {t.reason for t in transitions(resource, told) if t.type == "Ready"} == {"Invalid"}


def test_what_did_not_change_is_no_transition() -> None:
    resource = monitor()
    resource["status"] = status(resource)

    assert list(transitions(resource, status(resource, now=LATER))) == []


def test_an_invalid_spec_leaves_no_numbers_of_before() -> None:
    told = status(monitor(windows=["3m"]))

    assert set(told) == {"observedGeneration", "injection", "conditions"}
    assert told["injection"] == "Disarmed"


def test_pods_are_counted_with_the_versions_of_their_sidecars() -> None:
    images = [None, "a/sidecar:1", "b/sidecar:1", "sidecar@sha256:abc", "sidecar:2@sha256:abc"]
    pods = [SeenPod(f"p{i}", pod(), None, image) for i, image in enumerate(images)]

    told = status(monitor(), World(pods=pods))

    assert told["target"]["injectedOfPods"] == "4/5"
    assert told["target"]["pendingRestart"]["pods"] == 5
    assert told["sidecarVersions"] == [
        {"version": "1", "pods": 2},
        {"version": "2", "pods": 1},
        {"version": "sha256:abc", "pods": 1},
    ]


def test_features_are_those_of_the_widest_baseline_but_for_ignored_ones() -> None:
    seen = SeenBaseline(KnownBaseline(baseline(), "aa"))
    model = {"name": "churn", "baselines": [{"configMap": "a"}]}
    ignoring = {**model, "features": [{"name": "age", "ignore": True}]}
    world = World(baselines={"a": seen})

    assert status(monitor(models=[model]), world)["features"] == 1
    assert status(monitor(models=[ignoring]), world)["features"] == 0


def test_series_are_those_of_all_pods_and_what_is_recorded_once() -> None:
    model = {"name": "churn", "baselines": [{"configMap": "a"}]}
    resource = monitor(models=[model])
    seen = {"a": SeenBaseline(KnownBaseline(baseline(), "aa"))}

    def series(pods: int) -> int:
        running = [SeenPod(f"p{i}", pod(), None, "sidecar:1") for i in range(pods)]
        told: int = status(resource, World(baselines=seen, pods=running))["series"]
        return told

    assert series(0) == series(1)
    live, settings_and_counts = 2 + 7 + 3, 2 * 2 + 2 + 14 + 3
    assert series(3) - series(1) == 2 * (150 + live + settings_and_counts)
    assert status(monitor())["series"] == 150


def test_bindings_are_told_in_one_order() -> None:
    bindings = [
        Binding("PrometheusRule", "monitoring/k8s", "True"),
        Binding("PodMonitor", "monitoring/k8s", "False", "no such port"),
    ]

    assert status(monitor(), World(bindings=bindings))["bindings"] == [
        {
            "kind": "PodMonitor",
            "prometheus": "monitoring/k8s",
            "accepted": "False",
            "message": "no such port",
        },
        {"kind": "PrometheusRule", "prometheus": "monitoring/k8s", "accepted": "True"},
    ]


def test_the_manifest_of_a_status_names_the_resource_and_nothing_of_its_spec() -> None:
    resource = monitor()

    assert status_manifest(resource, {"a": 1}) == {
        "apiVersion": "modelmonitor.io/v1alpha1",
        "kind": "ModelMonitor",
        "metadata": {"name": "churn", "namespace": "team-a"},
        "status": {"a": 1},
    }
