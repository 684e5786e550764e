"""What disarms a monitor that was armed: images and pods that do not come up."""

from modelmonitor_api.spec_reading import parse_monitor
from modelmonitor_operator.inject.settings import InjectionSettings
from modelmonitor_operator.preflight.chain import first_problem
from modelmonitor_operator.preflight.problem import LastArming, Situation
from modelmonitor_operator.testing_monitors import (
    IMAGE,
    monitor,
    pod_template,
    with_settings,
)
from modelmonitor_operator.testing_preflight import (
    CREATED,
    problem_in,
    reason,
    situation,
    stuck,
    world,
)
from modelmonitor_operator.world import Refusal, Workload


def test_an_image_that_cannot_be_pulled_disarms() -> None:
    problem = problem_in(stuck(IMAGE))

    assert problem.reason == "SidecarImage"
    assert IMAGE in problem.message


def test_what_an_image_tripped_stays_until_the_image_is_another() -> None:
    last = LastArming(armed=False, reason="SidecarImage", message=problem_in(stuck(IMAGE)).message)
    other = with_settings(injection=InjectionSettings("modelmonitor-sidecar:2"))

    assert reason(world(), last) == "SidecarImage"
    assert first_problem(Situation(parse_monitor(monitor()), CREATED, world(), other, last)) is None


def test_a_pod_stuck_on_an_older_image_says_nothing_about_the_new_one() -> None:
    assert reason(stuck("modelmonitor-sidecar:0")) is None


def test_pods_that_cannot_be_made_since_they_are_injected_disarm_for_good() -> None:
    refused = Workload(
        "Deployment", "churn", pod_template(), refused=Refusal("exceeded quota: tight")
    )
    armed = LastArming(armed=True, reason="Armed")

    assert reason(world(workloads=[refused]), armed) == "PodsRefused"
    tripped = first_problem(situation(world(workloads=[refused]), armed))
    assert tripped is not None
    assert "exceeded quota: tight" in tripped.message
    assert (
        reason(world(), LastArming(reason="PodsRefused", message=tripped.message)) == "PodsRefused"
    )


def test_what_was_said_before_the_arming_does_not_disarm() -> None:
    """Events stay for an hour."""
    armed = LastArming(armed=True, reason="Armed", since="2026-11-26T12:00:00Z")
    before, since = (
        Workload("StatefulSet", "churn", pod_template(), Refusal("no room", f"2026-11-26T{at}Z"))
        for at in ("11:59:59", "12:00:00")
    )

    assert reason(world(workloads=[before]), armed) is None
    assert reason(world(workloads=[since]), armed) == "PodsRefused"


def test_pods_that_could_not_be_made_before_are_not_our_fault() -> None:
    refused = Workload(
        "Deployment", "churn", pod_template(), refused=Refusal("exceeded quota: tight")
    )

    assert reason(world(workloads=[refused])) is None
