"""A supervisor in a process of its own, over a worker written by the test."""

import os
import select
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

DEADLINE_SECONDS = 20.0

# Binds a socket, says its port, supervises.  A subreaper gets orphans as PID 1 does.
RUNNER = """
import ctypes, sys
from modelmonitor_sidecar.supervise.address import Address
from modelmonitor_sidecar.supervise.listen import listen
from modelmonitor_sidecar.supervise.plan import Plan
from modelmonitor_sidecar.supervise.pulse import Pulse
from modelmonitor_sidecar.supervise.recorder import FlightRecorder
from modelmonitor_sidecar.supervise.supervisor import supervise
ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER
pulse, recorder = Pulse(), FlightRecorder()
bound = listen(Address("127.0.0.1", 0), "--listen")
print(bound.getsockname()[1], flush=True)
options = dict(quick_seconds=0.0)
options.update({options})
sys.exit(supervise(Plan("test", "the_worker", (bound,), **options)))
"""

# Answers each connection with what `answer(life)` says.
SERVING = """
import json, os, select, signal, sys, time

def serve(listening, life, answer):
    while True:
        select.select([listening], [], [])
        try:
            connection, _ = listening.accept()
        except BlockingIOError:
            continue
        with connection:
            connection.sendall(json.dumps(answer(life)).encode())
"""


@dataclass
class Supervised:
    """A running supervisor; `ask` connects to its socket and reads until the end."""

    process: subprocess.Popen[str]
    port: int
    complaints: Path
    folder: Path

    def ask(self) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), DEADLINE_SECONDS) as connection:
            chunks = []
            while chunk := connection.recv(65536):
                chunks.append(chunk)
            return b"".join(chunks)

    def kill_and_wait(self, pid: int) -> None:
        """SIGKILL a process that is not our child, and wait until the kernel has ended it."""
        watcher = os.pidfd_open(pid)
        try:
            os.kill(pid, signal.SIGKILL)
            assert select.select([watcher], [], [], DEADLINE_SECONDS)[0]
        finally:
            os.close(watcher)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(DEADLINE_SECONDS)

    def said(self) -> str:
        return self.complaints.read_text()


Start = Callable[..., Supervised]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a supervisor over `worker` (source text); `options` is the text of a dictionary."""
    started: list[Supervised] = []

    def starter(worker: str, options: str = "{}", before: str = "") -> Supervised:
        write_worker(tmp_path, worker)
        complaints = tmp_path / "complaints"
        with complaints.open("w") as stream:
            process = subprocess.Popen(
                [sys.executable, "-c", before + RUNNER.replace("{options}", options)],
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
            )
        assert process.stdout is not None
        supervised = Supervised(process, int(process.stdout.readline()), complaints, tmp_path)
        started.append(supervised)
        return supervised

    yield starter
    for supervised in started:
        supervised.process.kill()
        supervised.process.wait()
        assert supervised.process.stdout is not None
        supervised.process.stdout.close()


@pytest.fixture
def rewrite(tmp_path: Path) -> Callable[[str], None]:
    """Exchange the worker's source under a running supervisor."""
    return lambda worker: write_worker(tmp_path, worker)


def write_worker(folder: Path, worker: str) -> None:
    (folder / "the_worker.py").write_text(SERVING + textwrap.dedent(worker))
