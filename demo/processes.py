"""The programs of the tour: how each is started, awaited and asked for its processor time."""

import asyncio
import contextlib
import fcntl
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from demo.failure import DemoError
from modelmonitor_api.errors import InputError
from modelmonitor_cli.run.addresses import Address, check_free
from modelmonitor_cli.run.children import Child

HERE: Final = Path(__file__).resolve().parent
READY_SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.1
LAST_LINE: Final = "Ctrl-C ends it."
ONE_THREAD: Final = {"OMP_NUM_THREADS": "1"}
"""A small model on two cores is served fastest by one thread."""

WITH_ITS_FAMILY: Final = (
    "sh",
    "-c",
    """trap 'trap "" TERM; kill 0; wait' TERM; "$@" & wait $!""",
    "sh",
)
"""SIGTERM reaches all of a program's processes: some servers leave their workers behind."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything of the tour is."""

    folder: Path
    model_server: Address
    watched: Address
    proxy_metrics: Address
    collector: Address
    prometheus: Address

    @property
    def status_page(self) -> str:
        """The page for people."""
        return f"http://{self.collector}/"


def places(folder: Path) -> Places:
    """Usual ports, or others where those are taken."""
    return Places(folder, *(_free(port) for port in (18080, 19000, 24081, 24090, 29090)))


def with_free_ports(place: Places) -> Places:
    """The same, where a port of what starts now was taken meanwhile with another."""
    return replace(
        place,
        watched=_free(place.watched.port),
        proxy_metrics=_free(place.proxy_metrics.port),
        collector=_free(place.collector.port),
        prometheus=_free(place.prometheus.port),
    )


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """No second tour may use the folder meanwhile."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError(f"another tour uses {shown(folder)}; end that one first") from None
        yield


def shown(path: Path) -> str:
    """As a person in the repository's root would write it."""
    root = HERE.parent
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def train_command(place: Places) -> list[str]:
    """The team's own training."""
    return ["python", "demo/train.py", shown(place.folder)]


def serve_command(place: Places) -> list[str]:
    """The team's own server."""
    port = str(place.model_server.port)
    return ["python", "demo/model_server.py", shown(place.folder / "model.joblib"), "--port", port]


def baseline_command(place: Places) -> list[str]:
    """Training rows to baseline; the true lift is no part of a request."""
    table, baseline = place.folder / "train.parquet", place.folder / "baseline.json"
    return [
        *("modelmonitor", "baseline", "build", shown(table), "-o", shown(baseline)),
        *("--model", "deadlift", "--prediction", "prediction", "--not-sent", "best3deadlift_kg"),
    ]


def run_command(place: Places, window: str) -> list[str]:
    """The sidecar pair in front of the server."""
    return [
        *("modelmonitor", "run", "--monitor", "demo/monitor.yaml"),
        *("--baseline", shown(place.folder / "baseline.json"), "--window", window),
        *("--listen", str(place.watched), "--upstream", str(place.model_server)),
        *("--proxy-metrics", str(place.proxy_metrics), "--collector", str(place.collector)),
    ]


async def finished(name: str, command: Sequence[str], folder: Path) -> str:
    """Run a program to its end; what it printed."""
    child, log = await started(name, command, folder)
    status = await child.wait()
    if status:
        raise DemoError(f"{name} ended with status {status}; it said: {_tail(log)}")
    return log.read_text(errors="replace")


async def started(name: str, command: Sequence[str], folder: Path) -> tuple[Child, Path]:
    """Start a program of this environment, or of the PATH; it and the file with what it prints."""
    log = folder / f"{name.replace(' ', '-')}.log"
    own = Path(sys.executable).with_name(command[0])
    program = [str(own) if own.exists() else command[0], *command[1:]]
    with log.open("wb") as output:
        return await Child.start(name, [*WITH_ITS_FAMILY, *program], ONE_THREAD, output), log


async def ready(child: Child, log: Path, whether: Callable[[], bool]) -> None:
    """Wait until it is so."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            while not await asyncio.to_thread(whether):
                if child.status is not None:
                    raise DemoError(f"{child.name} ended at its start; it said: {_tail(log)}")
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        raise DemoError(
            f"{child.name} was not ready within {READY_SECONDS:g} s; it said: {_tail(log)}"
        ) from None


def announced(log: Path) -> bool:
    """`modelmonitor run` has said that both sidecars answer."""
    return LAST_LINE in log.read_text(errors="replace")


def processor_seconds(root: int, word: str = "") -> float:
    """User and system time of a process and its descendants whose command holds `word`; Linux."""
    parents, seconds = _processes()
    family, more = {root}, True
    while more:
        young = {pid for pid, parent in parents.items() if parent in family} - family
        family, more = family | young, bool(young)
    return sum(seconds.get(pid, 0.0) for pid in family if word in _command(pid))


def _processes() -> tuple[dict[int, int], dict[int, float]]:
    parents: dict[int, int] = {}
    seconds: dict[int, float] = {}
    ticks = os.sysconf("SC_CLK_TCK")
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        pid = int(stat.parent.name)
        parents[pid], seconds[pid] = int(fields[1]), (int(fields[11]) + int(fields[12])) / ticks
    return parents, seconds


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def _free(port: int) -> Address:
    for offset in range(100):
        address = Address("127.0.0.1", port + offset * 10)
        try:
            check_free(address, "port")
        except InputError:
            continue
        return address
    raise DemoError(f"port {port} and 99 others after it are taken; end some program")


def _tail(log: Path) -> str:
    return " ".join(log.read_text(errors="replace").split())[-500:]
