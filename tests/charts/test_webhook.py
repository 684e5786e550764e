"""The chart's webhook: the program's own configuration, one Secret, and the smallest rights."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from modelmonitor_operator.admission.pairs import NAME
from modelmonitor_operator.admission.settings import WebhookSettings, read_webhook_settings
from modelmonitor_operator.render.injection_webhook import (
    KIND,
    PATH,
    SERVICE,
    injection_webhook,
)
from modelmonitor_operator.settings import read_operator_settings
from tools.chart_rendering import (
    EVERYTHING,
    MODES,
    RELEASE_NAMESPACE,
    WEBHOOK,
    Object,
    named,
    of_kind,
    template,
)

Objects = Callable[[str], list[Object]]
POLICIES = ("MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding")
ENVIRONMENT = {"POD_NAMESPACE": RELEASE_NAMESPACE}
PEM = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n"


def rendered(**webhook: Any) -> list[Object]:
    return list(yaml.safe_load_all(template({**WEBHOOK, "webhook": webhook})))


def settings_in(objects: list[Object]) -> WebhookSettings:
    values = named(objects, "ConfigMap", NAME)["data"]["values.yaml"]
    return read_webhook_settings(yaml.safe_load(values), ENVIRONMENT, "1")


def rights(objects: list[Object], kind: str) -> list[tuple[Any, ...]]:
    return [
        (*rule["resources"], tuple(rule["verbs"]), rule.get("resourceNames"))
        for rule in named(objects, kind, NAME)["rules"]
    ]


@pytest.mark.parametrize("mode", MODES)
def test_never_both_inject(mode: str, objects_of: Objects) -> None:
    objects = objects_of(mode)
    counts = [len(of_kind(objects, kind)) for kind in (*POLICIES, KIND)]
    wanted = MODES[mode].get("injection", {}).get("mode", "Policy")
    assert counts == {"Policy": [1, 1, 0], "Webhook": [0, 0, 1], "Off": [0, 0, 0]}[wanted]


def test_chart_and_program_have_the_same_configuration(needs_helm: None) -> None:
    excluded = {"injection": {"mode": "Webhook", "excludedNamespaces": ["zebra"]}}
    objects = list(yaml.safe_load_all(template(excluded)))
    (found,) = of_kind(objects, KIND)
    expected = injection_webhook(settings_in(objects).excluded_namespaces, RELEASE_NAMESPACE)
    assert found["metadata"]["labels"].items() >= expected["metadata"]["labels"].items()
    found["metadata"]["labels"] = expected["metadata"]["labels"]
    assert found == expected
    assert "zebra" in settings_in(objects).excluded_namespaces


def test_webhook_and_operator_read_the_same_sidecars(needs_helm: None) -> None:
    objects = list(yaml.safe_load_all(template({**EVERYTHING, **WEBHOOK})))
    values = named(objects, "ConfigMap", "modelmonitor-operator")["data"]["values.yaml"]
    operator = read_operator_settings(yaml.safe_load(values), ENVIRONMENT, "1")
    assert settings_in(objects).injection == operator.plan.injection


def test_the_webhook_may_list_monitors_and_keep_one_secret(objects_of: Objects) -> None:
    objects = objects_of("webhook")
    assert rights(objects, "ClusterRole") == [
        ("modelmonitors", ("list",), None),
        ("mutatingwebhookconfigurations", ("get", "patch"), ["modelmonitor-inject"]),
    ]
    assert rights(objects, "Role") == [("secrets", ("get", "update"), [NAME])]
    assert named(objects, "Role", NAME)["metadata"]["namespace"] == RELEASE_NAMESPACE


def test_the_operator_gets_none_of_these_rights(objects_of: Objects) -> None:
    for kind in ("ClusterRole", "Role"):
        by_mode = [
            named(objects_of(mode), kind, "modelmonitor-operator")["rules"]
            for mode in ("default", "webhook")
        ]
        assert by_mode[0] == by_mode[1]


def test_the_secret_is_empty_so_that_an_upgrade_takes_nothing_back(objects_of: Objects) -> None:
    (secret,) = of_kind(objects_of("webhook"), "Secret")
    assert secret["metadata"]["name"] == NAME
    assert not {"data", "stringData"} & set(secret)


def test_with_cert_manager_the_webhook_reads_a_folder_and_may_list_monitors_alone(
    objects_of: Objects,
) -> None:
    objects = objects_of("cert_manager")
    (certificate,) = of_kind(objects, "Certificate")
    (configuration,) = of_kind(objects, KIND)
    place = f"{RELEASE_NAMESPACE}/{certificate['metadata']['name']}"
    assert configuration["metadata"]["annotations"] == {"cert-manager.io/inject-ca-from": place}
    assert set(certificate["spec"]["dnsNames"]) == settings_in(objects).certificates.hosts
    assert rights(objects, "ClusterRole") == [("modelmonitors", ("list",), None)]
    assert of_kind(objects, "Secret") == []
    assert _mounted(objects) == certificate["spec"]["secretName"]
    (issuer,) = of_kind(objects, "Issuer")
    assert certificate["spec"]["issuerRef"] == {"name": issuer["metadata"]["name"]}


def test_an_issuer_of_the_platform_takes_the_place_of_the_releases(needs_helm: None) -> None:
    reference = {"name": "internal", "kind": "ClusterIssuer"}
    objects = rendered(certificates={"certManager": True, "issuerRef": reference})
    (certificate,) = of_kind(objects, "Certificate")
    assert certificate["spec"]["issuerRef"] == reference
    assert of_kind(objects, "Issuer") == []


def test_a_certificate_of_ones_own_is_mounted_and_its_authority_announced(needs_helm: None) -> None:
    objects = rendered(certificates={"secretName": "ours", "caBundle": PEM})
    assert _mounted(objects) == "ours"
    (configuration,) = of_kind(objects, KIND)
    (webhook,) = configuration["webhooks"]
    assert webhook["clientConfig"][
        "caBundle"
    ] == "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSQotL" + ("S0tLUVORCBDRVJUSUZJQ0FURS0tLS0tCg==")
    assert {one["kind"] for one in objects}.isdisjoint({"Secret", "Certificate", "Issuer"})


def _mounted(objects: list[Object]) -> str:
    pod = named(objects, "Deployment", NAME)["spec"]["template"]["spec"]
    (secret,) = (one["secret"]["secretName"] for one in pod["volumes"] if "secret" in one)
    (place,) = (
        one["mountPath"]
        for one in pod["containers"][0]["volumeMounts"]
        if one["name"] == "certificate"
    )
    assert place == str(settings_in(objects).certificates.folder)
    return str(secret)


def test_the_service_leads_to_the_port_on_which_the_webhook_listens(objects_of: Objects) -> None:
    objects = objects_of("webhook")
    settings = settings_in(objects)
    (port,) = named(objects, "Service", SERVICE)["spec"]["ports"]
    deployment = named(objects, "Deployment", NAME)
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    ports = {one["name"]: one["containerPort"] for one in container["ports"]}
    assert (port["port"], port["targetPort"]) == (443, "webhook")
    assert ports == {"webhook": settings.port, "metrics": settings.metrics_port}
    assert settings.port == 10_250
    assert PATH == "/inject"


def test_two_replicas_and_a_budget(objects_of: Objects) -> None:
    objects = objects_of("webhook")
    assert named(objects, "Deployment", NAME)["spec"]["replicas"] == 2
    assert named(objects, "PodDisruptionBudget", NAME)["spec"]["maxUnavailable"] == 1


def test_api_servers_reach_it_from_anywhere_and_metrics_are_for_whom_it_says(
    needs_helm: None,
) -> None:
    peers = [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}]
    objects = rendered(networkPolicy={"metricsFrom": peers})
    asked, metrics = named(objects, "NetworkPolicy", NAME)["spec"]["ingress"]
    assert asked == {"ports": [{"port": "webhook", "protocol": "TCP"}]}
    assert metrics["from"] == peers


def test_values_of_the_chart_decide_how_long_a_certificate_is_good(needs_helm: None) -> None:
    assert settings_in(rendered(certificates={"validDays": 30})).certificates.valid_seconds == (
        30 * 86_400
    )
