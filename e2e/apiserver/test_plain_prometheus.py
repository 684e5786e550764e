"""A Prometheus without prometheus-operator finds the sidecars by the jobs of docs/install.md.

Debian's Prometheus 2 is built without Kubernetes, so this is one of version 3.
"""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelmonitor_cli.testing import eventually, fetched, free_ports
from modelmonitor_operator.inject.injection import Target, inject
from modelmonitor_operator.inject.settings import InjectionSettings

pytestmark = pytest.mark.timeout(120)

Kubectl = Callable[..., str]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "install.md"
FOLDER_OF_3 = "MODELMONITOR_PROMETHEUS3"
SOON_SECONDS = 60.0
ADDRESS = "127.0.0.1"
"""Of a pod that no node runs."""


def injected_pod(name: str) -> dict[str, Any]:
    """With sidecars; no scheduler takes it."""
    port = {"name": "http", "containerPort": 8080}
    container = {"name": "server", "image": "server:1", "ports": [port]}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": "churn"}},
        "spec": {"schedulerName": "nobody", "containers": [container]},
    }
    return inject(pod, Target("churn", "http"), InjectionSettings("sidecar:1")).pod


@pytest.fixture
def pods(kubectl: Kubectl, namespace: str) -> str:
    """Of which one runs, as far as its status says; the namespace."""
    for name in ("churn-1", "plain"):
        pod = injected_pod(name)
        if name == "plain":
            del pod["metadata"]["labels"]["modelmonitor.io/monitor"]
        kubectl("create", "-n", namespace, "-f", "-", read=json.dumps(pod))
        status = {"phase": "Running", "podIP": ADDRESS, "podIPs": [{"ip": ADDRESS}]}
        words = ("--subresource=status", "--type=merge", "-p", json.dumps({"status": status}))
        kubectl("patch", "-n", namespace, "pod", name, *words)
    return namespace


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[str]:
    """The URL of one with the jobs of the page; it is not in the cluster, so it logs in by file."""
    (text,) = re.findall(r"```yaml\n(scrape_configs:.*?)```", PAGE.read_text(), re.DOTALL)
    jobs = yaml.safe_load(text)
    for job in jobs["scrape_configs"]:
        job["kubernetes_sd_configs"][0]["kubeconfig_file"] = os.environ["KUBECONFIG"]
    file, (port,) = tmp_path / "prometheus.yml", free_ports(1)
    file.write_text(yaml.safe_dump(jobs))
    folder = os.environ.get(FOLDER_OF_3)
    if not folder:
        pytest.fail(f"{FOLDER_OF_3} is not set; let it name a folder with a Prometheus 3")
    words = [f"--config.file={file}", f"--storage.tsdb.path={tmp_path / 'data'}"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [Path(folder) / "prometheus", *words, f"--web.listen-address=127.0.0.1:{port}"],
            stdout=log,
            stderr=log,
        )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def targets(url: str, namespace: str) -> set[tuple[str, ...]]:
    """Job, pod, container and address of each in the namespace; none before it answers."""
    try:
        found = json.loads(fetched(f"{url}/api/v1/targets?state=active"))["data"]["activeTargets"]
    except OSError:
        return set()
    return {
        (
            one["labels"]["job"],
            one["labels"]["pod"],
            one["labels"]["container"],
            one["scrapeUrl"].removeprefix(f"http://{ADDRESS}"),
        )
        for one in found
        if one["labels"]["namespace"] == namespace
    }


def test_each_page_of_the_sidecars_is_found_once(prometheus: str, pods: str) -> None:
    wanted = {
        ("modelmonitor", "churn-1", "modelmonitor-proxy", ":24081/metrics"),
        ("modelmonitor", "churn-1", "modelmonitor-collector", ":24090/metrics"),
        ("modelmonitor-baseline", "churn-1", "modelmonitor-collector", ":24090/metrics/baseline"),
    }
    found: set[tuple[str, ...]] = set()

    def all_found() -> bool:
        found.update(targets(prometheus, pods))
        return found >= wanted

    assert eventually(all_found, SOON_SECONDS), found
    assert targets(prometheus, pods) == wanted
