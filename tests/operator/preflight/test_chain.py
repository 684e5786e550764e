"""What keeps pods from being injected, each with the line to change."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from modelmonitor_api.spec_reading import parse_monitor
from modelmonitor_operator.inject.settings import DEFAULT_SIZES, InjectionSettings, SidecarPorts
from modelmonitor_operator.preflight.chain import first_problem
from modelmonitor_operator.preflight.problem import LastArming, Problem, Situation
from modelmonitor_operator.render.pod_monitor import pod_monitor as rendered_pod_monitor
from modelmonitor_operator.testing_monitors import (
    IMAGE,
    SETTINGS,
    deployment,
    monitor,
    pod,
    pod_template,
    service,
    with_settings,
)
from modelmonitor_operator.world import Refusal, Rival, SeenPod, Workload, World

NEVER = LastArming()
CREATED = "2026-11-01T00:00:00Z"
EARLIER, LATER = "2026-10-01T00:00:00Z", "2026-12-01T00:00:00Z"
WORKLOAD = Workload("Deployment", "churn", deployment()["spec"]["template"])


def world(**seen: Any) -> World:
    return World(**{"workloads": [WORKLOAD], **seen})


def situation(seen: World, last: LastArming = NEVER, **spec: Any) -> Situation:
    return Situation(parse_monitor(monitor(**spec)), CREATED, seen, SETTINGS, last)


def reason(seen: World, last: LastArming = NEVER, **spec: Any) -> str | None:
    problem = first_problem(situation(seen, last, **spec))
    return None if problem is None else problem.reason


def problem_in(seen: World, **spec: Any) -> Problem:
    problem = first_problem(situation(seen, **spec))
    assert problem is not None
    return problem


def template(labels: Mapping[str, str] | None = None, **spec: Any) -> Workload:
    return Workload("Deployment", "churn", pod_template(labels, **spec))


def policy(port: int | None, **entry: Any) -> dict[str, Any]:
    ports = [] if port is None else [{"port": port, **entry}]
    return {
        "metadata": {"name": "only-app"},
        "spec": {"podSelector": {"matchLabels": {"app": "churn"}}, "ingress": [{"ports": ports}]},
    }


def quota(used: str, hard: str, key: str = "requests.memory", **spec: Any) -> dict[str, Any]:
    status = {"hard": {key: hard}, "used": {key: used}}
    return {"metadata": {"name": "tight"}, "spec": spec, "status": status}


def limit_range(**bounds: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "tight"},
        "spec": {"limits": [{"type": "Container", **bounds}]},
    }


def pod_monitor(port: str, labels: Mapping[str, str], **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "mine", "namespace": "team-a"},
        "spec": {
            "selector": {"matchLabels": dict(labels)},
            "podMetricsEndpoints": [{"port": port}],
            **spec,
        },
    }


def stuck(image: str) -> World:
    return world(
        pods=[SeenPod("churn-1", pod("churn-1", image), "ReplicaSet", image, "ErrImagePull")]
    )


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


def test_a_number_in_a_service_is_told_with_the_line_to_change() -> None:
    problem = problem_in(world(services=[service(8080)]))

    assert problem.reason == "TargetPortNumber"
    assert problem.message == (
        "Service churn sends to port 8080 by number, past the proxy: set targetPort to http"
    )


def test_a_number_of_another_port_is_no_matter() -> None:
    assert reason(world(services=[service(9000)])) is None


def test_a_service_of_other_pods_is_no_matter() -> None:
    assert reason(world(services=[service(8080, selector={"app": "shop"})])) is None


def test_a_headless_service_goes_past_the_proxy() -> None:
    assert reason(world(services=[service(clusterIP="None")])) == "HeadlessService"


@pytest.mark.parametrize("one", [service(8080), service(clusterIP="None")])
def test_with_a_service_of_its_own_the_others_may_be_as_they_are(one: dict[str, Any]) -> None:
    assert reason(world(services=[one]), routing="MonitoredService") is None


def test_a_network_policy_on_the_old_number_stops_what_comes_to_the_proxy() -> None:
    problem = problem_in(world(network_policies=[policy(8080)]))

    assert problem.reason == "NetworkPolicy"
    assert "add 24080" in problem.message
    assert reason(world(network_policies=[policy(8080, endPort=30_000)])) is None
    assert reason(world(network_policies=[policy(None)])) is None


def test_a_network_policy_on_the_name_is_to_say_the_proxy_s_number_too() -> None:
    named = policy(8080)
    named["spec"]["ingress"] = [{"ports": [{"port": "http"}]}]
    assert problem_in(world(network_policies=[named])).message == (
        "NetworkPolicy only-app allows port http and not 24080, where the proxy listens: "
        "add 24080 beside it"
    )

    named["spec"]["ingress"][0]["ports"].append({"port": 24_080})
    assert reason(world(network_policies=[named])) is None


def test_the_proxy_s_own_port_is_the_chart_s() -> None:
    settings = with_settings(injection=InjectionSettings(IMAGE, ports=SidecarPorts(proxy=8_085)))
    seen = world(network_policies=[policy(8080, endPort=8090)])

    assert first_problem(Situation(parse_monitor(monitor()), CREATED, seen, settings)) is None


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (quota("0", "320Mi"), None),
        (quota("1Mi", "320Mi"), "QuotaTooSmall"),
        (quota("0", "319Mi", "limits.memory"), "QuotaTooSmall"),
        (quota("0", "100m", "requests.cpu"), None),
        (quota("1m", "100m", "requests.cpu"), "QuotaTooSmall"),
        (quota("0", "4", "limits.cpu"), "QuotaWantsLimit"),
        (quota("0", "1Mi", scopes=["BestEffort"]), None),
        (quota("0", "5", "pods"), None),
    ],
)
def test_a_quota_has_to_have_room_for_a_pair_of_sidecars(
    one: dict[str, Any], expected: str | None
) -> None:
    """Small: 50m and 128Mi, 50m and 192Mi."""
    assert DEFAULT_SIZES["Small"].proxy.memory == "128Mi"
    assert reason(world(quotas=[one])) == expected


def test_a_quota_has_to_have_room_for_every_pod_without_sidecars() -> None:
    pods = [SeenPod(f"churn-{i}", pod(), "ReplicaSet", None) for i in range(3)]

    assert reason(world(pods=pods, quotas=[quota("0", "960Mi")])) is None
    assert reason(world(pods=pods, quotas=[quota("0", "959Mi")])) == "QuotaTooSmall"


def test_pods_that_opted_out_need_no_room() -> None:
    out = pod("out")
    out["metadata"]["labels"]["modelmonitor.io/inject"] = "false"
    pods = [SeenPod(one["metadata"]["name"], one, "ReplicaSet", None) for one in (pod(), out)]

    assert reason(world(pods=pods, quotas=[quota("0", "320Mi")])) is None


@pytest.mark.parametrize(("default", "expected"), [("2", None), ("2001m", "QuotaTooSmall")])
def test_a_limit_that_a_limit_range_fills_in_is_what_a_quota_counts(
    default: str, expected: str | None
) -> None:
    filled = [limit_range(default={"cpu": "1"}), limit_range(default={"cpu": default})]
    wide = limit_range(default={"memory": "1Gi"})

    room = world(quotas=[quota("0", "4", "limits.cpu")], limit_ranges=[*filled, wide])

    assert reason(room) == expected


def test_pods_that_have_their_sidecars_need_no_room() -> None:
    pods = [SeenPod("churn-1", pod("churn-1", IMAGE), "ReplicaSet", IMAGE)]

    assert reason(world(pods=pods, quotas=[quota("1Gi", "1Gi")])) is None


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


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (pod_monitor("mm-proxy", {"app": "churn"}), "ScrapedTwice"),
        (pod_monitor("mm-collector", {"modelmonitor.io/monitor": "churn"}), "ScrapedTwice"),
        (pod_monitor("mm-proxy", {}), "ScrapedTwice"),
        (pod_monitor("http", {"app": "churn"}), None),
        (pod_monitor("", {}, podMetricsEndpoints=[{"portNumber": 24081}]), "ScrapedTwice"),
        (pod_monitor("", {}, podMetricsEndpoints=[{"targetPort": "mm-proxy"}]), "ScrapedTwice"),
        (pod_monitor("", {}, podMetricsEndpoints=[{"portNumber": 8080}]), None),
        (pod_monitor("mm-proxy", {"app": "shop"}), None),
        (pod_monitor("mm-proxy", {}, namespaceSelector={"matchNames": ["team-b"]}), None),
        (pod_monitor("mm-proxy", {}, namespaceSelector={"any": True}), "ScrapedTwice"),
    ],
)
def test_a_second_pod_monitor_on_the_same_pods_is_named(
    other: dict[str, Any], expected: str | None
) -> None:
    assert reason(world(foreign_pod_monitors=[other])) == expected


def test_the_pod_monitor_that_was_rendered_by_hand_becomes_the_operator_s() -> None:
    rendered = rendered_pod_monitor(parse_monitor(monitor()), SETTINGS.render)
    annotated = with_settings(render=replace(SETTINGS.render, scrape_by="Annotations"))
    seen = world(foreign_pod_monitors=[rendered])

    assert reason(seen) is None
    twice = first_problem(Situation(parse_monitor(monitor()), CREATED, seen, annotated))
    assert twice is not None
    assert twice.reason == "ScrapedTwice"


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
