"""A real Prometheus as a process, and what it answers over its HTTP API.

It refuses to know what is scraped and which rules there are.
"""

import contextlib
import http.client
import json
import math
import os
import signal
import subprocess
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from modelmonitor_cli.testing import eventually, free_ports

READY_SECONDS: Final = 60.0
POLL_SECONDS: Final = 1.0
ANSWER_SECONDS: Final = 300.0

Json = Any
Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Series:
    """One series of an answer: its labels with `__name__`, and values by time."""

    labels: Labels
    values: Mapping[float, float]


@dataclass(slots=True)
class Prometheus:
    """One server on a port of its own; it may be stopped and started again on its data."""

    binary: Path
    folder: Path
    config: Path
    flags: tuple[str, ...] = ()
    port: int = field(default_factory=lambda: free_ports(1)[0])
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns when it answers; AssertionError with its last words where it ended."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command(), stdout=log, stderr=log)
        ready = eventually(lambda: self._ready() or not self.running, READY_SECONDS)
        assert ready, f"{self.binary} does not answer: {self.last_words()}"
        assert self.running, f"{self.binary} ended: {self.last_words()}"

    def stop(self) -> None:
        """SIGTERM, and wait for its end."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(READY_SECONDS)
            self._process = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> Path:
        return self.folder / "prometheus.log"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-5:])

    def now(self, query: str, at_seconds: float | None = None) -> list[Series]:
        """An instant query: one value a series, or with a range in it all samples as scraped."""
        moment = {} if at_seconds is None else {"time": repr(at_seconds)}
        return _series(self.asked("query", query=query, **moment)["result"])

    def over(self, query: str, start: float, end: float, step_seconds: float) -> list[Series]:
        """A range query."""
        span = {"start": repr(start), "end": repr(end), "step": repr(step_seconds)}
        return _series(self.asked("query_range", query=query, **span)["result"])

    def number(self, query: str, at_seconds: float | None = None) -> float | None:
        """The one value of an instant query; None where there is none."""
        found = self.now(query, at_seconds)
        return next(iter(found[0].values.values())) if found else None

    def asked(self, endpoint: str, **form: str) -> Json:
        """The data of an answer; AssertionError with its reason where it is an error."""
        query = f"?{urllib.parse.urlencode(form)}" if form else ""
        _, body = self._got(f"/api/v1/{endpoint}{query}")
        answer = json.loads(body)
        assert answer["status"] == "success", f"{form}: {answer['error']}"
        return answer["data"]

    def metrics(self) -> str:
        """Its own exposition."""
        return self._got("/metrics")[1].decode()

    def _command(self) -> list[str]:
        address = f"127.0.0.1:{self.port}"
        flags = [f"--config.file={self.config}", f"--storage.tsdb.path={self.data}"]
        flags += [f"--web.listen-address={address}", "--log.level=warn", *self.flags]
        return [str(self.binary), *flags]

    def _ready(self) -> bool:
        with contextlib.suppress(OSError):
            return self._got("/-/ready")[0] == http.HTTPStatus.OK
        return False

    def _got(self, path: str) -> tuple[int, bytes]:
        """Status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()


@contextlib.contextmanager
def running(prometheus: Prometheus) -> Iterator[Prometheus]:
    """Started, and stopped whatever happens."""
    try:
        prometheus.start()
        yield prometheus
    finally:
        prometheus.stop()


def wait_until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    """AssertionError that says what did not come to hold in so many seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"within {seconds:g} s it did not come to be: {what}"
        time.sleep(POLL_SECONDS)


def nice_command(command: list[str]) -> list[str]:
    """So that what is made meanwhile does not delay what is measured."""
    return ["nice", "-n", "10", *command] if os.name == "posix" else command


def _series(result: list[Json]) -> list[Series]:
    return [
        Series(one["metric"], dict(map(_sample, one.get("values") or [one["value"]])))
        for one in result
    ]


def _sample(pair: tuple[float, str]) -> tuple[float, float]:
    """Prometheus writes infinity and NaN as Go does; `float` reads both."""
    seconds, text = pair
    return float(seconds), math.inf if text == "+Inf" else float(text)
