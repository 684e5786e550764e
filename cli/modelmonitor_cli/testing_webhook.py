"""The webhook as a process of this machine, on the API server that `KUBECONFIG` names.

The API server reaches it by its address: there is no Service on a control plane alone.
"""

import contextlib
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from modelmonitor_cli.testing_operator import OperatorProcess, free_port
from modelmonitor_operator.render.injection_webhook import (
    KIND,
    NAME,
    PATH,
    injection_webhook,
)

Kubectl = Callable[..., str]

HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A replica that was started, and where API servers may ask it."""

    process: OperatorProcess
    port: int

    @property
    def url(self) -> str:
        """What a configuration says."""
        return f"https://{HOST}:{self.port}{PATH}"

    def certificate(self) -> str:
        """What it shows now, in PEM."""
        return ssl.get_server_certificate((HOST, self.port))

    def reviews(self, outcome: str) -> float:
        """How many pods it counted with this outcome."""
        return self.process.counted("modelmonitor_webhook_reviews_total", outcome=outcome)


@contextlib.contextmanager
def running_webhook(
    folder: Path,
    namespace: str,
    identity: str = "webhook-1",
    kubeconfig: Path | None = None,
    **values: Any,
) -> Iterator[Webhook]:
    """Started with these values of the chart; stopped, or found dead, at the end."""
    ports = {"port": free_port(), "metricsPort": free_port(), "drainSeconds": 0}
    whole = {**values, "webhook": {**ports, **values.get("webhook", {})}}
    file, log = folder / f"{identity}.yaml", folder / f"{identity}.log"
    file.write_text(yaml.safe_dump(whole))
    environment = {"POD_NAMESPACE": namespace, "POD_NAME": identity}
    if kubeconfig is not None:
        environment["KUBECONFIG"] = str(kubeconfig)
    words = ("-m", "modelmonitor_operator.admission", "--values", str(file), "--host", HOST)
    with log.open("ab") as written:
        process = subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, *words],
            env={**os.environ, **environment},
            stdout=written,
            stderr=written,
        )
    started = Webhook(OperatorProcess(process, ports["metricsPort"], log), whole["webhook"]["port"])
    try:
        yield started
    finally:
        started.process.stop()


class Configuration:
    """The webhook's configuration in a cluster, for namespaces with one label alone.

    Its name is the one that the webhook writes to, so there can be one in a cluster.
    """

    def __init__(self, kubectl: Kubectl, label: Mapping[str, str]) -> None:
        self._kubectl, self.label = kubectl, dict(label)

    def create(self, url: str) -> None:
        """As the chart does, with an address in place of the Service."""
        made = injection_webhook(["kube-system"], "nowhere")
        (webhook,) = made["webhooks"]
        webhook["clientConfig"] = {"url": url}
        webhook["namespaceSelector"]["matchLabels"] = self.label
        self._kubectl("create", "--validate=strict", "-f", "-", read=json.dumps(made))

    def lead_to(self, url: str) -> None:
        """Another address from now on; whom to trust stays."""
        change = [{"op": "replace", "path": "/webhooks/0/clientConfig/url", "value": url}]
        self._kubectl("patch", KIND, NAME, "--type=json", "-p", json.dumps(change))

    def trusted(self) -> str:
        """The authorities, in base64; empty where there are none."""
        path = "{.webhooks[0].clientConfig.caBundle}"
        return self._kubectl("get", KIND, NAME, "-o", f"jsonpath={path}")

    def forget(self) -> None:
        """Trust nobody, as after a careless edit."""
        change = [{"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"}]
        self._kubectl("patch", KIND, NAME, "--type=json", "-p", json.dumps(change))

    def writers(self) -> dict[str, Any]:
        """Who owns which fields of it."""
        found = self._kubectl("get", KIND, NAME, "--show-managed-fields", "-o", "json")
        fields = json.loads(found)["metadata"]["managedFields"]
        return {one["manager"]: one["fieldsV1"] for one in fields}

    def delete(self) -> None:
        """Whether it is there or not."""
        self._kubectl("delete", KIND, NAME, "--ignore-not-found")
