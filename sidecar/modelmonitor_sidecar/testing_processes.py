"""A proxy as a process of its own, for tests: started, asked, measured, ended."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEADLINE_SECONDS: Final = 30.0
_PROGRAM: Final = """
import sys
{before}
from modelmonitor_sidecar.proxy.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on just now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait for something another process does; AssertionError says `what` did not happen."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen within {DEADLINE_SECONDS:g} s: {what}")
        time.sleep(0.005)


def sample_total(page: str, name: str, labels: Mapping[str, str]) -> float:
    """The sum of a family's samples on a page of metrics that carry these labels, or 0."""
    total = 0.0
    for line in page.splitlines():
        found = re.match(r"(\w+)(?:\{(.*)\})? (\S+)$", line)
        if found and found[1] == name:
            given = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', found[2] or ""))
            if labels.items() <= given.items():
                total += float(found[3])
    return total


def proportional_memory_bytes(*pids: int) -> int:
    """Proportional set size of these processes together."""
    rollups = (Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids)
    found = (re.search(r"^Pss: +(\d+) kB", rollup, re.MULTILINE) for rollup in rollups)
    return sum(int(match[1]) for match in found if match) * 1024


def worker_of(supervisor: int) -> int:
    """The process id of a supervisor's worker; waits for one."""
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children")
    found: list[str] = []

    def there() -> bool:
        # One look decides and answers: the worker may be gone at the next.
        found[:] = children.read_text().split()
        return bool(found)

    eventually(there, "a worker is there")
    return int(found[0])


@dataclass
class ProxyProcess:
    """A running `modelmonitor-proxy`: supervisor and worker."""

    process: subprocess.Popen[bytes]
    port: int
    admin_port: int
    folder: Path

    @property
    def worker(self) -> int:
        """The worker's process id; waits for one."""
        return worker_of(self.process.pid)

    @property
    def said(self) -> str:
        """What it has written to standard error."""
        return (self.folder / "proxy.log").read_text()

    def page(self, path: str) -> str:
        """A page of the admin server."""
        url = f"http://127.0.0.1:{self.admin_port}{path}"
        with urllib.request.urlopen(url, timeout=DEADLINE_SECONDS) as answer:
            return str(answer.read().decode())

    def total(self, name: str, **labels: str) -> float:
        """The sum of a family's samples that carry these labels; 0 where there are none."""
        return sample_total(self.page("/metrics"), name, labels)

    def memory_bytes(self) -> int:
        """Proportional set size of supervisor and worker together."""
        return proportional_memory_bytes(self.process.pid, self.worker)

    def kill_worker(self) -> None:
        """SIGKILL, and wait until there is another."""
        worker = self.worker
        os.kill(worker, signal.SIGKILL)
        eventually(lambda: self.worker != worker, "the worker is replaced")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and wait; returns the exit status."""
        self.process.send_signal(number)
        return self.process.wait(DEADLINE_SECONDS)


def start_proxy(
    folder: Path,
    upstream: str,
    flags: Sequence[str] = (),
    environment: dict[str, str] | None = None,
    before: str = "",
) -> ProxyProcess:
    """Start a proxy that has its files in `folder`; `before` is code to run ahead of it.

    `before` injects faults: it runs in the process that all workers are forked from.
    """
    port, admin_port = free_port(), free_port()
    command = [sys.executable, "-c", _PROGRAM.format(before=before)]
    command += ["--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin_port}"]
    command += ["--upstream", upstream, *flags]
    files = {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "MODELMONITOR_CONFIG_DIR": str(folder),
        "MODELMONITOR_LABELS_FILE": str(folder / "labels"),
        "MODELMONITOR_SOCKET": str(folder / "frames.sock"),
    }
    with (folder / "proxy.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdout=log,
            stderr=log,
            env={**os.environ, **files, **(environment or {})},
        )
    proxy = ProxyProcess(process, port, admin_port, folder)
    eventually(lambda: process.poll() is not None or _serves(proxy), "the proxy answers")
    if process.poll() is not None:
        raise AssertionError(f"the proxy ended at its start: {proxy.said}")
    return proxy


def _serves(proxy: ProxyProcess) -> bool:
    """Whether its worker answers; before that, the supervisor's child is not the worker yet."""
    try:
        return proxy.page("/startupz") == "ok\n"
    except OSError:
        return False
