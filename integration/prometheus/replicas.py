"""Three pods without a cluster: a model server, and `modelmonitor run` in front of it for each.

A worker or a whole pair may be ended while it serves; the pair comes back on the same ports.
"""

import contextlib
import http.server
import json
import os
import signal
import socketserver
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from prometheus.scraping import Target
from prometheus.subject import MODEL, answer

from modelmonitor_cli.testing import RunningPair, free_ports, pair_on
from modelmonitor_cli.testing_chaos import collector_workers


class _ModelServer(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 64


class _Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(answer(asked["instances"])).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def model_server() -> Iterator[str]:
    """A server of the model; its HOST:PORT."""
    with _ModelServer(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@dataclass(slots=True)
class Replica:
    """One pod; its ports stay the same over restarts."""

    pod: str
    flags: Sequence[str]
    errors: Path
    ports: list[int] = field(default_factory=lambda: free_ports(3))
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _pair: RunningPair | None = None

    @property
    def address(self) -> str:
        """Where its clients send requests."""
        return f"127.0.0.1:{self.ports[0]}"

    @property
    def target(self) -> Target:
        """Where Prometheus finds it."""
        return Target(self.pod, *(f"127.0.0.1:{port}" for port in self.ports[1:]))

    @property
    def pair(self) -> RunningPair:
        assert self._pair is not None, f"{self.pod} does not run"
        return self._pair

    def start(self) -> None:
        """Returns when it serves."""
        errors = self._stack.enter_context(self.errors.open("ab"))
        self._pair = self._stack.enter_context(pair_on(self.ports, self.flags, errors=errors))

    def stop(self) -> None:
        """In order, as a pod ends."""
        self._stack.close()
        self._pair = None

    def kill_worker(self) -> None:
        """The collector's worker dies at once; its supervisor starts another."""
        for worker in collector_workers(self.pair.process.pid):
            os.kill(worker, signal.SIGKILL)


POD: Final = f"{MODEL}-{{name}}"


@contextlib.contextmanager
def replicas(names: Sequence[str], flags: Sequence[str], folder: Path) -> Iterator[list[Replica]]:
    """All of them, running; stopped at the end whatever happened."""
    ports = free_ports(3 * len(names))
    found = [
        Replica(POD.format(name=name), flags, folder / f"{name}.log", ports[3 * at : 3 * at + 3])
        for at, name in enumerate(names)
    ]
    with contextlib.ExitStack() as stack:
        for one in found:
            stack.callback(one.stop)
            one.start()
        yield found
