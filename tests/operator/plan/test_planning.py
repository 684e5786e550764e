"""What is made for a monitor, and what is said of it, from one picture of the world."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_operator.kinds import (
    CONFIG_MAP,
    GRAFANA_DASHBOARD,
    OPTIONAL,
    PROMETHEUS_RULE,
    SERVICE,
    Reference,
)
from modelmonitor_operator.plan.findings import Finding
from modelmonitor_operator.plan.planning import Plan, findings, injection_state, plan
from modelmonitor_operator.render.settings import RenderSettings
from modelmonitor_operator.testing_monitors import (
    SETTINGS,
    baseline,
    monitor,
    pod,
    pod_template,
    service,
    wide_baseline,
    with_settings,
)
from modelmonitor_operator.world import (
    Binding,
    KnownBaseline,
    OwnedObject,
    SeenBaseline,
    SeenPod,
    Workload,
    World,
)

SERVED = World(workloads=[Workload("Deployment", "churn", pod_template())])
GRAFANA = RenderSettings(grafana_instances={"dashboards": "grafana"})


def seen(name: str, image: str | None) -> SeenPod:
    return SeenPod(name, pod(name, image), "ReplicaSet", image)


def names(planned: Plan) -> list[str]:
    return [str(one.reference) for one in planned.apply]


def made(planned: Plan, reference: str) -> Any:
    (found,) = (one for one in planned.apply if str(one.reference) == reference)
    return found.manifest()


def told(planned: Plan, type_: str, refusals: dict[Reference, str] | None = None) -> Finding:
    (found,) = (one for one in findings(planned.draft, refusals or {}) if one.type == type_)
    return found


def test_the_smallest_monitor_gets_configuration_scraping_rules_and_a_dashboard() -> None:
    planned = plan(monitor(), SERVED, SETTINGS)

    assert names(planned) == [
        "ConfigMap churn-modelmonitor",
        "PodMonitor churn-modelmonitor",
        "PrometheusRule churn-modelmonitor",
        "ConfigMap churn-modelmonitor-dashboard",
    ]
    assert injection_state(planned.draft) == "Armed"
    assert told(planned, "Ready").status == "True"


def test_every_object_belongs_to_the_monitor_and_says_so() -> None:
    settings = with_settings(render=GRAFANA)
    planned = plan(monitor(routing="MonitoredService"), SERVED, settings)

    assert len(planned.apply) == 6
    for one in planned.apply:
        metadata = one.manifest()["metadata"]
        (owner,) = metadata["ownerReferences"]
        assert (owner["kind"], owner["name"], owner["uid"]) == (
            "ModelMonitor",
            "churn",
            "uid-of-churn",
        )
        assert metadata["labels"]["modelmonitor.io/monitor"] == "churn"
        assert metadata["labels"]["modelmonitor.io/monitor-uid"] == "uid-of-churn"
        assert metadata["annotations"]["modelmonitor.io/fingerprint"] == one.fingerprint
        assert (metadata["namespace"], metadata["name"]) == ("team-a", one.reference.name)


def test_a_name_of_fifty_characters_makes_names_that_kubernetes_takes() -> None:
    planned = plan(monitor("m" * 50), SERVED, SETTINGS)

    assert all(len(one.reference.name) <= 253 for one in planned.apply)
    labels = made(planned, f"ConfigMap {'m' * 50}-modelmonitor")["metadata"]["labels"]
    assert all(len(value) <= 63 for value in labels.values())


@given(
    st.sampled_from(["5m", "1h", "24h"]),
    st.booleans(),
    st.sets(st.sampled_from(OPTIONAL)),
)
def test_the_same_monitor_in_the_same_world_has_the_same_plan(
    window: str, suspend: bool, served: set[Any]
) -> None:
    resource = monitor(windows=[window], suspend=suspend)
    world = World(served=frozenset(served))

    one, other = plan(resource, world, SETTINGS), plan(resource, world, SETTINGS)

    assert [(o.reference, o.fingerprint) for o in one.apply] == [
        (o.reference, o.fingerprint) for o in other.apply
    ]
    assert findings(one.draft, {}) == findings(other.draft, {})


def test_the_fingerprint_changes_with_what_an_object_is_made_from_and_with_nothing_else() -> None:
    def by_name(resource: dict[str, Any]) -> dict[str, str]:
        return {str(o.reference): o.fingerprint for o in plan(resource, SERVED, SETTINGS).apply}

    before = by_name(monitor())
    labelled = by_name(monitor(prometheus={"labels": {"release": "kps"}}))
    changed = {name for name in before if before[name] != labelled[name]}

    assert changed == {
        "ConfigMap churn-modelmonitor",
        "PodMonitor churn-modelmonitor",
        "PrometheusRule churn-modelmonitor",
    }


def test_another_version_of_the_operator_looks_at_every_object_anew() -> None:
    old = plan(monitor(), SERVED, SETTINGS).apply
    new = plan(monitor(), SERVED, with_settings(version="2")).apply

    assert not {o.fingerprint for o in old} & {o.fingerprint for o in new}


def test_suspended_it_records_and_tells_nobody_and_no_new_pod_is_injected() -> None:
    planned = plan(monitor(suspend=True), SERVED, SETTINGS)

    groups = {
        g["name"] for g in made(planned, "PrometheusRule churn-modelmonitor")["spec"]["groups"]
    }
    awake = made(plan(monitor(), SERVED, SETTINGS), "PrometheusRule churn-modelmonitor")
    assert {g["name"] for g in awake["spec"]["groups"]} - groups == {"modelmonitor-alerts"}
    assert groups
    assert injection_state(planned.draft) == "Disarmed"
    assert told(planned, "Ready").reason == "Suspended"


def test_without_prometheus_operator_the_rules_are_a_file_in_a_config_map() -> None:
    planned = plan(monitor(), World(served=frozenset()), SETTINGS)

    rules = made(planned, "ConfigMap churn-modelmonitor-rules")
    (text,) = rules["data"].values()
    assert json.loads(text)["groups"]
    assert told(planned, "RulesApplied").reason == "InConfigMap"
    assert told(planned, "Ready").status == "True"


def test_without_prometheus_operator_and_where_rules_must_be_its_objects_nothing_is_ready() -> None:
    settings = with_settings(delivery="PrometheusRule")
    planned = plan(monitor(), World(served=frozenset()), settings)

    assert told(planned, "Ready").status == "False"
    assert told(planned, "RulesApplied").reason == "PrometheusOperatorMissing"


def test_rules_as_a_file_can_be_asked_for_where_there_is_prometheus_operator() -> None:
    planned = plan(monitor(), SERVED, with_settings(delivery="ConfigMap"))

    assert "ConfigMap churn-modelmonitor-rules" in names(planned)
    assert "PrometheusRule churn-modelmonitor" not in names(planned)


def test_what_grafana_operator_says_is_told_and_nobody_waits_for_it() -> None:
    words = "No matching Grafana instances could be found"
    world = replace(SERVED, grafana=[Binding("GrafanaDashboard", "", "False", words)])

    planned = plan(monitor(), world, with_settings(render=GRAFANA))

    finding = told(planned, "DashboardApplied")
    assert (finding.status, finding.reason) == ("False", "NotInGrafana")
    assert words in finding.message
    assert told(planned, "Ready").status == "True"


def test_a_dashboard_that_grafana_shows_is_applied() -> None:
    world = replace(SERVED, grafana=[Binding("GrafanaDashboard", "", "True", "applied")])

    assert told(
        plan(monitor(), world, with_settings(render=GRAFANA)), "DashboardApplied"
    ).reason == ("Applied")


def test_traffic_that_cannot_be_read_is_told_though_it_is_led_to_the_proxy() -> None:
    image, grpc = SETTINGS.injection.image, service()
    grpc["spec"]["ports"][0]["appProtocol"] = "grpc"
    world = replace(SERVED, pods=[seen("churn-1", image)], services=[grpc])

    finding = told(plan(monitor(), world, SETTINGS), "Capturing")

    assert (finding.status, finding.reason) == ("False", "Opaque")
    assert "Service churn says appProtocol grpc" in finding.message
    assert told(plan(monitor(), world, SETTINGS), "Ready").status == "True"


ANNOTATED = with_settings(
    render=RenderSettings(scrape_by="Annotations"),
    injection=replace(SETTINGS.injection, scrape_by="Annotations"),
)


def test_where_pods_say_how_to_scrape_them_no_pod_monitor_does_it_again() -> None:
    planned = plan(monitor(), SERVED, ANNOTATED)

    assert not any(name.startswith("PodMonitor") for name in names(planned))
    assert told(planned, "RulesApplied").status == "True"
    assert "mm-collector" in told(planned, "RulesApplied").message
    assert "PodMonitor" not in told(planned, "RulesApplied").message


def test_without_prometheus_operator_the_message_says_what_is_left_to_scrape() -> None:
    nothing = World(served=frozenset())
    by_hand = told(plan(monitor(), nothing, SETTINGS), "RulesApplied").message
    annotated = told(plan(monitor(), nothing, ANNOTATED), "RulesApplied").message

    assert "scrape the ports mm-proxy and mm-collector of the pods" in by_hand
    assert "mm-collector (its annotations lead to mm-proxy)" in annotated


def test_pods_of_before_the_annotations_are_to_be_restarted() -> None:
    image = SETTINGS.injection.image
    old, new = (pod(name, image) for name in ("churn-1", "churn-2"))
    new["metadata"]["annotations"] = {"prometheus.io/scrape": "true"}
    pods = [SeenPod(one["metadata"]["name"], one, "ReplicaSet", image) for one in (old, new)]

    finding = told(plan(monitor(), World(pods=pods), ANNOTATED), "Injected")

    assert finding.reason == "PendingRestart"
    assert "1 of 2 pods" in finding.message
    assert told(plan(monitor(), World(pods=pods), SETTINGS), "Injected").reason == "Injected"


def test_a_workload_that_opted_out_is_not_to_be_restarted() -> None:
    labels = {"app": "churn", "modelmonitor.io/inject": "false"}
    out = Workload("Deployment", "out", pod_template(labels))
    world = World(workloads=[*SERVED.workloads, out], pods=[seen("churn-1", None)])

    message = told(plan(monitor(), world, SETTINGS), "Injected").message

    assert message.endswith("kubectl -n team-a rollout restart deployment/churn")


def test_a_pod_whose_owner_says_how_to_scrape_it_is_as_a_new_one_would_be() -> None:
    image, own = SETTINGS.injection.image, pod("churn-1", SETTINGS.injection.image)
    own["metadata"]["annotations"] = {"prometheus.io/port": "8080"}
    world = World(pods=[SeenPod("churn-1", own, "ReplicaSet", image)])

    assert told(plan(monitor(), world, ANNOTATED), "Injected").reason == "Injected"


def test_shared_rules_are_not_made_again_for_a_monitor() -> None:
    planned = plan(monitor(), SERVED, with_settings(render=RenderSettings(mode="Shared")))

    assert not any("Rule" in name for name in names(planned))
    assert told(planned, "RulesApplied").reason == "Shared"


def test_the_grafana_resource_is_made_where_its_kind_is_served_and_an_instance_is_named() -> None:
    name = "GrafanaDashboard churn-modelmonitor-dashboard"
    named, without = with_settings(render=GRAFANA), frozenset(OPTIONAL) - {GRAFANA_DASHBOARD}

    assert name in names(plan(monitor(), World(), named))
    assert name not in names(plan(monitor(), World(), SETTINGS))
    assert name not in names(plan(monitor(), World(served=without), named))


def test_what_is_no_longer_wanted_is_deleted() -> None:
    reference = Reference(CONFIG_MAP, "team-a", "churn-modelmonitor-rules")
    world = World(owned=[OwnedObject(reference, "1")])

    assert plan(monitor(), world, SETTINGS).delete == (OwnedObject(reference, "1"),)


def test_a_spec_that_cannot_be_read_changes_no_object_and_injects_no_pod() -> None:
    resource = monitor(windows=["3m"])
    owned = OwnedObject(Reference(PROMETHEUS_RULE, "team-a", "churn-modelmonitor"), "1")

    planned = plan(resource, World(owned=[owned]), SETTINGS)

    assert (planned.apply, planned.delete) == ((), ())
    assert injection_state(planned.draft) == "Disarmed"
    assert told(planned, "SpecValid").message.startswith("spec.windows[0]: ")
    assert told(planned, "Ready").reason == "Invalid"


def test_a_monitor_that_selects_nothing_is_told_so() -> None:
    resource = monitor()
    del resource["spec"]["ports"]

    planned = plan(resource, SERVED, SETTINGS)

    assert told(planned, "SpecValid").message.startswith("spec.ports: is missing")


def test_a_service_of_its_own_leads_to_the_port_by_name() -> None:
    planned = plan(monitor(routing="MonitoredService"), SERVED, SETTINGS)

    spec = made(planned, "Service churn-monitored")["spec"]
    assert spec["selector"] == {"app": "churn"}
    assert spec["ports"] == [
        {"name": "http", "port": 8080, "targetPort": "http", "protocol": "TCP"}
    ]


def test_a_service_of_its_own_captures_once_a_pod_with_sidecars_runs() -> None:
    resource, image = monitor(routing="MonitoredService"), SETTINGS.injection.image
    reasons = [
        told(plan(resource, replace(SERVED, pods=pods), SETTINGS), "Capturing").reason
        for pods in ([], [seen("churn-1", None)], [seen("churn-1", image)])
    ]

    assert reasons == ["NoPods", "NoPods", "MonitoredService"]


def test_a_service_of_its_own_stays_while_there_are_no_pods() -> None:
    """Made anew it would have another address than the one that clients have."""
    own = OwnedObject(Reference(SERVICE, "team-a", "churn-monitored"), "1")
    gone = World(owned=[own])

    assert plan(monitor(routing="MonitoredService"), gone, SETTINGS).delete == ()
    assert plan(monitor(), gone, SETTINGS).delete == (own,)


def test_before_there_is_a_pod_nobody_knows_the_port_of_a_service_of_its_own() -> None:
    planned = plan(monitor(routing="MonitoredService"), World(), SETTINGS)

    assert "Service churn-monitored" not in names(planned)


def test_pods_without_sidecars_are_counted_and_the_command_is_told() -> None:
    image = SETTINGS.injection.image
    world = World(
        workloads=[Workload("Deployment", "churn", pod_template())],
        pods=[seen("churn-1", None), seen("churn-2", image), seen("churn-3", "old:0")],
    )

    finding = told(plan(monitor(), world, SETTINGS), "Injected")

    assert (finding.status, finding.reason) == ("False", "PendingRestart")
    assert "2 of 3 pods" in finding.message
    assert "kubectl -n team-a rollout restart deployment/churn" in finding.message


def test_pods_that_belong_to_nothing_have_to_be_made_anew() -> None:
    world = World(pods=[SeenPod("alone", pod("alone"), None, None)])

    finding = told(plan(monitor(), world, SETTINGS), "Injected")

    assert "kubectl -n team-a delete pod/alone" in finding.message


def test_a_suspended_monitor_tells_how_the_sidecars_come_out() -> None:
    image = SETTINGS.injection.image
    world = World(workloads=SERVED.workloads, pods=[seen("churn-1", None), seen("churn-2", image)])

    finding = told(plan(monitor(suspend=True), world, SETTINGS), "Injected")

    assert (finding.status, finding.reason) == ("True", "StillInjected")
    assert finding.message.startswith("1 of 2 pods still have sidecars")
    assert finding.message.endswith(": kubectl -n team-a rollout restart deployment/churn")


def test_sidecars_that_stand_in_a_manifest_are_for_no_restart_to_change() -> None:
    written = pod("churn-1", "written:1")
    template = {"metadata": written["metadata"], "spec": written["spec"]}
    world = World(
        workloads=[Workload("Deployment", "churn", template)], pods=[seen("churn-1", "written:1")]
    )

    for suspend in (False, True):
        finding = told(plan(monitor(suspend=suspend), world, SETTINGS), "Injected")
        assert (finding.status, finding.reason) == ("True", "Injected")


def test_pods_that_opted_out_are_named_where_there_are_no_others() -> None:
    out = pod("churn-1")
    out["metadata"]["labels"]["modelmonitor.io/inject"] = "false"
    world = World(pods=[SeenPod("churn-1", out, "ReplicaSet", None)])

    finding = told(plan(monitor(), world, SETTINGS), "Injected")

    assert (finding.status, finding.reason) == ("Unknown", "OptedOut")
    assert 'all 1 pods bear the label modelmonitor.io/inject: "false"' in finding.message


def test_capturing_says_whether_services_lead_to_the_sidecars() -> None:
    image = SETTINGS.injection.image
    world = World(workloads=SERVED.workloads, pods=[seen("churn-1", image)])
    with_service = World(
        workloads=SERVED.workloads, pods=[seen("churn-1", image)], services=[service()]
    )

    assert told(plan(monitor(), world, SETTINGS), "Capturing").reason == "NoService"
    finding = told(plan(monitor(), with_service, SETTINGS), "Capturing")
    assert (finding.status, finding.reason) == ("True", "ServicesLeadToProxy")


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("http", "ServicesLeadToProxy"),
        (24_080, "ServicesLeadToProxy"),
        ("metrics", "NoService"),
        (9_090, "NoService"),
    ],
)
def test_a_service_to_another_port_of_the_pods_captures_nothing(
    target: str | int, reason: str
) -> None:
    pods, services = [seen("churn-1", SETTINGS.injection.image)], [service(target)]
    world = World(workloads=SERVED.workloads, pods=pods, services=services)

    assert told(plan(monitor(), world, SETTINGS), "Capturing").reason == reason


def test_a_refused_object_is_named_with_the_words_of_the_api_server() -> None:
    planned = plan(monitor(), SERVED, SETTINGS)
    rule = Reference(PROMETHEUS_RULE, "team-a", "churn-modelmonitor")

    finding = told(planned, "RulesApplied", {rule: "no such expression"})

    assert (finding.status, finding.reason) == ("False", "Refused")
    assert finding.message == "PrometheusRule churn-modelmonitor: no such expression"
    assert told(planned, "Ready", {rule: "no such expression"}).reason == "Refused"


def test_a_refused_configuration_keeps_the_monitor_from_being_ready() -> None:
    planned = plan(monitor(), SERVED, SETTINGS)
    reference = Reference(CONFIG_MAP, "team-a", "churn-modelmonitor")

    assert told(planned, "Ready", {reference: "too large"}).message == (
        "ConfigMap churn-modelmonitor: too large"
    )


def test_a_baseline_that_has_no_room_in_a_config_map_is_told_with_what_to_do() -> None:
    model = {"name": "churn", "baselines": [{"configMap": "b"}]}
    large = KnownBaseline(wide_baseline(500, 800), "aabbccdd", source_bytes=800 << 10)

    planned = plan(monitor(models=[model]), World(baselines={"b": SeenBaseline(large)}), SETTINGS)

    finding = told(planned, "BaselinesLoaded")
    assert (finding.status, finding.reason) == ("False", "TooLarge")
    assert "the baseline of churn for all versions: build smaller baselines" in finding.message
    assert "binaryData" not in made(planned, "ConfigMap churn-modelmonitor")
    assert told(planned, "Ready").status == "True"


def test_a_baseline_in_use_is_in_the_configuration_of_the_sidecars() -> None:
    model = {"name": "churn", "baselines": [{"configMap": "b"}]}
    world = World(baselines={"b": SeenBaseline(KnownBaseline(baseline(), "aabbccdd"))})

    planned = plan(monitor(models=[model]), world, SETTINGS)

    config = json.loads(made(planned, "ConfigMap churn-modelmonitor")["data"]["config.json"])
    assert [one["model"] for one in config["baselines"]] == ["churn"]
    assert told(planned, "BaselinesLoaded").reason == "Loaded"
