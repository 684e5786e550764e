"""Many small monitors on the API server that KUBECONFIG names, and what it counted meanwhile.

Fleets live in namespaces of their own, NAMESPACES of them, which go at the end.
"""

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from modelmonitor_operator.access import open_session
from modelmonitor_operator.app import find_access
from modelmonitor_operator.cluster import Raw
from modelmonitor_operator.kinds import MONITOR, NAMESPACE, Reference
from modelmonitor_operator.kube import KubeCluster

CRD = Path(__file__).resolve().parent.parent / "crds" / "modelmonitors.modelmonitor.io.yaml"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
NAMESPACES = 20
PRIORITY = -10
POLL_SECONDS, PATIENCE_SECONDS = 0.5, 900.0
APPLY = {"Content-Type": "application/apply-patch+yaml"}
WRITES = ("APPLY", "PATCH", "POST", "PUT", "DELETE", "DELETECOLLECTION")
NOT_STORED = ("tokenreviews", "subjectaccessreviews", "selfsubjectaccessreviews", "leases")
_REQUESTS = re.compile(r"^apiserver_request_total\{(.*)\} (\S+)$", re.MULTILINE)
_CPU = re.compile(r"^process_cpu_seconds_total (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True)
class Place:
    """Where one monitor is."""

    namespace: str
    name: str


@dataclass(frozen=True)
class Counts:
    """Of the API server since its start: its own CPU, and writes of whatever but Leases."""

    cpu_seconds: float
    writes: float


class Server:
    """An API server: as the operator asks it, and for what the operator never asks."""

    def __init__(self, cluster: KubeCluster, session: aiohttp.ClientSession, address: str) -> None:
        self.cluster, self.session, self.address = cluster, session, address

    async def counts(self) -> Counts:
        """Now."""
        async with self.session.get(f"{self.address}/metrics") as answer:
            page = await answer.text()
        found = [(dict(_LABEL.findall(labels)), float(value)) for labels, value in _writes(page)]
        writes = sum(value for labels, value in found if _is_write(labels))
        (cpu,) = _CPU.findall(page)
        return Counts(float(cpu), writes)

    async def define_resource(self) -> None:
        """ModelMonitors are served."""
        definition = yaml.safe_load(CRD.read_text())
        url = f"{self.address}{DEFINITIONS}/{definition['metadata']['name']}"
        parameters = {"fieldManager": "benchmark", "force": "true"}
        async with self.session.patch(
            url, json=definition, headers=APPLY, params=parameters
        ) as answer:
            answer.raise_for_status()
        await until(self._serves_monitors)

    async def _serves_monitors(self) -> bool:
        url = f"{self.address}/apis/{MONITOR.group}/{MONITOR.version}/{MONITOR.plural}"
        async with self.session.get(url) as answer:
            return answer.status == 200

    @asynccontextmanager
    async def namespaces(self, prefix: str) -> AsyncIterator[None]:
        """Of a fleet and of its operator; at the end they go, with all that is in them."""
        names = [home_of(prefix), *(f"{prefix}-{number}" for number in range(NAMESPACES))]
        for name in names:
            await self.cluster.apply(_namespace(name))
        try:
            yield
        finally:
            await asyncio.gather(*(self.delete(Reference(NAMESPACE, "", one)) for one in names))
            await until(partial(self._have_gone, names))

    async def _have_gone(self, namespaces: Sequence[str]) -> bool:
        there = [await self.cluster.read(Reference(NAMESPACE, "", one)) for one in namespaces]
        return not any(there)

    async def delete(self, reference: Reference) -> None:
        """Whatever is there of the name."""
        found = await self.cluster.read(reference)
        if found is not None:
            await self.cluster.delete(reference, found["metadata"]["uid"])


@asynccontextmanager
async def connected() -> AsyncIterator[Server]:
    """The API server that KUBECONFIG names."""
    access = find_access(os.environ)
    async with open_session(access) as session:
        yield Server(KubeCluster(session, access.server), session, access.server)


def fleet(monitors: int, prefix: str) -> list[Place]:
    """In the namespaces of `prefix`, in turn."""
    numbers = range(monitors)
    return [Place(f"{prefix}-{one % NAMESPACES}", f"fleet-{one:05d}") for one in numbers]


def home_of(prefix: str) -> str:
    """The namespace of a fleet's operator, in which no monitor is armed."""
    return f"{prefix}-home"


def manifest_of(place: Place) -> dict[str, Any]:
    """The smallest monitor, of pods that bear its name."""
    return {
        "apiVersion": MONITOR.api_version,
        "kind": MONITOR.name,
        "metadata": {"name": place.name, "namespace": place.namespace},
        "spec": {"selector": {"matchLabels": {"app": place.name}}, "ports": ["http"]},
    }


async def until(
    true: Callable[[], Awaitable[bool]],
    poll_seconds: float = POLL_SECONDS,
    patience_seconds: float = PATIENCE_SECONDS,
) -> float:
    """Wait for it; the seconds that took, or RuntimeError."""
    begun = time.monotonic()
    while not await true():
        if time.monotonic() > begun + patience_seconds:
            raise RuntimeError(f"still not so after {patience_seconds:.0f} s")
        await asyncio.sleep(poll_seconds)
    return time.monotonic() - begun


def go_first() -> None:
    """This process and what it starts go before what else runs on the machine, where they may.

    Linux shares cores out among sessions first.
    """
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
        Path("/proc/self/autogroup").write_text(str(PRIORITY))


def _namespace(name: str) -> Raw:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _writes(page: str) -> Sequence[tuple[str, str]]:
    found: list[tuple[str, str]] = _REQUESTS.findall(page)
    return found


def _is_write(labels: dict[str, str]) -> bool:
    stored = labels["resource"] not in NOT_STORED and not labels.get("dry_run")
    return labels["verb"] in WRITES and labels["code"].startswith("2") and stored
