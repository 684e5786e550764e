"""The operator as a process of this machine, on the API server that `KUBECONFIG` names."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class OperatorProcess:
    """One that was started; its log is on disk."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def page(self, path: str) -> str:
        """/readyz, /healthz or /metrics; OSError where it does not answer, or not with 200."""
        url = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())

    def is_ready(self) -> bool:
        """It answers so; AssertionError with its log where it has ended."""
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.page("/readyz") == "ok"
        except OSError:
            return False

    def counted(self, metric: str, **labels: str) -> float:
        """The sum of a metric over all series with these labels."""
        lines = re.findall(rf"^{metric}(?:\{{(.*)\}})? (\S+)$", self.page("/metrics"), re.M)
        wanted = [f'{name}="{value}"' for name, value in labels.items()]
        return sum(float(value) for found, value in lines if all(one in found for one in wanted))

    def kill(self) -> None:
        """As a node that dies: no goodbye."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)

    def stop(self) -> int:
        """As Kubernetes ends it; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)


@contextlib.contextmanager
def running_operator(
    folder: Path, namespace: str, identity: str = "operator-1", **values: Any
) -> Iterator[OperatorProcess]:
    """Started with these values of the chart; stopped, or found dead, at the end."""
    port = free_port()
    operator = {**values.pop("operator", {}), "port": port}
    image = {"image": {"repository": "modelmonitor-sidecar", "tag": "1"}}
    whole = {"sidecar": image, "operator": operator, **values}
    file, log = folder / f"{identity}.yaml", folder / f"{identity}.log"
    file.write_text(yaml.safe_dump(whole))
    with log.open("ab") as written:
        process = subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, "-m", "modelmonitor_operator", "--values", str(file)],
            env={**os.environ, "POD_NAMESPACE": namespace, "POD_NAME": identity},
            stdout=written,
            stderr=written,
        )
    started = OperatorProcess(process, port, log)
    try:
        yield started
    finally:
        started.stop()


def free_port() -> int:
    """One on which nobody listened just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
