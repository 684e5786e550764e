"""The objects of a monitor: in its namespace, under its name, with labels that stay its own."""

import base64
from dataclasses import replace
from hashlib import shake_128

import pytest

from modelmonitor_api.baseline import Baseline, digest
from modelmonitor_api.baseline_reading import read_baseline
from modelmonitor_api.names import LABEL_MONITOR
from modelmonitor_api.sidecar_config import parse_config
from modelmonitor_api.spec import Model, ModelMonitor
from modelmonitor_api.spec_reading import parse_monitor
from modelmonitor_operator.render.checked_rules import RuleError, rule_document
from modelmonitor_operator.render.manifest import Manifest
from modelmonitor_operator.render.pod_monitor import pod_monitor
from modelmonitor_operator.render.prometheus_rule import prometheus_rule, shared_prometheus_rule
from modelmonitor_operator.render.promql import Expression
from modelmonitor_operator.render.rules.rule import Group, Record
from modelmonitor_operator.render.settings import RenderSettings
from modelmonitor_operator.render.sidecar_config_map import (
    MAX_BYTES,
    UsedBaseline,
    sidecar_config_map,
)
from modelmonitor_sidecar.testing_baselines import numeric

SPEC = {"models": [{"name": "churn"}], "prometheus": {"labels": {"release": "kps", "app": "x"}}}
MONITOR = parse_monitor({"metadata": {"name": "churn", "namespace": "team-a"}, "spec": SPEC})
SETTINGS = RenderSettings(labels={"release": "other", "team": "platform"})


def baseline(created_at: str | None = None, rows: int = 1_000) -> Baseline:
    values = [float(value) for value in range(rows)]
    return Baseline("churn", None, rows, (), (numeric("age", values),), created_at=created_at)


def labels_of(manifest: Manifest) -> dict[str, str]:
    labels: dict[str, str] = manifest["metadata"]["labels"]
    return labels


def test_rules_of_one_monitor_live_in_its_namespace_under_its_name() -> None:
    rule = prometheus_rule(MONITOR, SETTINGS)
    assert (rule["metadata"]["namespace"], rule["metadata"]["name"]) == (
        "team-a",
        "churn-modelmonitor",
    )
    assert [group["name"] for group in rule["spec"]["groups"]] == [
        "modelmonitor-baseline",
        "modelmonitor-windows",
        "modelmonitor-change",
        "modelmonitor-service",
        "modelmonitor-alerts",
    ]


def test_labels_of_the_resource_win_over_the_platforms_and_ours_over_both() -> None:
    hostile = replace(MONITOR, prometheus_labels={"release": "kps", LABEL_MONITOR: "another"})
    labels = labels_of(prometheus_rule(hostile, SETTINGS))
    assert (labels["release"], labels["team"]) == ("kps", "platform")
    assert labels[LABEL_MONITOR] == "churn"


def test_shared_rules_live_with_the_operator_and_name_no_monitor() -> None:
    rule = shared_prometheus_rule("modelmonitor", SETTINGS)
    assert rule["metadata"]["namespace"] == "modelmonitor"
    assert LABEL_MONITOR not in labels_of(rule)
    assert labels_of(rule)["release"] == "other"


def test_prometheus_scrapes_three_pages_and_tells_those_of_one_port_apart() -> None:
    spec = pod_monitor(MONITOR, SETTINGS)["spec"]
    assert spec["selector"] == {"matchLabels": {LABEL_MONITOR: "churn"}}
    pages = [(one["port"], one["path"], one["interval"]) for one in spec["podMetricsEndpoints"]]
    assert pages == [
        ("mm-proxy", "/metrics", "15s"),
        ("mm-collector", "/metrics", "15s"),
        ("mm-collector", "/metrics/baseline", "2m"),
    ]
    assert spec["podMetricsEndpoints"][2]["relabelings"] == [
        {"targetLabel": "endpoint", "replacement": "mm-baseline"}
    ]


def test_one_sample_too_many_never_blanks_a_scrape() -> None:
    assert pod_monitor(MONITOR, SETTINGS)["spec"]["sampleLimit"] >= 4 * SETTINGS.series_budget


def test_the_sidecars_read_what_they_are_told() -> None:
    used = UsedBaseline("churn", "3", baseline("2026-01-01T00:00:00Z"))
    manifest = sidecar_config_map(MONITOR, SPEC, [used], SETTINGS).manifest
    config = parse_config(manifest["data"]["config.json"])
    (reference,) = config.baselines
    assert (config.monitor, config.series_budget) == (MONITOR, 20_000)
    assert (reference.model, reference.version) == ("churn", "3")
    packed = manifest["binaryData"][reference.file]
    held = read_baseline(base64.b64decode(packed, validate=True))
    assert digest(held) == digest(used.baseline)
    assert digest(held).startswith(reference.digest8)
    assert held.created_at == "2026-01-01T00:00:00Z"


def test_the_newest_baselines_that_fit_stay_and_the_others_are_named() -> None:
    big = [UsedBaseline("churn", str(year), _incompressible(year)) for year in (2024, 2026, 2025)]
    told = sidecar_config_map(MONITOR, SPEC, big, SETTINGS)
    size = sum(len(text) for text in told.manifest["binaryData"].values())
    assert size <= MAX_BYTES
    assert [one.version for one in told.left_out] == ["2024"]


def _incompressible(year: int) -> Baseline:
    """A baseline that packs to some 400 KiB encoded, by names that say nothing twice."""
    one = baseline(f"{year}-01-01T00:00:00Z")
    (feature,) = one.features
    names = (shake_128(f"{year} {place}".encode()).hexdigest(200) for place in range(1_300))
    return replace(one, features=tuple(replace(feature, name=name) for name in names))


def test_a_rule_that_is_no_promql_is_never_written() -> None:
    broken = Group("g", "1m", (Record("modelmonitor:x", Expression("sum by (")),))
    with pytest.raises(RuleError, match="g: modelmonitor:x"):
        rule_document([broken])


def test_a_monitor_without_anything_is_rendered_too() -> None:
    smallest = ModelMonitor("m", "default", models=(Model("m"),))
    assert prometheus_rule(smallest, RenderSettings())["spec"]["groups"]
