"""The chart's webhook: the program's own configuration, one Secret, and the smallest rights."""

import asyncio
import ssl
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp.test_utils import TestServer

from modelmonitor_operator.admission.app import server_tls, show
from modelmonitor_operator.admission.certificates import Shown
from modelmonitor_operator.admission.metrics import WebhookMetrics
from modelmonitor_operator.admission.monitors import Monitors
from modelmonitor_operator.admission.pairs import NAME, Pair, new_pair
from modelmonitor_operator.admission.serving import Reviewer, review_app
from modelmonitor_operator.admission.settings import WebhookSettings, read_webhook_settings
from modelmonitor_operator.render.injection_webhook import (
    KIND,
    PATH,
    SERVICE,
    injection_webhook,
)
from modelmonitor_operator.render.webhook_rules import webhook_rules
from modelmonitor_operator.settings import read_operator_settings
from modelmonitor_operator.testing_cluster import FakeCluster
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


def test_the_webhook_is_watched_where_it_is_there_and_that_is_asked_for(needs_helm: None) -> None:
    watched = {**EVERYTHING, **WEBHOOK}
    objects = list(yaml.safe_load_all(template(watched)))
    rules = named(objects, "PrometheusRule", NAME)
    assert rules["spec"] == webhook_rules("https://books.io/a/", "https://grafana.example.com/")
    monitor = named(objects, "PodMonitor", NAME)
    pods = named(objects, "Deployment", NAME)["spec"]["template"]["metadata"]["labels"]
    assert pods.items() >= monitor["spec"]["selector"]["matchLabels"].items()
    assert {one["metadata"]["labels"]["release"] for one in (rules, monitor)} == {"kps"}


@pytest.mark.parametrize("mode", ["everything", "cert_manager"])
def test_without_a_webhook_or_monitoring_nothing_watches_it(mode: str, objects_of: Objects) -> None:
    """Nothing would be down for ever."""
    watching = {"PrometheusRule", "PodMonitor"}
    found = [one["kind"] for one in objects_of(mode) if one["metadata"]["name"] == NAME]
    assert watching.isdisjoint(found)


def helm_test(objects: list[Object]) -> tuple[str, list[str], dict[str, Any]]:
    """The program, its arguments, and where the authority comes from."""
    pod = named(objects, "Pod", "modelmonitor-webhook-test")["spec"]
    (container,) = pod["containers"]
    program, *arguments = container["args"]
    (volume,) = pod["volumes"]
    (mount,) = container["volumeMounts"]
    assert arguments[-1] == f"{mount['mountPath']}/ca.crt"
    return program, arguments, volume


def test_helm_test_asks_at_the_address_that_the_certificate_is_for(objects_of: Objects) -> None:
    objects = objects_of("webhook")
    _, (url, namespace, _), volume = helm_test(objects)
    (host,) = settings_in(objects).certificates.hosts
    assert url == f"https://{host}{PATH}"
    assert namespace in settings_in(objects).excluded_namespaces
    assert volume["secret"] == {"secretName": NAME, "items": [{"key": "ca.crt", "path": "ca.crt"}]}


def test_helm_test_trusts_whom_the_configuration_trusts(needs_helm: None) -> None:
    ours = rendered(certificates={"secretName": "ours", "caBundle": PEM})
    assert helm_test(ours)[2]["configMap"]["name"] == NAME
    assert named(ours, "ConfigMap", NAME)["data"]["ca.crt"] == PEM
    theirs = rendered(certificates={"certManager": True})
    assert helm_test(theirs)[2]["secret"]["secretName"] == _mounted(theirs)


def test_helm_test_does_not_ask_for_a_webhook_that_is_not_there(objects_of: Objects) -> None:
    pods = [one["metadata"]["name"] for one in of_kind(objects_of("default"), "Pod")]
    assert pods == ["modelmonitor-test"]


@pytest.mark.parametrize("trusted", [True, False])
async def test_helm_test_passes_where_the_webhook_answers_and_is_trusted(
    trusted: bool, objects_of: Objects, tmp_path: Path
) -> None:
    objects = objects_of("webhook")
    program, (_, namespace, _), _ = helm_test(objects)
    made, other = (new_pair(["localhost"], datetime.now(UTC), 3_600) for _ in range(2))
    (tmp_path / "ca.crt").write_bytes((made if trusted else other).authority)
    once = program.replace("time.monotonic() + 60", "time.monotonic() - 1")
    assert once != program
    server, tls = serving(settings_in(objects), made)
    await server.start_server(ssl=tls)
    try:
        url = f"https://localhost:{server.port}{PATH}"
        words = ("-c", once, url, namespace, str(tmp_path / "ca.crt"))
        run = await asyncio.create_subprocess_exec(
            sys.executable, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        said, complaint = await run.communicate()
    finally:
        await server.close()
    assert (run.returncode == 0) is trusted, complaint.decode()
    assert ("is trusted" in said.decode()) is trusted
    assert ("CERTIFICATE_VERIFY_FAILED" in said.decode()) is not trusted


def serving(settings: WebhookSettings, pair: Pair) -> tuple[TestServer, ssl.SSLContext]:
    """The webhook's reviews, and what its own process would show."""
    tls = server_tls()
    show(tls, Shown(pair.certificate, pair.key, pair.made, pair.ends))
    reviewer = Reviewer(Monitors(FakeCluster()), settings, WebhookMetrics("1"))
    return TestServer(review_app(reviewer), scheme="https", host="localhost"), tls
