"""A proxy's worker inside the test's process, on sockets of the test's own.

For what must be looked at from inside: counters, budgets, a part that fails.  Refuses to fork.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from modelmonitor_sidecar.proxy.settings import ProxySettings, Upstream
from modelmonitor_sidecar.proxy.worker import Worker
from modelmonitor_sidecar.supervise.address import Address
from modelmonitor_sidecar.supervise.plan import Life

DEADLINE_SECONDS: Final = 10.0


@dataclass(frozen=True)
class RunningWorker:
    """A worker in a thread, and where it listens."""

    worker: Worker
    thread: threading.Thread
    port: int
    admin_port: int

    def connect(self) -> socket.socket:
        """A client."""
        return socket.create_connection(("127.0.0.1", self.port), DEADLINE_SECONDS)

    def until(self, true: Callable[[], object]) -> None:
        """Wait for the worker to come to something."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not true():
            if time.monotonic() > deadline:
                raise TimeoutError("the worker did not come to that")
            self.thread.join(0.005)

    def stop(self) -> float:
        """Order the end as SIGTERM does; returns the seconds it took."""
        began = time.monotonic()
        self.worker.stop()
        self.thread.join(DEADLINE_SECONDS)
        if self.thread.is_alive():
            raise TimeoutError("the worker does not end")
        return time.monotonic() - began


@contextmanager
def running_worker(folder: Path, upstream_port: int) -> Iterator[RunningWorker]:
    """A worker in front of 127.0.0.1; its configuration and the collector's socket in `folder`."""
    traffic, admin = (socket.create_server(("127.0.0.1", 0), backlog=512) for _ in range(2))
    settings = ProxySettings(
        listen=Address(*traffic.getsockname()),
        admin=Address(*admin.getsockname()),
        upstreams=(Upstream("127.0.0.1", upstream_port, "127.0.0.2"),),
        config_file=folder / "config.json",
        labels_file=folder / "labels",
        frames_socket=folder / "frames.sock",
        monitor="churn",
    )
    ports = (traffic.getsockname()[1], admin.getsockname()[1])
    worker = Worker(traffic, admin, settings, Life(1))
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    running = RunningWorker(worker, thread, *ports)
    try:
        yield running
    finally:
        if thread.is_alive():
            running.stop()
        traffic.close()
        admin.close()
