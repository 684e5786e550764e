"""What `modelmonitor inject` writes is what an API server takes, with no field unknown to it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from modelmonitor_cli.__main__ import main

Kubectl = Callable[..., str]

MONITOR = """
apiVersion: modelmonitor.io/v1alpha1
kind: ModelMonitor
metadata: {name: churn}
spec:
  selector: {matchLabels: {app: churn}}
  ports: [http]
"""
POD = """{metadata: {labels: {app: churn}}, spec: {restartPolicy: RESTART, containers: [
  {name: server, image: m, ports: [{containerPort: 8080}]}]}}"""
SELECTED = "selector: {matchLabels: {app: churn}}, template: " + POD.replace("RESTART", "Always")
JOB = "{template: " + POD.replace("RESTART", "Never") + "}"
SPECS = {
    "apps/v1 Deployment": f"{{{SELECTED}}}",
    "apps/v1 StatefulSet": f"{{serviceName: churn, {SELECTED}}}",
    "apps/v1 DaemonSet": f"{{{SELECTED}}}",
    "apps/v1 ReplicaSet": f"{{{SELECTED}}}",
    "batch/v1 Job": JOB,
    "batch/v1 CronJob": f"{{schedule: '@daily', jobTemplate: {{spec: {JOB}}}}}",
    "v1 Service": "{selector: {app: churn}, ports: [{port: 80, targetPort: 8080}]}",
}


@pytest.fixture
def injected(tmp_path: Path) -> Path:
    """A file with one of each kind."""
    given, monitor, result = (tmp_path / name for name in ("g.yaml", "m.yaml", "r.yaml"))
    given.write_text(
        "---\n".join(
            f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: churn}}\nspec: {spec}\n"
            for (version, kind), spec in ((key.split(), spec) for key, spec in SPECS.items())
        )
    )
    monitor.write_text(MONITOR)
    words = ["-f", given, "--monitor", monitor, "--image", "team/sidecar:1", "-o", result]
    assert main(["inject", *(str(word) for word in words)]) == 0
    return result


def test_every_kind_is_taken_as_written(injected: Path, kubectl: Kubectl, namespace: str) -> None:
    words = ("create", "-n", namespace, "--dry-run=server", "--validate=strict", "-o", "yaml")
    stored = list(yaml.safe_load_all(kubectl(*words, "-f", str(injected))))
    assert [one["kind"] for one in stored] == [key.split()[1] for key in SPECS]
    for one in stored:
        text = json.dumps(one)
        assert ('"targetPort": "http"' if one["kind"] == "Service" else "mm-app-0") in text
