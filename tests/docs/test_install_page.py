"""What the page on installing says of the chart is so."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from modelmonitor_api.names import PORT_NAME_COLLECTOR, PORT_NAME_PROXY
from modelmonitor_api.spec import ModelMonitor
from modelmonitor_operator.render.pod_monitor import pod_monitor
from modelmonitor_operator.render.settings import RenderSettings

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "charts" / "modelmonitor"
PAGE = (ROOT / "docs" / "install.md").read_text()
VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
OPEN = {"labels", "instanceSelector"}
"""Values below which keys are the user's."""


def is_value(place: str) -> bool:
    section: Any = VALUES
    for key in place.split("."):
        if not isinstance(section, dict) or key not in section:
            return False
        section = section[key]
        if key in OPEN:
            return True
    return True


def test_every_value_on_the_page_is_one_of_the_chart() -> None:
    given = re.findall(r"--set ([\w.]+)=", PAGE)
    named = re.findall(
        r"`((?:global|operator|sidecar|injection|webhook|rules|prometheus(?!\.io)|grafana|crds)\.[\w.]+)",
        PAGE,
    )
    assert len(given) >= 3
    assert len(named) >= 10
    assert [one for one in given + named if not is_value(one)] == []


def test_the_values_of_the_argo_application_are_valid() -> None:
    (text,) = re.findall(r"```yaml\n(apiVersion: argoproj.*?)```", PAGE, re.DOTALL)
    values = yaml.safe_load(text)["spec"]["source"]["helm"]["valuesObject"]
    jsonschema.validate(values, json.loads((CHART / "values.schema.json").read_text()))


def test_ports_and_files_that_are_named_exist() -> None:
    assert f"`{PORT_NAME_PROXY}`" in PAGE
    assert f"`{PORT_NAME_COLLECTOR}`" in PAGE
    files = re.findall(r"(?:Dockerfile\.|charts/|crds/)[\w./-]+", PAGE)
    assert [one for one in files if not (ROOT / one).exists()] == []


def test_the_jobs_of_a_prometheus_alone_scrape_what_a_pod_monitor_scrapes() -> None:
    """That a Prometheus finds the pods by them is seen in e2e/apiserver."""
    (text,) = re.findall(r"```yaml\n(scrape_configs:.*?)```", PAGE, re.DOTALL)
    jobs = {
        (port, job.get("metrics_path", "/metrics"), job["scrape_interval"])
        for job in yaml.safe_load(text)["scrape_configs"]
        for one in job["relabel_configs"]
        if one["source_labels"] == ["__meta_kubernetes_pod_container_port_name"]
        for port in one["regex"].split("|")
    }
    monitor = pod_monitor(ModelMonitor("churn", "team-a", ports=("http",)), RenderSettings())
    endpoints = monitor["spec"]["podMetricsEndpoints"]
    assert jobs == {(one["port"], one["path"], one["interval"]) for one in endpoints}


def test_the_page_says_what_was_not_run() -> None:
    titles = re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
    not_run = {title for title in titles if "(not run)" in title}
    assert not_run == {
        "On kind (not run)", "On OpenShift (not run)", "With Argo CD (not run)",
        "With Grafana's operator (not run)",
    }  # fmt: skip
