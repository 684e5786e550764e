"""What the rules cost a real Prometheus: seconds a cycle, CPU, reloads, series, memory.

    .venv/bin/python benchmarks/rules_load.py [one] [each] [shared]

- one: a monitor of 40 features in 10 replicas, on one core;
- each: 200 monitors of 10 features, each with rules of its own (PerMonitor);
- shared: 1,000 monitors of 10 features, with one set of rules (Shared).

Features have ten bins and the default windows (5m, 1h, 24h); pages are real ones
(`rules_sidecars`), scraped each 15 s.  Windows are filled with history beforehand, and by scrapes
for six minutes.  Prometheus goes before what else runs on the machine.
"""

import json
import socket
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from results import Figure, Part, write
from rules_history import Depth, fill
from rules_prometheus import Prometheus, Target, binaries, preferred, write_configuration

from modelmonitor_api.spec import DEFAULT_WINDOWS
from modelmonitor_operator.render.checked_rules import rule_document
from modelmonitor_operator.render.rules.alerts.annotations import Links
from modelmonitor_operator.render.rules.groups import monitor_groups, shared_groups

HERE = Path(__file__).resolve().parent
WARM_SECONDS = 340
MEASURED_SECONDS = 170
"""A cycle of the slowest group, and both ends."""
POLL_SECONDS = 10
READY_SECONDS = 60
RELOADS = 3
MEBIBYTE = 1 << 20
MISSED = "prometheus_rule_group_iterations_missed_total"
DURATION = "prometheus_rule_group_last_duration_seconds"


LAST_HOURS = Depth(3)
"""As much as the rules ask for to have a value for every window."""


@dataclass(frozen=True)
class Scenario:
    """A fleet; bounds are those of the targets, None where nothing was promised.

    `newest`: with one Prometheus only; 2.42 would need 24 GB for the largest.
    """

    title: str
    monitors: int
    features: int
    replicas: int = 1
    shared: bool = False
    one_core: bool = False
    newest: bool = False
    depth: Depth = LAST_HOURS
    cycle_seconds: float | None = None
    reload_seconds: float | None = None
    cores: float | None = None

    @property
    def names(self) -> list[str]:
        """Of the monitors."""
        return [f"monitor-{number:04d}" for number in range(self.monitors)]


SCENARIOS = {
    "one": Scenario(
        "40 features x 10 replicas",
        monitors=1,
        features=40,
        replicas=10,
        one_core=True,
        depth=Depth(24, 60),
        cycle_seconds=1.0,
    ),
    "each": Scenario(
        "PerMonitor, 200 monitors", monitors=200, features=10, reload_seconds=5.0, cores=0.5
    ),
    "shared": Scenario(
        "Shared, 1,000 monitors",
        monitors=1_000,
        features=10,
        shared=True,
        newest=True,
        reload_seconds=2.0,
    ),
}


@dataclass(frozen=True)
class Load:
    """What was measured; seconds by group: the longest evaluation of any group of that name."""

    group_seconds: Mapping[str, float]
    group_intervals: Mapping[str, float]
    cycle_seconds: float
    cores: float
    missed: float
    series: float
    resident_bytes: float
    reload_seconds: float
    failed: Sequence[str]
    dearest: Sequence[tuple[str, float]]


def measure(scenario: Scenario, binary: Path, folder: Path) -> Load:
    """Start sidecars and Prometheus, let windows fill, watch, end both."""
    port, own_port = free_port(), free_port()
    address = f"127.0.0.1:{port}"
    with sidecars(port, scenario.features, {"models": [{"name": "churn"}]}):
        prometheus = Prometheus(binary, folder, own_port, one_core=scenario.one_core)
        configure(folder, address, scenario, scenario.names)
        page = page_of(f"http://{address}/churn/collector")
        fill(folder, binary.parent / "promtool", page, scenario.names, scenario.depth)
        prometheus.start()
        try:
            time.sleep(WARM_SECONDS)
            return _watched(prometheus, scenario, address)
        finally:
            prometheus.stop()


def _watched(prometheus: Prometheus, scenario: Scenario, address: str) -> Load:
    """Ask for little while CPU is measured: all rules as text are megabytes."""
    missed, cpu, began = prometheus.own(MISSED), prometheus.cpu_seconds(), time.monotonic()
    cycles, longest = [], {}
    while time.monotonic() < began + MEASURED_SECONDS:
        seconds = prometheus.by_group(DURATION)
        cycles.append(sum(map(sum, seconds.values())))
        longest = {name: max(*took, longest.get(name, 0.0)) for name, took in seconds.items()}
        time.sleep(POLL_SECONDS)
    cores = (prometheus.cpu_seconds() - cpu) / (time.monotonic() - began)
    missed, held = prometheus.own(MISSED) - missed, prometheus.resident_bytes()
    groups = prometheus.groups()
    return Load(
        group_seconds=longest,
        group_intervals={group["name"]: group["interval"] for group in groups},
        cycle_seconds=min(cycles),
        cores=cores,
        missed=missed,
        series=prometheus.own("prometheus_tsdb_head_series"),
        resident_bytes=held,
        failed=[f"{rule['name']}: {rule['lastError']}" for rule in _failed(groups)],
        dearest=_dearest(groups),
        reload_seconds=_slowest_reload(prometheus, scenario, address),
    )


def _slowest_reload(prometheus: Prometheus, scenario: Scenario, address: str) -> float:
    """A monitor more each time, as in a cluster: with targets, and rules where it has its own."""
    slowest = 0.0
    for number in range(RELOADS):
        names = [*scenario.names, *(f"monitor-new-{more}" for more in range(number + 1))]
        configure(prometheus.folder, address, scenario, names)
        slowest = max(slowest, prometheus.reload())
    return slowest


def configure(folder: Path, address: str, scenario: Scenario, names: Sequence[str]) -> None:
    """Write what Prometheus reads: targets of these monitors, and the scenario's rules."""
    targets = [Target(name, replica) for name in names for replica in range(scenario.replicas)]
    if scenario.shared:
        rules = {"shared": rule_document(shared_groups(Links()))}
    else:
        fresh = (name for name in names if not (folder / "rules" / f"{name}.yml").exists())
        rules = {
            name: rule_document(monitor_groups("bench", name, DEFAULT_WINDOWS, Links()))
            for name in fresh
        }
    write_configuration(folder, address, targets, rules)


def _failed(groups: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [rule for group in groups for rule in group["rules"] if rule.get("lastError")]


def _dearest(groups: Sequence[Mapping[str, Any]], most: int = 5) -> list[tuple[str, float]]:
    """The rules that took longest in the last cycle, over all groups of a name."""
    total: dict[str, float] = {}
    for group in groups:
        for rule in group["rules"]:
            name = f"{rule['name']}{rule.get('labels', {}).get('window', '')}"
            total[name] = total.get(name, 0.0) + rule["evaluationTime"]
    return sorted(total.items(), key=lambda one: -one[1])[:most]


@contextmanager
def sidecars(port: int, features: int, spec: Mapping[str, Any]) -> Iterator[None]:
    """`rules_sidecars` in a process of its own, ready."""
    script = str(HERE / "rules_sidecars.py")
    process = preferred([sys.executable, script, str(port), str(features), json.dumps(spec)])
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the sidecars do not answer")
            time.sleep(0.5)
        yield
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        return bool(page_of(f"http://127.0.0.1:{port}/churn/collector"))
    except OSError:
        return False


def page_of(url: str) -> str:
    """The text at an address."""
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own
        return str(answer.read().decode())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def figures(scenario: Scenario, version: str, load: Load) -> Iterator[Figure]:
    """All that is published of one scenario."""
    name = f"{scenario.title}, Prometheus {version}"
    groups = ", ".join(
        f"{group.removeprefix('modelmonitor-')} {seconds:.2f}"
        for group, seconds in load.group_seconds.items()
    )
    yield Figure(
        f"{name}: seconds a cycle",
        load.cycle_seconds,
        "s",
        at_most=scenario.cycle_seconds,
        note=f"all groups, the best of 3 minutes; on average {load.cores * 60:.1f} s of CPU a "
        "minute, scrapes included",
    )
    slowest = max(load.group_seconds[g] / load.group_intervals[g] for g in load.group_seconds)
    yield Figure(
        f"{name}: slowest group, in its interval", slowest * 100, "%", at_most=100, note=groups
    )
    yield Figure(f"{name}: cores", load.cores, "", at_most=scenario.cores)
    yield Figure(f"{name}: evaluations missed", load.missed, "", at_most=0)
    yield Figure(
        f"{name}: rules that fail", len(load.failed), "", at_most=0, note="; ".join(load.failed[:2])
    )
    yield Figure(
        f"{name}: reload",
        load.reload_seconds,
        "s",
        at_most=scenario.reload_seconds,
        note="a monitor more, the slowest of 3",
    )
    yield Figure(f"{name}: series", load.series, "")
    yield Figure(
        f"{name}: memory",
        load.resident_bytes / MEBIBYTE,
        "MiB",
        note=f"{load.resident_bytes / load.series:,.0f} bytes a series",
    )
    told = ", ".join(f"{rule} {seconds:.2f}" for rule, seconds in load.dearest)
    sys.stdout.write(f"{name}: {load}\n  dearest: {told}\n")


def main(wanted: Sequence[str]) -> int:
    """Measure the scenarios by name (all), with 2.42 and, where it is, 3."""
    for name in wanted or SCENARIOS:
        found: list[Figure] = []
        for binary in list(binaries())[-1 if SCENARIOS[name].newest else 0 :]:
            with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                version = Prometheus.version_of(binary)
                load = measure(SCENARIOS[name], binary, Path(folder))
                found += figures(SCENARIOS[name], version, load)
        text = __doc__.partition("\n\n")[2].partition("\n\n")[2].partition("\n\n")[2]
        write(Part(f"rules-load-{name}", f"Rules: {SCENARIOS[name].title}", found, text))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
