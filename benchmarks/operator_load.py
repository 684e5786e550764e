"""The operator with many monitors on a real API server: time, memory, writes, healing.

    .venv/bin/python benchmarks/operator_load.py [--monitors 1000] [--quiet-seconds 600]

KUBECONFIG names an API server that nobody else uses, best a control plane alone.  Objects of
prometheus-operator are made where their kinds are served, so apply those definitions first: rules
as objects are the dearer way.  Everything happens in namespaces of this run, which are deleted at
the end.  Operator and bare client go before what else runs on the machine, where they may.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from operator_figures import Found, Spent, part_of
from operator_fleet import (
    NAMESPACES,
    Counts,
    Place,
    Server,
    connected,
    fleet,
    go_first,
    home_of,
    manifest_of,
    until,
)
from operator_healing import longest_healing
from processes import cpu_seconds
from results import write

from modelmonitor_api.conditions import READY
from modelmonitor_cli.testing_operator import OperatorProcess, running_operator
from modelmonitor_operator.cluster import Query, Raw, everything
from modelmonitor_operator.inject.pods import entries, inner
from modelmonitor_operator.kinds import CONFIG_MAP, MONITOR, OPTIONAL, POD_MONITOR, PROMETHEUS_RULE

BARE_CLIENT = Path(__file__).resolve().parent / "operator_bare.py"
MONITORS, QUIET_SECONDS = 1_000, 600.0
SETTLING_SECONDS = 20.0
OWNED = Query(labels="modelmonitor.io/monitor-uid", metadata_only=True)
LOOKS = "modelmonitor_operator_reconciles_total"
DEPTH = "modelmonitor_operator_queue_depth"
BY_READY = "modelmonitor_operator_monitors"


class Stretch:
    """Begins when it is made."""

    def __init__(self, before: Counts, pid: int, begun: float) -> None:
        self._before, self._pid, self._begun = before, pid, begun
        self._cpu = cpu_seconds([pid])

    async def end(self, server: Server) -> Spent:
        """What was spent until now."""
        seconds, own = time.monotonic() - self._begun, cpu_seconds([self._pid]) - self._cpu
        after = await server.counts()
        cpu, writes = after.cpu_seconds, after.writes
        return Spent(seconds, own, cpu - self._before.cpu_seconds, writes - self._before.writes)


async def measure(monitors: int, quiet_seconds: float, folder: Path) -> Found:
    """The bare client first, alone; then one operator, and another after it."""
    load, prefix = os.getloadavg()[0], f"fleet-{uuid.uuid4().hex[:6]}"
    async with connected() as server:
        await server.define_resource()
        served = await server.cluster.served()
        bare = bare_client(monitors)
        async with server.namespaces(prefix):
            places, home = fleet(monitors, prefix), home_of(prefix)
            with running_operator(folder, home, "before") as first:
                await until(partial(_is_ready, first))
                applied = await _applied(server, first, places)
                _say(f"applied: {applied}")
                edit, deletion = await longest_healing(server, places)
                _say(f"healed: {edit:.2f} s, {deletion:.2f} s")
                quiet = await _quiet(server, first, quiet_seconds)
                _say(f"quiet: {quiet}")
                peak = peak_bytes(first)
            begun = time.monotonic()
            with running_operator(folder, home, "after") as second:
                restart = await _restarted(server, second, monitors, begun)
                _say(f"restart: {restart}")
                peak = max(peak, peak_bytes(second))
    return Found(
        monitors=monitors,
        namespaces=NAMESPACES,
        kinds=[kind.name for kind in OPTIONAL if kind in served],
        bare=bare,
        applied=applied,
        quiet=quiet,
        restart=restart,
        edit_seconds=edit,
        deletion_seconds=deletion,
        peak_bytes=peak,
        load=(load, os.getloadavg()[0]),
    )


def bare_client(monitors: int) -> Spent:
    """In a process and namespaces of its own."""
    command = [sys.executable, str(BARE_CLIENT), str(monitors)]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    bare = Spent(**json.loads(run.stdout))
    _say(f"bare client: {bare}")
    return bare


def peak_bytes(operator: OperatorProcess) -> int:
    """Its resident set when it was largest."""
    status = Path(f"/proc/{operator.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


async def _applied(server: Server, operator: OperatorProcess, places: Sequence[Place]) -> Spent:
    """Until every monitor is ready; that every object is there is seen afterwards."""
    stretch = Stretch(await server.counts(), operator.process.pid, time.monotonic())
    await asyncio.gather(*(server.cluster.apply(manifest_of(place)) for place in places))
    await until(partial(_are_ready, operator, len(places)))
    spent = await stretch.end(server)
    await _check(server, places)
    return spent


async def _quiet(server: Server, operator: OperatorProcess, seconds: float) -> Spent:
    """Nothing happens for so long, after what has to calm down."""
    await asyncio.sleep(SETTLING_SECONDS)
    stretch = Stretch(await server.counts(), operator.process.pid, time.monotonic())
    await asyncio.sleep(seconds)
    return await stretch.end(server)


async def _restarted(
    server: Server, operator: OperatorProcess, monitors: int, begun: float
) -> Spent:
    """From the start of the process until every monitor was looked at and none is due."""
    stretch = Stretch(await server.counts(), operator.process.pid, begun)
    await until(partial(_is_ready, operator))
    await until(partial(_have_looked, operator, monitors))
    return await stretch.end(server)


async def _is_ready(operator: OperatorProcess) -> bool:
    return operator.is_ready()


async def _are_ready(operator: OperatorProcess, monitors: int) -> bool:
    return operator.counted(BY_READY, ready="True") >= monitors


async def _have_looked(operator: OperatorProcess, monitors: int) -> bool:
    return operator.counted(LOOKS) >= monitors and not operator.counted(DEPTH)


async def _check(server: Server, places: Sequence[Place]) -> None:
    """Every status is current, and every object there; RuntimeError otherwise."""
    mine = set(places)
    monitors = await everything(server.cluster, MONITOR, "", Query())
    current = sum(_is_current(one) for one in monitors if _place_of(one) in mine)
    if current != len(mine):
        raise RuntimeError(f"{current} of {len(mine)} monitors are ready")
    served = await server.cluster.served()
    namespaces = {place.namespace for place in mine}
    for kind, each in ((CONFIG_MAP, 2), (POD_MONITOR, 1), (PROMETHEUS_RULE, 1)):
        found = await everything(server.cluster, kind, "", OWNED)
        there = sum(one["metadata"]["namespace"] in namespaces for one in found)
        if kind in (CONFIG_MAP, *served) and there < each * len(mine):
            raise RuntimeError(f"{there} objects of {kind.plural} for {len(mine)} monitors")


def _place_of(monitor: Raw) -> Place:
    return Place(monitor["metadata"]["namespace"], monitor["metadata"]["name"])


def _is_current(monitor: Raw) -> bool:
    status = inner(monitor, "status")
    ready = [one["status"] for one in entries(status, "conditions") if one["type"] == READY]
    current = status.get("observedGeneration") == monitor["metadata"]["generation"]
    return current and ready == ["True"]


def _say(text: str) -> None:
    sys.stdout.write(f"  {text}\n")
    sys.stdout.flush()


def main() -> None:
    """Everything once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--monitors", type=int, default=MONITORS)
    parser.add_argument("--quiet-seconds", type=float, default=QUIET_SECONDS)
    asked = parser.parse_args()
    go_first()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        found = asyncio.run(measure(asked.monitors, asked.quiet_seconds, Path(folder)))
    write(part_of(found))


if __name__ == "__main__":
    main()
