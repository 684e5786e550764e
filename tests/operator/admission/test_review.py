"""What the webhook decides of a pod, and how it says so."""

from collections.abc import Callable
from typing import Any

import jsonpatch
import pytest

from modelmonitor_api.errors import InputError
from modelmonitor_operator.admission.review import Decision, answer, decide, read_request
from modelmonitor_operator.inject.injection import Target, inject
from modelmonitor_operator.inject.settings import InjectionSettings

Pod = dict[str, Any]
Make = Callable[..., Pod]

SETTINGS = InjectionSettings("team/sidecar:1")


def decided(review: Pod, *monitors: Pod, excluded: tuple[str, ...] = ()) -> Decision:
    return decide(read_request(review), monitors, SETTINGS, excluded)


def test_the_webhook_makes_of_a_pod_what_inject_makes(
    pod: Pod, make_review: Make, make_monitor: Make
) -> None:
    decision = decided(make_review(pod), make_monitor(selector={}))
    labels = pod["metadata"].get("labels")
    expected = inject(pod, Target("churn", "http"), SETTINGS) if labels else None

    made = jsonpatch.apply_patch(pod, list(decision.patch))

    assert made == (expected.pod if expected else pod)
    if expected and expected.skip:
        assert (decision.outcome, decision.patch) == (expected.skip.reason.value, ())


def test_the_size_and_the_port_are_the_monitors(
    smallest: Pod, make_review: Make, make_monitor: Make
) -> None:
    decision = decided(make_review(smallest), make_monitor(sidecar={"size": "Large"}))
    made = jsonpatch.apply_patch(smallest, list(decision.patch))
    assert made == inject(smallest, Target("churn", "http", "Large"), SETTINGS).pod

    assert decided(make_review(smallest), make_monitor(ports=["grpc"])).outcome == "PortMissing"


@pytest.mark.parametrize("injection", ["Disarmed", ""])
def test_only_an_armed_monitor_injects(
    injection: str, smallest: Pod, make_review: Make, make_monitor: Make
) -> None:
    monitor = make_monitor(injection=injection)
    assert decided(make_review(smallest), monitor) == Decision("NotSelected")


def test_a_monitor_that_nobody_looked_at_yet_injects_nothing(
    smallest: Pod, make_review: Make, make_monitor: Make
) -> None:
    monitor = make_monitor()
    del monitor["status"]
    assert decided(make_review(smallest), monitor) == Decision("NotSelected")


def test_a_pod_that_no_monitor_selects_stays_as_it_is(
    smallest: Pod, make_review: Make, make_monitor: Make
) -> None:
    other = make_monitor(selector={"matchLabels": {"app": "other"}})
    assert decided(make_review(smallest), other) == Decision("NotSelected")
    assert decided(make_review(smallest)) == Decision("NotSelected")


def test_an_excluded_namespace_is_stronger_than_any_monitor(
    smallest: Pod, make_review: Make, make_monitor: Make
) -> None:
    review = make_review(smallest, "kube-system")
    decision = decided(review, make_monitor(), excluded=("kube-system",))
    assert decision == Decision("NamespaceExcluded")


def test_of_two_that_could_the_older_injects(
    smallest: Pod, make_review: Make, make_monitor: Make
) -> None:
    """Arming leaves one; should there be two for a moment, both replicas say the same."""
    old, young = make_monitor("zoo"), make_monitor("ant")
    young["metadata"]["creationTimestamp"] = "2026-01-02T00:00:00Z"
    for order in ((old, young), (young, old)):
        patch = decided(make_review(smallest), *order).patch
        made = jsonpatch.apply_patch(smallest, list(patch))
        assert made["metadata"]["labels"]["modelmonitor.io/monitor"] == "zoo"


def test_one_that_cannot_leaves_the_pod_to_one_that_can(
    smallest: Pod, make_review: Make, make_monitor: Make
) -> None:
    monitors = make_monitor("ant", ports=["grpc"]), make_monitor("zoo")
    assert decided(make_review(smallest), *monitors).outcome == "Injected"


def test_a_second_review_of_the_same_pod_changes_nothing(
    smallest: Pod, make_review: Make, make_monitor: Make
) -> None:
    """reinvocationPolicy IfNeeded asks again when another webhook changed the pod meanwhile."""
    patch = decided(make_review(smallest), make_monitor()).patch
    made = jsonpatch.apply_patch(smallest, list(patch))
    assert decided(make_review(made), make_monitor()) == Decision("AlreadyInjected")


def test_the_answer_allows_the_pod_and_bears_the_uid_of_the_request(
    patch_in: Callable[[Pod], list[Pod]],
) -> None:
    assert answer("1") == {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "response": {"uid": "1", "allowed": True},
    }
    patch = [{"op": "add", "path": "/metadata/labels/é", "value": "1"}]
    assert patch_in(answer("1", patch)) == patch
    assert answer("1", warning="told")["response"]["warnings"] == ["told"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"operation": "UPDATE"}, "body: request"),
        ({"operation": "DELETE", "object": None}, "body: request"),
        ({"object": {"kind": "Deployment"}}, "body: request"),
        ({"object": []}, "body: request"),
        ({"uid": ""}, "body: request.uid"),
        ({"uid": 7}, "body: request.uid"),
        ({"namespace": ""}, "body: request.namespace"),
        ({"namespace": None}, "body: request.namespace"),
        ({"namespace": "ml/secrets/key?x="}, "body: request.namespace"),
        ({"namespace": "../../../../version?"}, "body: request.namespace"),
        ({"namespace": "a" * 64}, "body: request.namespace"),
    ],
)
def test_what_is_no_new_pod_is_refused_by_name(
    change: Pod, place: str, smallest: Pod, make_review: Make
) -> None:
    with pytest.raises(InputError) as refused:
        read_request(make_review(smallest, **change))
    assert str(refused.value).startswith(place)


@pytest.mark.parametrize(
    "body",
    [None, [], "x", {}, {"request": {}}, {"apiVersion": "admission.k8s.io/v1beta1", "request": {}}],
)
def test_what_is_no_review_is_refused(body: Any) -> None:
    with pytest.raises(InputError, match="is no AdmissionReview"):
        read_request(body)
