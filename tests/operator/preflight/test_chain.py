"""What keeps pods from being injected, each with the line to change."""

import pytest

from modelmonitor_api.spec_reading import parse_monitor
from modelmonitor_operator.inject.settings import InjectionSettings
from modelmonitor_operator.preflight.chain import first_problem
from modelmonitor_operator.preflight.problem import Situation
from modelmonitor_operator.testing_monitors import (
    IMAGE,
    monitor,
    pod,
    service,
    with_settings,
)
from modelmonitor_operator.testing_preflight import (
    CREATED,
    EARLIER,
    LATER,
    limit_range,
    pod_monitor,
    policy,
    problem_in,
    quota,
    reason,
    situation,
    stuck,
    template,
    world,
)
from modelmonitor_operator.world import Rival, SeenPod, World


def test_nothing_is_wrong_with_an_ordinary_model_server() -> None:
    assert reason(world(services=[service()])) is None


def test_before_there_are_pods_the_first_ones_are_to_be_injected() -> None:
    assert reason(World()) is None


def test_where_the_platform_injects_nothing_the_command_is_told() -> None:
    off = with_settings(injection=InjectionSettings(IMAGE, mode="Off"))
    problem = first_problem(Situation(parse_monitor(monitor()), CREATED, world(), off))

    assert problem is not None
    assert problem.reason == "InjectionOff"
    assert "modelmonitor inject" in problem.message


def test_a_suspended_monitor_injects_nothing() -> None:
    assert reason(world(), suspend=True) == "Suspended"


def test_a_namespace_opts_out_by_its_label() -> None:
    assert (
        reason(world(namespace_labels={"modelmonitor.io/inject": "false"})) == "NamespaceOptedOut"
    )
    assert reason(world(namespace_labels={"modelmonitor.io/inject": "true"})) is None


def test_the_platform_s_list_of_namespaces_is_stronger_than_a_monitor() -> None:
    settings = with_settings(excluded_namespaces=frozenset({"team-a"}))
    problem = first_problem(Situation(parse_monitor(monitor()), CREATED, world(), settings))

    assert problem is not None
    assert problem.reason == "NamespaceExcluded"


@pytest.mark.parametrize(
    ("rival", "expected"),
    [
        (Rival("older", EARLIER, {"app": "churn"}), "Overlap"),
        (Rival("younger", LATER, {"app": "churn"}), None),
        (Rival("a-before-churn", CREATED, {"app": "churn"}), "Overlap"),
        (Rival("d-after-churn", CREATED, {"app": "churn"}), None),
        (Rival("narrower", EARLIER, {"app": "churn", "tier": "a"}), "Overlap"),
        (Rival("elsewhere", EARLIER, {"tier": "a"}), None),
    ],
)
def test_the_older_monitor_of_the_same_pods_keeps_them(rival: Rival, expected: str | None) -> None:
    assert reason(world(rivals=[rival])) == expected


def test_selectors_that_only_meet_in_a_pod_overlap_when_there_is_one() -> None:
    rival = Rival("older", EARLIER, {"tier": "a"})
    both = template({"app": "churn", "tier": "a"})

    problem = problem_in(world(workloads=[both], rivals=[rival]))

    assert problem.reason == "Overlap"
    assert "ModelMonitor older" in problem.message


def test_a_missing_port_is_told_with_the_names_that_are_there() -> None:
    problem = problem_in(world(), ports=["grpc"])

    assert problem.reason == "PortMissing"
    assert problem.message.startswith("Deployment churn: ")
    assert "names found: http" in problem.message


def test_a_pod_on_the_node_s_network_is_not_injected() -> None:
    assert reason(world(workloads=[template(hostNetwork=True)])) == "HostNetwork"


def test_two_containers_with_the_port_s_name_are_ambiguous() -> None:
    containers = [
        {"name": name, "ports": [{"name": "http", "containerPort": number}]}
        for name, number in (("a", 8080), ("b", 8081))
    ]

    assert reason(world(workloads=[template(containers=containers)])) == "PortAmbiguous"


def test_pods_that_opted_out_are_nobody_s_problem() -> None:
    labels = {"app": "churn", "modelmonitor.io/inject": "false"}

    assert reason(world(workloads=[template(labels, hostNetwork=True)])) is None


def test_an_old_pod_does_not_speak_against_a_template_that_was_mended() -> None:
    old = pod()
    old["spec"]["hostNetwork"] = True

    assert reason(world(pods=[SeenPod("old", old, "ReplicaSet", None)])) is None


def test_a_pod_of_an_unknown_owner_is_looked_at_itself() -> None:
    own = pod()
    own["spec"]["hostNetwork"] = True

    assert reason(world(pods=[SeenPod("own", own, "Rollout", None)])) == "HostNetwork"


def test_every_message_says_what_to_do() -> None:
    situations = [
        situation(world(), suspend=True),
        situation(world(namespace_labels={"modelmonitor.io/inject": "false"})),
        situation(world(rivals=[Rival("older", EARLIER, {"app": "churn"})])),
        situation(world(), ports=["grpc"]),
        situation(world(services=[service(8080)])),
        situation(world(services=[service(clusterIP="None")])),
        situation(world(network_policies=[policy(8080)])),
        situation(world(quotas=[quota("0", "1Mi")])),
        situation(world(limit_ranges=[limit_range(min={"cpu": "1"})])),
        situation(world(quotas=[quota("0", "4", "limits.cpu")])),
        situation(stuck(IMAGE)),
        situation(world(foreign_pod_monitors=[pod_monitor("mm-proxy", {})])),
    ]
    mends = ("set ", "take ", "narrow ", "name ", "give ", "add ", "raise ", "make ", "delete ")

    for one in situations:
        problem = first_problem(one)
        assert problem is not None
        assert any(mend in problem.message for mend in mends), problem.message
