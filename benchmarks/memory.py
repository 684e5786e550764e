"""Memory of the sidecars where it could grow; run it alone with

    .venv/bin/python benchmarks/memory.py

PSS of supervisor and worker together; every figure is of a fresh pair.  Writes
.cache/bench/memory.json.
"""

import contextlib
import json
import random
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import workload
from connections import (
    allow_many_descriptors,
    connected,
    half_sent,
    idle,
    read_answer,
    receive_body,
    send_body,
)
from peers import Pair, our_pair, reading_upstream
from processes import pss_bytes
from proxies import wait_for_rest
from results import Figure, Part, write

import tools

MEBIBYTE = 1 << 20
GIBIBYTE = 1 << 30
IDLE_CONNECTIONS = 8_000
HALF_SENT = 2_000
HALF_SENT_BODY_BYTES = 64 << 10
WARM_UP_REQUESTS = 200
MANY_FEATURES = 200
ROWS_A_REQUEST = 64
REQUESTS = 300
DISTINCT_BODIES = 50
SAMPLE_SECONDS = 0.05
SETTLED_SECONDS = 2.0


class Peak:
    """The largest PSS of some processes while the context is open."""

    def __init__(self, pids: list[int]) -> None:
        self._pids = pids
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.bytes = 0
        self.died = False

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        try:
            while not self._ended.wait(SAMPLE_SECONDS):
                self.bytes = max(self.bytes, pss_bytes(self._pids))
        except OSError:
            self.died = True

    def mebibytes(self) -> float:
        """In the figures' unit; RuntimeError where a process died, which a figure must not hide."""
        if self.died:
            raise RuntimeError("a worker died while its memory was measured")
        return self.bytes / MEBIBYTE


@contextlib.contextmanager
def warm_pair(features: int = workload.FEATURES) -> Iterator[Pair]:
    """A fresh pair that has served a few hundred requests."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        folder = Path(scratch)
        (folder / "ours").mkdir()
        with (
            reading_upstream(folder) as upstream,
            our_pair(folder / "ours", upstream.port, features) as pair,
        ):
            body = workload.body(features)
            ask(pair, [body] * WARM_UP_REQUESTS)
            yield pair


def ask(pair: Pair, bodies: list[bytes]) -> None:
    """All of them over one connection."""
    with connected(pair.proxy.port) as connection:
        for body in bodies:
            connection.sendall(workload.request(body))
            read_answer(connection)


def proxy_peak(act: Callable[[Pair, threading.Event], None]) -> float:
    """The proxy's peak in MiB during `act` and until it has settled."""
    with warm_pair() as pair, Peak(pair.proxy.pids()) as peak:
        act(pair, peak._ended)
    return peak.mebibytes()


def _rest(_: Pair, ended: threading.Event) -> None:
    ended.wait(SETTLED_SECONDS)


def _gibibytes(pair: Pair, _: threading.Event) -> None:
    up = threading.Thread(target=send_body, args=(pair.proxy.port, workload.PATH, GIBIBYTE))
    up.start()
    receive_body(pair.proxy.port, GIBIBYTE)
    up.join()


def _idle(pair: Pair, ended: threading.Event) -> None:
    request = workload.request(workload.body(size=workload.BODY_BYTES))
    with idle(pair.proxy.port, IDLE_CONNECTIONS, request):
        ended.wait(SETTLED_SECONDS)


def _half_sent(pair: Pair, ended: threading.Event) -> None:
    with half_sent(pair.proxy.port, HALF_SENT, workload.PATH, HALF_SENT_BODY_BYTES):
        ended.wait(SETTLED_SECONDS)


def collector_peak() -> float:
    """The collector's peak in MiB with 200 features, different rows, scrapes and the status."""
    chance = random.Random(11)
    bodies = [_many_rows(chance) for _ in range(DISTINCT_BODIES)]
    with warm_pair(MANY_FEATURES) as pair, Peak(pair.collector_pids()) as peak:
        for start in range(0, REQUESTS, DISTINCT_BODIES):
            ask(pair, bodies[: REQUESTS - start])
            for path in ("/metrics", "/metrics/baseline", "/api/status"):
                urllib.request.urlopen(f"http://{pair.collector}{path}", timeout=30).read()
        wait_for_rest(pair)
    return peak.mebibytes()


def _many_rows(chance: random.Random) -> bytes:
    rows = [
        [round(chance.gauss(0, 5.74), 6) for _ in range(MANY_FEATURES)]
        for _ in range(ROWS_A_REQUEST)
    ]
    return json.dumps({"instances": rows}).encode()


def figures() -> list[Figure]:
    """All of this part."""
    rows = f"{REQUESTS * ROWS_A_REQUEST:,} different rows, with scrapes and the status page"
    return [
        Figure("proxy at rest", proxy_peak(_rest), "MiB", 55),
        Figure("proxy, 1 GiB bodies both ways at once", proxy_peak(_gibibytes), "MiB", 80),
        Figure("proxy, 8,000 idle connections", proxy_peak(_idle), "MiB", 140),
        Figure("proxy, 2,000 half-sent 64 KiB bodies", proxy_peak(_half_sent), "MiB", 140),
        Figure("collector, 200 features", collector_peak(), "MiB", 110, note=rows),
    ]


def main() -> None:
    """Measure and write."""
    allow_many_descriptors()
    tools.generators()
    text = "Peak PSS of supervisor and worker together, sampled every 50 ms, each of a fresh pair."
    write(Part("memory", "Memory", figures(), text))


if __name__ == "__main__":
    sys.exit(main())
