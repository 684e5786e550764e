"""Values: documented, bounded by the schema, and the same as what the program takes for default."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
import pytest
import yaml

from modelmonitor_api.names import PORT_STATUS
from modelmonitor_operator.inject.settings import DEFAULT_SIZES, InjectionSettings
from modelmonitor_operator.render.settings import RenderSettings
from modelmonitor_operator.settings import OperatorSettings, PlanSettings, read_operator_settings
from tools.chart_rendering import CHART, MODES, template

VALUES: Mapping[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
SCHEMA: Mapping[str, Any] = json.loads((CHART / "values.schema.json").read_text())
FREE = {
    "commonLabels", "operator.resources", "operator.serviceAccount.annotations",
    "operator.podLabels", "operator.podAnnotations", "operator.nodeSelector", "operator.affinity",
    "webhook.resources", "webhook.serviceAccount.annotations", "webhook.podLabels",
    "webhook.podAnnotations", "webhook.nodeSelector", "webhook.affinity",
    "webhook.certificates.issuerRef",
    "sidecar.prePull.nodeSelector", "prometheus.labels", "grafana.instanceSelector",
}  # fmt: skip
"""Mappings whose keys are the user's."""
JUDGE = jsonschema.Draft7Validator(SCHEMA)


def merged(values: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(values)
    for key, value in others.items():
        old = result.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            value = merged(old, value)
        result[key] = value
    return result


def keys(values: Mapping[str, Any], place: str = "") -> Iterator[str]:
    for key, value in values.items():
        at = f"{place}.{key}".lstrip(".")
        yield at
        if isinstance(value, Mapping) and at not in FREE:
            yield from keys(value, at)


def schema_keys(schema: Mapping[str, Any], place: str = "") -> Iterator[str]:
    for key, inner in schema.get("properties", {}).items():
        at = f"{place}.{key}".lstrip(".")
        yield at
        if at not in FREE:
            yield from schema_keys(resolved(inner), at)


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref", "").removeprefix("#/definitions/")
    return SCHEMA["definitions"][reference] if reference else schema


def test_values_and_schema_have_the_same_keys() -> None:
    """A limit of CPU has no default."""
    of_schema = {one for one in schema_keys(SCHEMA) if not one.endswith(".cpuLimit")}
    assert set(keys(VALUES)) == of_schema


def test_every_section_refuses_what_it_does_not_know() -> None:
    """`global` alone is shared with other charts."""
    for at in keys(VALUES):
        section: Any = SCHEMA
        for key in at.split("."):
            section = resolved(section["properties"][key])
        if section.get("properties") and at != "global":
            assert section["additionalProperties"] is False, at


@pytest.mark.parametrize("mode", MODES)
def test_the_values_of_every_mode_are_valid(mode: str) -> None:
    JUDGE.validate(merged(VALUES, MODES[mode]))


def test_defaults_are_those_of_the_program() -> None:
    image = {"repository": "modelmonitor-sidecar", "tag": "1", "pullPolicy": "IfNotPresent"}
    grafana: dict[str, Any] = {"instanceSelector": {}}  # empty texts are not handed on
    given = {**VALUES, "sidecar": {**VALUES["sidecar"], "image": image}, "grafana": grafana}
    rules = {key: value for key, value in VALUES["rules"].items() if value}
    read = read_operator_settings({**given, "rules": rules}, {}, "1")
    assert read == OperatorSettings(
        PlanSettings(
            RenderSettings(),
            InjectionSettings("modelmonitor-sidecar:1", sizes=DEFAULT_SIZES),
            excluded_namespaces=frozenset(
                {"kube-system", "kube-public", "kube-node-lease", "modelmonitor"}
            ),
            version="1",
        )
    )


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"injectio": {}}, ""),
        ({"injection": {"mod": "Off"}}, "injection"),
        ({"injection": {"mode": "Both"}}, "injection.mode"),
        ({"injection": {"excludedNamespaces": ["Team"]}}, "injection.excludedNamespaces.0"),
        ({"sidecar": {"image": {"digest": "sha256:1"}}}, "sidecar.image.digest"),
        ({"sidecar": {"image": {"repository": "a'b"}}}, "sidecar.image.repository"),
        ({"sidecar": {"image": {"tag": "a b"}}}, "sidecar.image.tag"),
        ({"sidecar": {"image": {"pullPolicy": "Often"}}}, "sidecar.image.pullPolicy"),
        ({"sidecar": {"ports": {"proxy": 80}}}, "sidecar.ports.proxy"),
        ({"sidecar": {"sizes": {"Huge": {}}}}, "sidecar.sizes"),
        ({"sidecar": {"sizes": {"Small": {"proxy": {"cpu": 1}}}}}, "sidecar.sizes.Small.proxy.cpu"),
        (
            {"sidecar": {"sizes": {"Small": {"proxy": {"memory": "1"}}}}},
            "sidecar.sizes.Small.proxy.memory",
        ),
        ({"sidecar": {"seriesBudget": 0}}, "sidecar.seriesBudget"),
        ({"operator": {"replicas": -1}}, "operator.replicas"),
        ({"webhook": {"certificates": {"validDays": 0}}}, "webhook.certificates.validDays"),
        ({"webhook": {"certificates": {"caBundle": "MII"}}}, "webhook.certificates.caBundle"),
        (
            {"webhook": {"certificates": {"issuerRef": {"kind": "Vault"}}}},
            "webhook.certificates.issuerRef.kind",
        ),
        ({"operator": {"leaseSeconds": 1}}, "operator.leaseSeconds"),
        ({"operator": {"silenceSeconds": 60}}, "operator.silenceSeconds"),
        ({"rules": {"runbookUrl": "https://x/{{ query `up` }}"}}, "rules.runbookUrl"),
        ({"rules": {"mode": "Both"}}, "rules.mode"),
        ({"grafana": {"url": "javascript:alert(1)"}}, "grafana.url"),
        ({"grafana": {"clusterLabel": 'a"b'}}, "grafana.clusterLabel"),
        ({"grafana": {"clusterLabel": "namespace"}}, "grafana.clusterLabel"),
        ({"grafana": {"fleetDashboard": {"folder": "../x"}}}, "grafana.fleetDashboard.folder"),
        ({"prometheus": {"labels": {"release": 1}}}, "prometheus.labels.release"),
        ({"prometheus": {"labels": {"a b": "1"}}}, "prometheus.labels"),
        ({"prometheus": {"scrapeIntervalSeconds": 120}}, "prometheus.scrapeIntervalSeconds"),
        ({"global": {"imageRegistry": "a b"}}, "global.imageRegistry"),
    ],
)
def test_the_schema_names_a_wrong_value(values: Mapping[str, Any], where: str) -> None:
    errors = list(JUDGE.iter_errors(merged(VALUES, values)))
    assert [".".join(str(one) for one in error.absolute_path) for error in errors] == [where]


def test_helm_asks_the_schema(needs_helm: None) -> None:
    with pytest.raises(ValueError, match="injectio"):
        template({"injectio": {}})


def test_a_policy_is_refused_where_the_api_server_has_none(needs_helm: None) -> None:
    with pytest.raises(ValueError, match=r"needs Kubernetes 1\.36.*this is v1\.35\.4.*to Webhook"):
        template({}, kubernetes="1.35.4")
    for mode in ("Webhook", "Off"):
        assert template({"injection": {"mode": mode}}, kubernetes="1.33.0")


PEM = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("webhook", "words"),
    [
        ({"certificates": {"certManager": True, "secretName": "x", "caBundle": PEM}}, "two source"),
        ({"certificates": {"secretName": "x"}}, "belong together"),
        ({"certificates": {"caBundle": PEM}}, "belong together"),
        ({"port": 8080}, "must differ"),
    ],
)
def test_certificates_and_ports_that_contradict_are_refused_with_a_sentence(
    needs_helm: None, webhook: Mapping[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        template({"injection": {"mode": "Webhook"}, "webhook": webhook})


@pytest.mark.parametrize("ports", [{"proxy": 24081}, {"admin": PORT_STATUS}, {"collector": 24080}])
def test_ports_that_clash_are_refused_with_a_sentence(
    needs_helm: None, ports: Mapping[str, int]
) -> None:
    with pytest.raises(ValueError, match=r"sidecar\.ports must all differ"):
        template({"sidecar": {"ports": ports}})


def with_limit(cpu: str, limit: str) -> dict[str, Any]:
    return {"sidecar": {"sizes": {"Large": {"collector": {"cpu": cpu, "cpuLimit": limit}}}}}


@pytest.mark.parametrize("cpu", ["501m", "1", "1.5"])
def test_a_limit_below_the_request_is_refused_with_a_sentence(needs_helm: None, cpu: str) -> None:
    """With it every new pod of an armed monitor would be refused."""
    with pytest.raises(ValueError, match=r"Large\.collector\.cpuLimit is 500m, below cpu"):
        template(with_limit(cpu, "500m"))


@pytest.mark.parametrize(("cpu", "limit"), [("500m", "500m"), ("1500m", "1.5"), ("900m", "10")])
def test_a_limit_of_the_request_or_above_is_taken(needs_helm: None, cpu: str, limit: str) -> None:
    assert template(with_limit(cpu, limit))
