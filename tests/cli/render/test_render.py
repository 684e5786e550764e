"""`modelmonitor render`: every object of a monitor, and its parts for who has no operator."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Call = Callable[..., Any]

MONITOR = """
apiVersion: modelmonitor.io/v1alpha1
kind: ModelMonitor
metadata: {name: churn, namespace: team-a}
spec:
  selector: {matchLabels: {app: churn}}
  ports: [http]
  windows: [5m]
  grafana: {folder: Models}
  prometheus: {labels: {release: kps}}
"""


@pytest.fixture
def monitor(tmp_path: Path) -> Path:
    file = tmp_path / "monitor.yaml"
    file.write_text(MONITOR)
    return file


def manifests(folder: Path) -> dict[str, Any]:
    documents = yaml.safe_load_all((folder / "manifests.yaml").read_text())
    return {f"{one['kind']}/{one['metadata']['name']}": one for one in documents}


def test_all_objects_of_a_monitor_are_written(call: Call, monitor: Path, tmp_path: Path) -> None:
    answer = call("render", monitor, "-o", tmp_path / "out")
    assert answer.status == 0
    assert [line.split(":")[0].rsplit("/")[-1] for line in answer.out.splitlines()] == [
        "manifests.yaml",
        "rules.yaml",
        "dashboard.json",
        "fleet-dashboard.json",
    ]
    found = manifests(tmp_path / "out")
    assert list(found) == [
        "ConfigMap/churn-modelmonitor",
        "PodMonitor/churn-modelmonitor",
        "PrometheusRule/churn-modelmonitor",
        "ConfigMap/churn-modelmonitor-dashboard",
    ]
    assert {one["metadata"]["namespace"] for one in found.values()} == {"team-a"}
    folder = found["ConfigMap/churn-modelmonitor-dashboard"]["metadata"]["annotations"]
    assert folder == {"grafana_folder": "Models"}


def test_the_rule_file_is_what_the_object_holds_and_prometheus_takes_it(
    call: Call, monitor: Path, tmp_path: Path
) -> None:
    call("render", monitor, "-o", tmp_path / "out")
    rules = yaml.safe_load((tmp_path / "out/rules.yaml").read_text())
    assert rules == manifests(tmp_path / "out")["PrometheusRule/churn-modelmonitor"]["spec"]
    promtool = shutil.which("promtool")
    assert promtool, "promtool is not on the path (Debian: prometheus)"
    done = subprocess.run([promtool, "check", "rules", tmp_path / "out/rules.yaml"], check=False)
    assert done.returncode == 0


def test_the_dashboard_to_import_is_the_one_of_the_config_map(
    call: Call, monitor: Path, tmp_path: Path
) -> None:
    call("render", monitor, "-o", tmp_path / "out")
    dashboard = json.loads((tmp_path / "out/dashboard.json").read_text())
    data = manifests(tmp_path / "out")["ConfigMap/churn-modelmonitor-dashboard"]["data"]
    assert json.loads(data["team-a.churn-modelmonitor.json"]) == dashboard


def test_in_mode_shared_the_rules_are_those_of_all_monitors(
    call: Call, monitor: Path, tmp_path: Path
) -> None:
    values = tmp_path / "values.yaml"
    values.write_text("rules: {mode: Shared}\ngrafana: {instanceSelector: {dashboards: g}}\n")
    assert call("render", monitor, "--values", values, "-o", tmp_path / "out").status == 0
    found = manifests(tmp_path / "out")
    assert "PrometheusRule/modelmonitor-shared" in found
    assert "PrometheusRule/churn-modelmonitor" not in found
    assert "GrafanaDashboard/churn-modelmonitor-dashboard" in found
    assert "team-a" not in (tmp_path / "out/rules.yaml").read_text()


def test_a_baseline_goes_into_the_sidecars_config_map(
    call: Call, csv: Call, monitor: Path, tmp_path: Path
) -> None:
    table = csv("age", *(f"{value / 2}" for value in range(600)))
    call("baseline", "build", table, "-o", tmp_path / "b.json")
    out = tmp_path / "out"
    assert call("render", monitor, "--baseline", tmp_path / "b.json", "-o", out).status == 0
    held = manifests(out)["ConfigMap/churn-modelmonitor"]
    (reference,) = json.loads(held["data"]["config.json"])["baselines"]
    assert list(held["binaryData"]) == [reference["file"]]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ("rules: {mode: Both}", "rules.mode: is 'Both'"),
        ("rule: {mode: Shared}", "rule: is no value of the chart; write rules"),
        ("rules: {Mode: Shared}", "rules.Mode: is no value of the chart; write mode"),
        ("sidecar: {sizes: {Small: {proxy: {cpus: 1}}}}", "sidecar.sizes.Small.proxy.cpus: is no"),
        ("prometheus: {xyz: 1}", "there are labels, scrapeIntervalSeconds"),
        ("- a", "is no mapping"),
        ("a: [", "is no YAML"),
    ],
)
def test_wrong_values_are_named(
    call: Call, monitor: Path, tmp_path: Path, values: str, said: str
) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(values)
    answer = call("render", monitor, "--values", file, "-o", tmp_path / "out")
    assert answer.status == 1
    assert "values.yaml" in answer.err
    assert said in answer.err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_none_is_named(call: Call, monitor: Path, tmp_path: Path) -> None:
    monitor.write_text(MONITOR.replace("Models", "../Models"))
    answer = call("render", monitor, "-o", tmp_path / "out")
    assert answer.status == 1
    assert "spec.grafana.folder" in answer.err


def test_an_output_that_cannot_be_made_is_named(call: Call, monitor: Path, tmp_path: Path) -> None:
    answer = call("render", monitor, "-o", monitor / "out")
    assert answer.status == 1
    assert "cannot be made" in answer.err
