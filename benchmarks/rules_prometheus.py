"""A Prometheus of its own, on one core: started on a folder, asked, reloaded, stopped.

It refuses to know what is scraped and judged.
"""

import json
import os
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import yaml
from processes import cpu_seconds

VARIABLE = "MODELMONITOR_PROMETHEUS3"
"""Folder of the binaries of Prometheus 3, where there are any."""
PRIORITY = -10
"""Where this user may: what else runs on the machine shall not count."""
DEADLINE_SECONDS = 120.0
ASK_SECONDS = 300.0
JOBS = {"proxy": 15, "collector": 15, "baseline": 120}
"""Pages of a sidecar pair, and the seconds between scrapes."""


@dataclass(frozen=True)
class Target:
    """One pod of one monitor; `seconds` between scrapes of its counters, where not the usual."""

    monitor: str
    replica: int = 0
    seconds: int | None = None


def binaries() -> Iterator[Path]:
    """Prometheus on the path, and 3.x where the variable names a folder."""
    found = shutil.which("prometheus")
    if found:
        yield Path(found)
    newer = os.environ.get(VARIABLE)
    if newer:
        yield Path(newer) / "prometheus"


def preferred(
    command: Sequence[str], log: BinaryIO | None = None, environment: Mapping[str, str] = os.environ
) -> "subprocess.Popen[bytes]":
    """Start a process that goes before others, in a session of its own: Linux shares cores out
    among sessions first.
    """
    process = subprocess.Popen(
        command, stdout=log, stderr=log, env=environment, start_new_session=True
    )
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process.pid, PRIORITY)
        Path(f"/proc/{process.pid}/autogroup").write_text(str(PRIORITY))
    return process


class Prometheus:
    """Running from `start` to `stop`; on one core alone where it is so asked."""

    def __init__(self, binary: Path, folder: Path, port: int, *, one_core: bool = False) -> None:
        self._binary = binary
        self.folder = folder
        self._address = f"http://127.0.0.1:{port}"
        self._port = port
        self._one_core = one_core
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it is ready."""
        command = ["taskset", "-c", "0"] if self._one_core else []
        command += [str(self._binary)]
        command += [f"--config.file={self.folder / 'prometheus.yml'}", "--web.enable-lifecycle"]
        command += [f"--storage.tsdb.path={self.folder / 'data'}"]
        command += [
            f"--web.listen-address=127.0.0.1:{self._port}",
            "--storage.tsdb.retention.time=9d",
        ]
        with (self.folder / "prometheus.log").open("ab") as log:
            threads = {"GOMAXPROCS": "1"} if self._one_core else {}
            self._process = preferred(command, log, {**os.environ, **threads})
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Prometheus is not ready: {self.folder / 'prometheus.log'}")
            time.sleep(0.5)

    def stop(self) -> None:
        """End it, and wait."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(DEADLINE_SECONDS)
            self._process = None

    def reload(self) -> float:
        """Have it read its configuration again; seconds until it answers."""
        began = time.monotonic()
        with self._open("/-/reload", b""):
            return time.monotonic() - began

    def cpu_seconds(self) -> float:
        """Spent since its start."""
        assert self._process is not None
        return cpu_seconds([self._process.pid])

    def resident_bytes(self) -> int:
        """Now."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    @staticmethod
    def version_of(binary: Path) -> str:
        """As it says of itself."""
        run = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True)
        return (run.stdout + run.stderr).split("version ")[1].split("+")[0].split(",")[0].split()[0]

    def own(self, metric: str) -> float:
        """The sum of one of its own metrics."""
        return sum(value for _, value in self._samples(metric))

    def by_group(self, metric: str) -> dict[str, list[float]]:
        """One of its own metrics of groups of rules, by their names, whatever their files."""
        found: dict[str, list[float]] = {}
        for labels, value in self._samples(metric):
            name = labels.rpartition('rule_group="')[2].split('"')[0].rpartition(";")[2]
            found.setdefault(name, []).append(value)
        return found

    def _samples(self, metric: str) -> list[tuple[str, float]]:
        with self._open("/metrics") as answer:
            lines = answer.read().decode().splitlines()
        named = (line for line in lines if line.startswith((f"{metric} ", f"{metric}{{")))
        return [(labels, float(value)) for labels, _, value in (li.rpartition(" ") for li in named)]

    def query(self, expression: str, at: float | None = None) -> list[dict[str, Any]]:
        """Samples of an expression."""
        asked = {"query": expression, **({} if at is None else {"time": str(at)})}
        found: list[dict[str, Any]] = self.ask("/api/v1/query", asked)["result"]
        return found

    def groups(self) -> list[dict[str, Any]]:
        """All groups of rules, with the time of their last evaluation and their errors."""
        found: list[dict[str, Any]] = self.ask("/api/v1/rules")["groups"]
        return found

    def ask(self, path: str, asked: Mapping[str, str] | None = None) -> Any:
        """The data of an answer of its API; what is asked goes as a form, so it may be long."""
        body = urllib.parse.urlencode(asked).encode() if asked else None
        with self._open(path, body) as answer:
            return json.load(answer)["data"]

    def _open(self, path: str, body: bytes | None = None) -> Any:
        request = urllib.request.Request(f"{self._address}{path}", body)  # noqa: S310 - our own
        return urllib.request.urlopen(request, timeout=ASK_SECONDS)  # noqa: S310

    def _ready(self) -> bool:
        try:
            with self._open("/-/ready") as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def write_configuration(
    folder: Path, sidecars: str, targets: Sequence[Target], rules: Mapping[str, Mapping[str, Any]]
) -> None:
    """Everything that a Prometheus reads: scrape jobs, their targets, a file for each of `rules`.

    `sidecars`: the address of `rules_sidecars`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules").mkdir(exist_ok=True)
    for name, document in rules.items():
        (folder / "rules" / f"{name}.yml").write_text(yaml.dump(document, Dumper=yaml.CSafeDumper))
    jobs = [_job(page, seconds, sidecars, targets) for page, seconds in JOBS.items()]
    for job, listed in jobs:
        (folder / f"{job['job_name']}.json").write_text(json.dumps(listed))
    configuration = {
        "global": {"scrape_interval": "15s"},
        "rule_files": [str(folder / "rules" / "*.yml")],
        "scrape_configs": [
            {**job, "file_sd_configs": [{"files": [str(folder / f"{job['job_name']}.json")]}]}
            for job, _ in jobs
        ],
    }
    (folder / "prometheus.yml").write_text(json.dumps(configuration))


def _job(
    page: str, seconds: int, sidecars: str, targets: Sequence[Target]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    listed = [{"targets": [sidecars], "labels": _labels(page, target)} for target in targets]
    return {"job_name": page, "scrape_interval": f"{seconds}s"}, listed


def _labels(page: str, target: Target) -> dict[str, str]:
    pod = f"{target.monitor}-{target.replica}"
    labels = {"namespace": "bench", "pod": pod, "instance": f"{pod}:{page}"}
    labels["__metrics_path__"] = f"/{target.monitor}/{page}"
    if target.seconds is not None and page != "baseline":
        labels["__scrape_interval__"] = f"{target.seconds}s"
        labels["__scrape_timeout__"] = "10s"
    return labels
