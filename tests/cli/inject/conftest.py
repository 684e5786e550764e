"""The command on manifests of the test's own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Inject = Callable[..., Any]

MONITOR = """
apiVersion: modelmonitor.io/v1alpha1
kind: ModelMonitor
metadata: {name: churn, namespace: team-a}
spec:
  selector: {matchLabels: {app: churn}}
  ports: [http]
"""


@pytest.fixture
def inject(call: Callable[..., Any], tmp_path: Path) -> Inject:
    """`modelmonitor inject` of a text, with an image; more arguments are passed on."""

    def run(manifests: str, *arguments: Any, monitor: str = MONITOR, image: str = "s:1") -> Any:
        given, resource = tmp_path / "given.yaml", tmp_path / "monitor.yaml"
        given.write_text(manifests)
        resource.write_text(monitor)
        flags = ["--image", image] if image else []
        return call("inject", "-f", given, "--monitor", resource, *flags, *arguments)

    return run
