"""How soon the proxy serves: after its start, and after its worker was killed.  Run it alone with

    .venv/bin/python benchmarks/restarts.py

Writes .cache/bench/restarts.json.
"""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import workload
from connections import connected, read_answer
from interleaved import median
from peers import Pair, cheap_upstream, free_port, our_pair, proxy_command
from processes import cpu_seconds, tree
from results import Figure, Part, write

MILLISECONDS = 1e3
KILLS = 20
STARTS = 10
PROBE_SECONDS = 0.002
PAUSE_SECONDS = (0.6, 1.2)
DEADLINE_SECONDS = 10.0


@dataclass(slots=True)
class Connects:
    """What became of connections that were opened all the time."""

    opened: int = 0
    refused: int = 0


def served_after_kill(pair: Pair) -> float:
    """Seconds from the worker's SIGKILL to the first answer on a new connection."""
    (worker,) = (pid for pid in pair.proxy.pids() if pid != pair.proxy.root)
    killed = time.perf_counter()
    os.kill(worker, signal.SIGKILL)
    _until_gone(worker)
    _until_served(pair.proxy.port, killed)
    return time.perf_counter() - killed


def _until_gone(pid: int) -> None:
    """A zombie serves nobody."""
    with contextlib.suppress(OSError):
        while (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
            pass


def _until_served(port: int, since: float) -> None:
    request = workload.request(workload.body(size=workload.BODY_BYTES))
    while time.perf_counter() - since < DEADLINE_SECONDS:
        with contextlib.suppress(OSError), connected(port) as connection:
            connection.sendall(request)
            read_answer(connection)
            return
    raise RuntimeError(f"port {port} served nobody for {DEADLINE_SECONDS} s")


@contextlib.contextmanager
def connecting(port: int) -> Iterator[Connects]:
    """New connections every 2 ms while the context is open."""
    seen, ended = Connects(), threading.Event()

    def connect() -> None:
        while not ended.wait(PROBE_SECONDS):
            try:
                socket.create_connection(("127.0.0.1", port), DEADLINE_SECONDS).close()
                seen.opened += 1
            except ConnectionRefusedError:
                seen.refused += 1

    thread = threading.Thread(target=connect)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def kills() -> list[Figure]:
    """Twenty of them, at changing intervals."""
    chance = random.Random(5)
    with _scratch() as folder, cheap_upstream(folder) as upstream:
        (folder / "ours").mkdir()
        with our_pair(folder / "ours", upstream.port) as pair:
            _until_served(pair.proxy.port, time.perf_counter())
            seconds = []
            with connecting(pair.proxy.port) as seen:
                for _ in range(KILLS):
                    time.sleep(chance.uniform(*PAUSE_SECONDS))
                    seconds.append(served_after_kill(pair))
    note = f"{KILLS} kills while {seen.opened:,} other connections were opened"
    return [
        Figure("killed worker serves again, median", median(seconds) * MILLISECONDS, "ms", 200),
        Figure("killed worker serves again, longest", max(seconds) * MILLISECONDS, "ms", 1000),
        Figure("connections refused meanwhile", seen.refused, "", 0, note=note),
    ]


def starts() -> list[Figure]:
    """From the start of the process to the first answer through it."""
    with _scratch() as folder, cheap_upstream(folder) as upstream:
        workload.write_configuration(folder)
        found = [_start(folder, upstream.port) for _ in range(STARTS)]
    seconds = [elapsed for elapsed, _ in found]
    cpu = median([spent for _, spent in found]) * MILLISECONDS
    return [
        Figure("start to first answer, median", median(seconds) * MILLISECONDS, "ms", 300),
        Figure("start to first answer, longest", max(seconds) * MILLISECONDS, "ms"),
        Figure("CPU from start to first answer", cpu, "ms", note="supervisor and worker"),
    ]


def _start(folder: Path, upstream: int) -> tuple[float, float]:
    """Elapsed seconds, and CPU seconds of what was started."""
    port = free_port()
    environment = {**os.environ, "MODELMONITOR_CONFIG_DIR": str(folder)}
    environment["MODELMONITOR_SOCKET"] = str(folder / "frames.sock")
    began = time.perf_counter()
    with subprocess.Popen(
        proxy_command(port, upstream, free_port()), env=environment, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _until_served(port, began)
            return time.perf_counter() - began, cpu_seconds(tree(process.pid))
        finally:
            process.terminate()


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        yield Path(name)


def main() -> None:
    """Measure and write."""
    text = "New connections wait in the supervisor's backlog while the worker is replaced."
    write(Part("restarts", "Proxy: start and restart", [*kills(), *starts()], text))


if __name__ == "__main__":
    sys.exit(main())
