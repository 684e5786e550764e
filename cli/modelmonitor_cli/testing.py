"""For tests: `modelmonitor run` as a process, what it exposes, and what must add up.

It refuses to know what is in front of it and behind it.
"""

import contextlib
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from modelmonitor_api import names

LAST_LINE: Final = "Ctrl-C ends it."
START_SECONDS: Final = 30.0
POLL_SECONDS: Final = 0.05

_SAMPLE: Final = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)")
_LABEL: Final = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of an exposition."""

    name: str
    labels: dict[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class RunningPair:
    """A `modelmonitor run` that answers; the addresses are HOST:PORT."""

    process: subprocess.Popen[bytes]
    listen: str
    proxy_metrics: str
    collector: str

    def requests(self) -> list[Sample]:
        """What the proxy exposes now."""
        return samples(fetched(f"http://{self.proxy_metrics}/metrics"))

    def features(self) -> list[Sample]:
        """What the collector exposes now; waits while its worker is being replaced."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return samples(fetched(f"http://{self.collector}/metrics"))
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(POLL_SECONDS)


@contextlib.contextmanager
def running_pair(
    upstream: str,
    *,
    monitor: Path | None = None,
    baselines: Sequence[str] = (),
    window: str | None = None,
    environment: Mapping[str, str] | None = None,
    errors: IO[bytes] | None = None,
) -> Iterator[RunningPair]:
    """`modelmonitor run` in front of `upstream` on free ports, ended by SIGTERM."""
    flags = ["--upstream", upstream]
    flags += ["--monitor", str(monitor)] if monitor else []
    flags += [word for baseline in baselines for word in ("--baseline", baseline)]
    flags += ["--window", window] if window else []
    with pair_on(free_ports(3), flags, environment, errors) as pair:
        yield pair


@contextlib.contextmanager
def pair_on(
    ports: Sequence[int],
    flags: Sequence[str],
    environment: Mapping[str, str] | None = None,
    errors: IO[bytes] | None = None,
) -> Iterator[RunningPair]:
    """The same on these ports of 127.0.0.1: traffic, metrics of requests, metrics of features."""
    listen, metrics, collector = (f"127.0.0.1:{port}" for port in ports)
    command = [sys.executable, "-m", "modelmonitor_cli", "run", "--listen", listen]
    command += ["--proxy-metrics", metrics, "--collector", collector, *flags]
    with subprocess.Popen(  # noqa: S603 - our own
        command, stdout=subprocess.PIPE, stderr=errors, env=environment
    ) as process:
        try:
            _wait_until_announced(process)
            yield RunningPair(process, listen, metrics, collector)
        finally:
            process.terminate()
            process.wait(START_SECONDS)


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 on which nobody listens now, all different."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


def samples(text: str) -> list[Sample]:
    """The samples of an exposition in Prometheus' text format.

    >>> samples('# HELP a b\\na{c="d"} 2\\n')
    [Sample(name='a', labels={'c': 'd'}, value=2.0)]
    """
    return [
        Sample(match[1], dict(_LABEL.findall(match[2] or "")), float(match[3]))
        for match in map(_SAMPLE.fullmatch, text.splitlines())
        if match
    ]


def total(found: Sequence[Sample], name: str, **labels: str) -> float:
    """The sum of the samples with this name and these labels."""
    return sum(
        one.value for one in found if one.name == name and labels.items() <= one.labels.items()
    )


def accounted(found: Sequence[Sample], model: str) -> float:
    """The right side of the law: at rest it equals the model's requests, exactly.

    decoded + undecodable + skipped + dropped.
    """
    return total(found, names.FRAMES, model=model) + total(found, names.FRAMES_DROPPED, model=model)


def eventually(holds: Callable[[], bool], seconds: float = START_SECONDS) -> bool:
    """Whether it came to hold within so many seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def fetched(url: str) -> str:
    """The body of an answer with status 200."""
    with urllib.request.urlopen(url, timeout=START_SECONDS) as response:  # noqa: S310 - our own
        return str(response.read().decode())


def _wait_until_announced(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    watch = threading.Timer(START_SECONDS, process.kill)
    watch.start()
    try:
        for line in process.stdout:
            if line.decode().strip() == LAST_LINE:
                return
    finally:
        watch.cancel()
    raise AssertionError(f"modelmonitor run ended with {process.wait()} before it answered")
