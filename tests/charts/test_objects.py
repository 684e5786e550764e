"""What the chart puts into a cluster: restricted pods, small roles, images from where they are."""

from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import pytest
import yaml

from modelmonitor_operator.leader import NAME as LEASE
from modelmonitor_operator.render.dashboard.config_map import written
from modelmonitor_operator.render.dashboard.fleet import fleet_dashboard
from modelmonitor_operator.render.dashboard.operator_dashboard import operator_dashboard
from modelmonitor_operator.render.operator_rules import operator_rules
from modelmonitor_operator.render.prometheus_rule import shared_rules
from modelmonitor_operator.render.settings import RenderSettings
from tools.chart_files import DEFINITION
from tools.chart_rendering import (
    MODES,
    RELEASE_NAMESPACE,
    Object,
    named,
    of_kind,
    template,
)

Objects = Callable[[str], list[Object]]
CLUSTER_WIDE = {
    "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration",
}  # fmt: skip


def pods_in(objects: list[Object]) -> Iterator[tuple[str, dict[str, Any]]]:
    for one in objects:
        spec = one.get("spec", {})
        if one["kind"] == "Pod":
            yield one["metadata"]["name"], spec
        elif "template" in spec:
            yield one["metadata"]["name"], spec["template"]["spec"]


@pytest.mark.parametrize("mode", MODES)
def test_every_pod_is_restricted_and_cannot_write_its_root(mode: str, objects_of: Objects) -> None:
    pods = dict(pods_in(objects_of(mode)))
    assert {"modelmonitor-operator", "modelmonitor-test"} <= set(pods)
    for pod in pods.values():
        security = pod["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security.get("runAsUser") == (None if mode == "everything" else 65532)
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert {"requests", "limits"} <= set(container["resources"])


@pytest.mark.parametrize("mode", MODES)
def test_only_who_asks_the_api_server_gets_a_token(mode: str, objects_of: Objects) -> None:
    with_token = {name for name, pod in pods_in(objects_of(mode)) if token_of(pod)}
    webhook = {"modelmonitor-webhook"} if mode in ("webhook", "cert_manager") else set()
    assert with_token == {"modelmonitor-operator"} | webhook


def token_of(pod: dict[str, Any]) -> bool:
    return bool(pod["automountServiceAccountToken"])


def rules_of(objects: list[Object], kind: str, name: str) -> set[tuple[str, str, str]]:
    return {
        (group, resource, verb)
        for rule in named(objects, kind, name)["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def test_the_operator_reads_no_secret_and_writes_no_pod(objects_of: Objects) -> None:
    rules = rules_of(objects_of("default"), "ClusterRole", "modelmonitor-operator")
    assert not {one for one in rules if "*" in one or one[1] == "secrets"}
    reading = {"get", "list", "watch"}
    written_kinds = {resource for _, resource, verb in rules if verb not in reading}
    assert written_kinds == {
        "modelmonitors/status", "configmaps", "services", "events", "podmonitors",
        "prometheusrules", "grafanadashboards",
    }  # fmt: skip
    assert {verb for _, resource, verb in rules if resource == "pods"} == {"list"}


def test_the_operator_holds_one_lease_and_no_other(objects_of: Objects) -> None:
    (role,) = of_kind(objects_of("default"), "Role")
    create, hold = role["rules"]
    assert (create["verbs"], hold["verbs"]) == (["create"], ["get", "update"])
    assert hold["resourceNames"] == [LEASE]
    assert role["metadata"]["namespace"] == RELEASE_NAMESPACE


def test_people_may_write_monitors_and_never_their_status(objects_of: Objects) -> None:
    objects = objects_of("default")
    view = rules_of(objects, "ClusterRole", "modelmonitor-view")
    edit = rules_of(objects, "ClusterRole", "modelmonitor-edit")
    assert {resource for _, resource, _ in view | edit} == {"modelmonitors"}
    assert {verb for *_, verb in view} == {"get", "list", "watch"}
    aggregated = {
        name: {
            label.removeprefix("rbac.authorization.k8s.io/aggregate-to-")
            for label in named(objects, "ClusterRole", name)["metadata"]["labels"]
            if "aggregate" in label
        }
        for name in ("modelmonitor-view", "modelmonitor-edit")
    }
    assert aggregated == {
        "modelmonitor-view": {"view", "edit", "admin"},
        "modelmonitor-edit": {"edit", "admin"},
    }


@pytest.mark.parametrize("mode", MODES)
def test_every_object_bears_the_labels_and_its_namespace(mode: str, objects_of: Objects) -> None:
    for one in objects_of(mode):
        labels = one["metadata"]["labels"]
        assert labels["app.kubernetes.io/name"] == "modelmonitor"
        assert labels["app.kubernetes.io/managed-by"] == "Helm"
        assert ("cost-centre" in labels) is (mode == "everything")
        namespaced = one["kind"] not in CLUSTER_WIDE
        assert one["metadata"].get("namespace") == (RELEASE_NAMESPACE if namespaced else None)


def test_labels_of_the_user_never_take_the_place_of_ours(needs_helm: None) -> None:
    theirs = {"app.kubernetes.io/name": "other", "app.kubernetes.io/component": "other"}
    values = {"commonLabels": theirs, "operator": {"podLabels": theirs}}
    deployment = named(
        list(yaml.safe_load_all(template(values))), "Deployment", "modelmonitor-operator"
    )
    wanted = deployment["spec"]["selector"]["matchLabels"]
    assert wanted["app.kubernetes.io/name"] == "modelmonitor"
    assert deployment["spec"]["template"]["metadata"]["labels"].items() >= wanted.items()


@pytest.mark.parametrize("mode", MODES)
def test_every_selector_finds_its_pods(mode: str, objects_of: Objects) -> None:
    objects = objects_of(mode)
    pods = [one["spec"]["template"]["metadata"]["labels"] for one in of_kind(objects, "Deployment")]
    selectors = [one["spec"]["selector"] for one in of_kind(objects, "Service")]
    for kind, field in (("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector")):
        selectors += [one["spec"][field]["matchLabels"] for one in of_kind(objects, kind)]
    assert len(selectors) >= 2 * len(pods)
    for selector in selectors:
        assert [labels.items() >= selector.items() for labels in pods].count(True) == 1, selector


def test_images_come_from_the_private_registry_by_their_digests(objects_of: Objects) -> None:
    pods = dict(pods_in(objects_of("everything")))
    assert all(pod["imagePullSecrets"] == [{"name": "pull"}] for pod in pods.values())
    images = {name: pod["containers"][0]["image"] for name, pod in pods.items()}
    team, digest = "registry.example.com:5000/team", "sha256:" + "b" * 64
    assert images["modelmonitor-operator"] == f"{team}/modelmonitor-operator@{digest}"
    assert images["modelmonitor-image-puller"].startswith(f"{team}/modelmonitor-sidecar:7@sha256:a")


def test_without_a_digest_images_have_the_version_of_the_chart(objects_of: Objects) -> None:
    (container,) = dict(pods_in(objects_of("default")))["modelmonitor-operator"]["containers"]
    assert container["image"] == "modelmonitor-operator:0.1.0"


def test_a_budget_is_there_where_a_pod_may_be_missed(objects_of: Objects) -> None:
    (budget,) = of_kind(objects_of("default"), "PodDisruptionBudget")
    assert budget["spec"]["maxUnavailable"] == 1
    assert budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    assert of_kind(objects_of("off"), "PodDisruptionBudget") == []


def test_the_definition_is_the_projects_own_and_is_kept(objects_of: Objects) -> None:
    (found,) = of_kind(objects_of("default"), "CustomResourceDefinition")
    metadata = found.pop("metadata")
    assert metadata["annotations"] == {
        "modelmonitor.io/version": "0.1.0",
        "helm.sh/resource-policy": "keep",
    }
    definition = yaml.safe_load(DEFINITION.read_text())
    raw = definition.pop("metadata")
    assert metadata["name"] == raw["name"]
    assert raw["annotations"] == {"modelmonitor.io/version": version("modelmonitor")}
    assert found == definition


def test_the_definition_may_be_left_out_and_may_be_let_go(
    needs_helm: None, objects_of: Objects
) -> None:
    assert of_kind(objects_of("everything"), "CustomResourceDefinition") == []
    objects = list(yaml.safe_load_all(template({"crds": {"keep": False}})))
    (found,) = of_kind(objects, "CustomResourceDefinition")
    assert found["metadata"]["annotations"] == {"modelmonitor.io/version": "0.1.0"}


def test_shared_rules_are_those_of_the_program_with_the_given_links(objects_of: Objects) -> None:
    expected = RenderSettings(
        runbook_url="https://books.io/a/", grafana_url="https://grafana.example.com/"
    )
    everything = named(objects_of("everything"), "PrometheusRule", "modelmonitor-shared")
    assert everything["spec"] == shared_rules(expected)
    assert everything["metadata"]["labels"]["release"] == "kps"
    default = named(objects_of("shared"), "PrometheusRule", "modelmonitor-shared")
    assert default["spec"] == shared_rules(RenderSettings())


def test_the_operator_is_watched_where_that_is_asked_for(objects_of: Objects) -> None:
    objects = objects_of("everything")
    rules = named(objects, "PrometheusRule", "modelmonitor-operator")
    assert rules["spec"] == operator_rules("https://books.io/a/", "https://grafana.example.com/")
    found = named(objects, "ConfigMap", "modelmonitor-operator-dashboard")
    assert found["data"] == {"modelmonitor-operator.json": written(operator_dashboard())}
    (monitor,) = of_kind(objects, "PodMonitor")
    labels = named(objects, "Deployment", "modelmonitor-operator")["spec"]["template"]["metadata"][
        "labels"
    ]
    assert labels.items() >= monitor["spec"]["selector"]["matchLabels"].items()
    assert {one["metadata"]["labels"]["release"] for one in (rules, monitor)} == {"kps"}


def test_rules_of_each_monitor_are_the_operators_affair(objects_of: Objects) -> None:
    assert of_kind(objects_of("default"), "PrometheusRule") == []


@pytest.mark.parametrize(("mode", "label"), [("default", None), ("everything", "cluster")])
def test_the_fleet_dashboard_is_the_programs(
    mode: str, label: str | None, objects_of: Objects
) -> None:
    found = named(objects_of(mode), "ConfigMap", "modelmonitor-fleet-dashboard")
    assert found["data"] == {"modelmonitor-fleet.json": written(fleet_dashboard(label))}
    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"


def test_pods_start_anew_when_the_operators_values_change(needs_helm: None) -> None:
    def digest(values: dict[str, Any]) -> str:
        objects = list(yaml.safe_load_all(template(values)))
        deployment = named(objects, "Deployment", "modelmonitor-operator")
        annotations = deployment["spec"]["template"]["metadata"]["annotations"]
        return str(annotations["modelmonitor.io/values"])

    assert digest({"operator": {"workers": 9}}) != digest({})
    assert digest({"operator": {"replicas": 3}}) == digest({})


@pytest.mark.parametrize("mode", MODES)
def test_rendered_twice_is_the_same(mode: str, text_of: Callable[[str], str]) -> None:
    """Argo CD renders again and again, and compares."""
    assert template(MODES[mode]) == text_of(mode)
