"""The chart's admission policy is the one that the program renders from the same values."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml

from modelmonitor_operator.render.injection_policy import injection_objects
from modelmonitor_operator.settings import OperatorSettings, read_operator_settings
from tools.chart_rendering import (
    EVERYTHING,
    RELEASE_NAMESPACE,
    Object,
    named,
    of_kind,
    template,
)

KINDS = ("MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding")
VALUES: Mapping[str, Mapping[str, Any]] = {
    "defaults": {},
    "everything": EVERYTHING,
    "tag": {"sidecar": {"image": {"repository": "r.io:5000/x", "tag": "1.2_3"}}},
    "annotations": {"prometheus": {"scrapeBy": "Annotations"}},
    "digest": {"sidecar": {"image": {"digest": "sha256:" + "0" * 64}}},
    "limits": {
        "sidecar": {
            "sizes": {
                size: {one: {"cpuLimit": f"{500 * index}m"} for one in ("proxy", "collector")}
                for index, size in enumerate(("Small", "Medium", "Large"), 1)
            }
        }
    },
}


def settings_in(objects: list[Object]) -> OperatorSettings:
    """What the operator makes of the values that the chart hands it."""
    values = named(objects, "ConfigMap", "modelmonitor-operator")["data"]["values.yaml"]
    environment = {"POD_NAMESPACE": RELEASE_NAMESPACE}
    return read_operator_settings(yaml.safe_load(values), environment, "1")


@pytest.mark.parametrize("name", VALUES)
def test_chart_and_program_render_the_same_policy(needs_helm: None, name: str) -> None:
    objects = list(yaml.safe_load_all(template(VALUES[name])))
    plan = settings_in(objects).plan
    rendered = injection_objects(plan.injection, plan.excluded_namespaces)
    assert len(rendered) == len(KINDS)
    for kind, expected in zip(KINDS, rendered, strict=True):
        (found,) = of_kind(objects, kind)
        assert found["metadata"]["labels"].items() >= expected["metadata"]["labels"].items()
        found["metadata"]["labels"] = expected["metadata"]["labels"]
        assert found == expected


def test_what_is_given_reaches_the_operator(objects_of: Callable[[str], list[Object]]) -> None:
    settings = settings_in(objects_of("everything"))
    render, injection = settings.plan.render, settings.plan.injection
    digest = "sha256:" + "a" * 64
    assert injection.image == f"registry.example.com:5000/team/modelmonitor-sidecar:7@{digest}"
    assert injection.sizes["Large"].proxy.cpu_limit == "1.5"
    assert injection.assigned_user
    assert (render.mode, render.series_budget, render.interval_seconds) == ("Shared", 1_000_000, 30)
    assert render.grafana_instances == {"dashboards": "grafana"}
    assert (render.grafana_url, render.runbook_url) == (
        "https://grafana.example.com/",
        "https://books.io/a/",
    )
    assert render.cluster_label == "cluster"
    assert (settings.plan.delivery, settings.port) == ("PrometheusRule", 9443)
    assert {"zebra", RELEASE_NAMESPACE, "kube-system"} < settings.plan.excluded_namespaces


def test_there_is_no_policy_where_injection_is_off(
    objects_of: Callable[[str], list[Object]],
) -> None:
    objects = objects_of("off")
    assert [one for kind in KINDS for one in of_kind(objects, kind)] == []
    assert settings_in(objects).plan.injection.mode == "Off"
