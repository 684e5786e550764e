"""For tests: clients at work while the collector's worker is killed, and payloads made to harm it.

It counts; what must hold of the counts is said by the tests.
"""

import gzip
import http.client
import http.server
import json
import os
import signal
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from modelmonitor_api.baseline import Baseline, BaselineFeature, Bins, Column, to_document

CLIENTS: Final = 4
KILL_EVERY_SECONDS: Final = 1.0
FEATURES: Final = ("a", "b", "c", "d")
MODEL: Final = "chaos"
PATH: Final = f"/v1/models/{MODEL}:predict"
GOOD: Final = b'{"instances":[{"a":1.5,"b":2,"c":-3.25,"d":4},{"a":2.5,"b":null,"c":0,"d":9}]}'
ROWS_OF_GOOD: Final = 2


class ModelServer(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Answers any POST with two predictions."""

    daemon_threads = True
    request_queue_size = 64


class _Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_POST(self) -> None:
        """Read the body, answer the same always."""
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"predictions":[0.25,0.75]}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def model_server() -> Iterator[str]:
    """A model server; its HOST:PORT."""
    with ModelServer(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def baseline_file(folder: Path) -> Path:
    """A baseline of the four features."""
    bins = Bins((0.0, 2.0), (30, 40, 30), (-1.0, 1.0, 3.0), 1.0, 1.5, -5.0, 5.0)
    features = tuple(BaselineFeature(name, "input", "numeric", bins) for name in FEATURES)
    columns = tuple(Column(name) for name in FEATURES)
    file = folder / "baseline.json"
    file.write_text(json.dumps(to_document(Baseline(MODEL, None, 100, columns, features))))
    return file


@dataclass(slots=True)
class Sent:
    """What the clients know: requests answered with 200, and failures of any kind."""

    answered: int = 0
    failed: int = 0

    def __iadd__(self, other: "Sent") -> "Sent":
        """Add what another client knows."""
        self.answered += other.answered
        self.failed += other.failed
        return self


def send(address: str, bodies: Iterator[tuple[bytes, dict[str, str]]]) -> Sent:
    """Send them one after the other on a connection that is kept, each to its end."""
    sent = Sent()
    connection = http.client.HTTPConnection(address, timeout=30)
    for body, headers in bodies:
        try:
            connection.request("POST", PATH, body, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            answer.read()
            sent.answered += answer.status == http.HTTPStatus.OK
            sent.failed += answer.status != http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            sent.failed += 1
            connection.close()
    connection.close()
    return sent


def send_for(address: str, seconds: float) -> Sent:
    """Several clients at once for so long; each finishes the request it began."""
    end, whole, lock = time.monotonic() + seconds, Sent(), threading.Lock()

    def bodies() -> Iterator[tuple[bytes, dict[str, str]]]:
        while time.monotonic() < end:
            yield GOOD, {}

    def client() -> None:
        nonlocal whole
        mine = send(address, bodies())
        with lock:
            whole += mine

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    return whole


class Killer(threading.Thread):
    """Kills the collector's worker every second until told to stop; `kills` counts."""

    def __init__(self, run_pid: int) -> None:
        super().__init__(daemon=True)
        self._run_pid = run_pid
        self._stop_it = threading.Event()
        self.kills = 0

    def run(self) -> None:
        """Kill, wait, again."""
        while not self._stop_it.wait(KILL_EVERY_SECONDS):
            for worker in collector_workers(self._run_pid):
                os.kill(worker, signal.SIGKILL)
                self.kills += 1

    def stop(self) -> None:
        """No kill after this."""
        self._stop_it.set()
        self.join()


def collector_workers(run_pid: int) -> list[int]:
    """The children of the collector's supervisor, which is a child of `run`."""
    return [
        worker
        for supervisor in children(run_pid)
        if b"modelmonitor_sidecar.collect" in Path(f"/proc/{supervisor}/cmdline").read_bytes()
        for worker in children(supervisor)
    ]


def children(parent: int) -> list[int]:
    """The processes whose parent is `parent` now (Linux)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def poison() -> Iterator[tuple[bytes, dict[str, str]]]:
    """Payloads made to harm whoever reads them."""
    nested = b'{"instances":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    bomb = gzip.compress(b'{"instances":[' + b"[1]," * 10_000_000 + b"[1]]}")
    yield nested, {}
    yield bomb, {"Content-Encoding": "gzip"}
    yield b'{"instances":[[' + b"9" * 500_000 + b"]]}", {}
    yield b'{"instances":[' + b"[]," * 300_000 + b"[]]}", {}
    yield b'{"instances":[{"a":1e999,"b":-1e308,"c":"text","d":[[1]]}]}', {}
    yield b'{"instances":[{"a":NaN,"b":Infinity,"c":true,"d":{}}]}', {}
    yield json.dumps({"instances": [{f"f{i}": i for i in range(20_000)}]}).encode(), {}
    yield b'{"instances":[{"a":"' + b"x" * 10_240 + b'"}]}', {}
    yield b'{"instances":[{"a":"\xff\xfe"}]}', {}
    yield b'{"instances":"\\ud800"}', {}
    yield b'{"instances":[]}', {}
    yield b"", {}
    yield b"not json", {}
    yield bytes(range(256)) * 64, {"Content-Encoding": "deflate"}
    yield b"\x1f\x8b" + bytes(1_000), {"Content-Encoding": "gzip"}
