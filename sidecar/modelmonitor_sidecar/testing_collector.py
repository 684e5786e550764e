"""A collector as a process of its own, and a proxy that only sends frames, for tests."""

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from modelmonitor_api.baseline import Baseline, digest, to_document
from modelmonitor_sidecar.frames import PREAMBLE, Ack, Frame, Outcome, pack, split_acks
from modelmonitor_sidecar.testing_processes import (
    DEADLINE_SECONDS,
    eventually,
    free_port,
    proportional_memory_bytes,
    sample_total,
    worker_of,
)

_PROGRAM: Final = """
import sys
{before}
from modelmonitor_sidecar.collect.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def frame(  # noqa: PLR0913 - each test says only what it is about
    sequence: int,
    rows: Sequence[Sequence[object]] | None = None,
    *,
    model: str = "churn",
    request: bytes | None = None,
    answer: bytes | None = None,
    status: int = 200,
    flags: int = 0,
) -> bytes:
    """A frame of one V1 exchange: rows in, as many predictions of 0.5 out."""
    given = rows if rows is not None else [[1.0]]
    body = json.dumps({"instances": given}).encode() if request is None else request
    answered = json.dumps({"predictions": [0.5] * len(given)}).encode()
    reply = answered if answer is None else answer
    return pack(
        Frame(
            sequence=sequence,
            flags=flags,
            status=status,
            wall_time=1_700_000_000.0 + sequence,
            duration_seconds=0.01,
            model=model,
            path=f"/v1/models/{model}:predict",
            request_type="application/json",
            request_encoding="",
            response_type="application/json",
            response_encoding="",
            request_headers_length=-1,
            response_headers_length=-1,
            request_length=len(body),
            response_length=len(reply),
            request_body=body,
            response_body=reply,
        )
    )


def write_configuration(
    folder: Path,
    baselines: Sequence[tuple[str | None, Baseline]] = (),
    spec: Mapping[str, Any] | None = None,
    **more: object,
) -> None:
    """`config.json` of monitor `churn`, with baselines by version."""
    references = []
    for version, baseline in baselines:
        digest8 = digest(baseline)[:8]
        name = f"baseline-{digest8}.json.gz"
        (folder / name).write_bytes(gzip.compress(json.dumps(to_document(baseline)).encode()))
        references.append({"model": "churn", "version": version, "digest8": digest8, "file": name})
    document = {
        "formatVersion": 1,
        "monitor": "churn",
        "namespace": "team-a",
        "spec": dict(spec or {}),
        "baselines": references,
        **more,
    }
    fresh = folder / "config.json.new"
    fresh.write_text(json.dumps(document))
    fresh.replace(folder / "config.json")


class FrameSender:
    """The proxy's end of one connection."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(DEADLINE_SECONDS)
        self._socket.connect(str(path))
        self._buffer = bytearray()
        self.acks: list[Ack] = []
        self.send(PREAMBLE)

    def send(self, *pieces: bytes) -> None:
        """Send frames (or anything)."""
        self._socket.sendall(b"".join(pieces))

    def outcomes(self, frames: int) -> list[Outcome]:
        """The outcomes of the first `frames` frames, waited for; fewer if the collector ends."""
        while sum(ack.count for ack in self.acks) < frames and self._receive():
            pass
        return [ack.outcome for ack in self.acks for _ in range(ack.count)]

    def ended(self) -> bool:
        """Wait for what comes; True when it is the connection's end."""
        while self._receive():
            pass
        return True

    def close(self) -> None:
        """Go away."""
        self._socket.close()

    def _receive(self) -> bool:
        try:
            data = self._socket.recv(65_536)
        except ConnectionError:
            return False
        self._buffer += data
        self.acks += split_acks(self._buffer)
        return bool(data)


@dataclass
class CollectorProcess:
    """A running `modelmonitor-collector`: supervisor and worker."""

    process: "subprocess.Popen[bytes]"
    port: int
    folder: Path
    _senders: list[FrameSender] = field(default_factory=list)

    def connect(self) -> FrameSender:
        """One more proxy; `stop` sends it away."""
        sender = FrameSender(self.socket)
        self._senders.append(sender)
        return sender

    def stop(self) -> None:
        """End it at once, whatever it does."""
        for sender in self._senders:
            sender.close()
        self.process.kill()
        self.process.wait(DEADLINE_SECONDS)

    @property
    def socket(self) -> Path:
        """Where frames go."""
        return self.folder / "frames.sock"

    @property
    def worker(self) -> int:
        """The worker's process id; waits for one."""
        return worker_of(self.process.pid)

    @property
    def said(self) -> str:
        """What it has written to standard error."""
        return (self.folder / "collector.log").read_text()

    def page(self, path: str, **headers: str) -> str:
        """A page of its HTTP server; waits out a worker that is being replaced."""
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, headers=headers)
        with urllib.request.urlopen(request, timeout=DEADLINE_SECONDS) as answer:  # noqa: S310
            return str(answer.read().decode())

    def status(self) -> dict[str, Any]:
        """`/api/status`."""
        document: dict[str, Any] = json.loads(self.page("/api/status"))
        return document

    def total(self, name: str, **labels: str) -> float:
        """The sum of a family's samples that carry these labels; 0 where there are none."""
        return sample_total(self.page("/metrics"), name, labels)

    def memory_bytes(self) -> int:
        """Proportional set size of supervisor and worker together."""
        return proportional_memory_bytes(self.process.pid, self.worker)

    def kill_worker(self) -> None:
        """SIGKILL, and wait for the next one."""
        worker = self.worker
        os.kill(worker, signal.SIGKILL)
        eventually(lambda: self.worker != worker, "the worker is replaced")

    def end(self) -> int:
        """SIGTERM, and wait; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE_SECONDS)


def start_collector(folder: Path, flags: Sequence[str] = (), before: str = "") -> CollectorProcess:
    """Start a collector that has its files in `folder`; `before` is code to run ahead of it.

    `before` injects faults: it runs in the process that all workers are forked from.
    """
    port = free_port()
    command = [sys.executable, "-c", _PROGRAM.format(before=before)]
    command += ["--listen", f"127.0.0.1:{port}", *flags]
    files = {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "MODELMONITOR_CONFIG_DIR": str(folder),
        "MODELMONITOR_LABELS_FILE": str(folder / "labels"),
        "MODELMONITOR_SOCKET": str(folder / "frames.sock"),
    }
    with (folder / "collector.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command, stdout=log, stderr=log, env={**os.environ, **files}
        )
    collector = CollectorProcess(process, port, folder)
    eventually(lambda: process.poll() is not None or _answers(port), "the collector answers")
    if process.poll() is not None:
        raise AssertionError(f"the collector ended at its start: {collector.said}")
    collector.page("/metrics")  # the backlog answers before the first worker does
    return collector


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1.0).close()
    except OSError:
        return False
    return True
