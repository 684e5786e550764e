"""A bare client that writes what the operator would, and does nothing else.

    .venv/bin/python benchmarks/operator_bare.py MONITORS

What the operator writes for a monitor (objects, status, Events) is recorded from the operator
itself, on a cluster in memory; then the same bytes are sent for each monitor, with nothing read,
rendered or compared.  Prints what it took as JSON.
"""

import asyncio
import json
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from operator_fleet import APPLY, Place, Server, connected, fleet, go_first, manifest_of

from modelmonitor_operator.cluster import Raw
from modelmonitor_operator.kinds import Kind, kind_of, reference_to
from modelmonitor_operator.testing_cluster import FakeCluster
from modelmonitor_operator.testing_monitors import CHURN, Desk, monitor

AT_ONCE = 16
"""Monitors under way; two cores are not faster with more."""
CREATE = {"Content-Type": "application/json"}
FORCED = {"fieldManager": "bare-client", "force": "true"}


@dataclass(frozen=True)
class Write:
    """One request, of a monitor that is yet to be named."""

    verb: str
    path: str
    body: str


class Recorder(FakeCluster):
    """Keeps what is written."""

    def __init__(self, served: frozenset[Kind], *objects: Raw) -> None:
        super().__init__(*objects, kinds=served)
        self.written: list[tuple[str, Raw]] = []

    async def apply(self, manifest: Raw) -> Raw:
        """See `Cluster`."""
        self.written.append(("apply", manifest))
        return await super().apply(manifest)

    async def apply_status(self, manifest: Raw) -> Raw:
        """See `Cluster`."""
        self.written.append(("status", manifest))
        return await super().apply_status(manifest)

    async def create(self, manifest: Raw) -> Raw:
        """See `Cluster`."""
        self.written.append(("create", manifest))
        return await super().create(manifest)


async def recorded(served: frozenset[Kind]) -> list[Write]:
    """What the operator writes for a new monitor, in its order."""
    cluster = Recorder(served, monitor(CHURN.name))
    await Desk(cluster).look(CHURN)
    return [_write(verb, manifest) for verb, manifest in cluster.written]


def _write(verb: str, manifest: Raw) -> Write:
    kind, name = kind_of(manifest), reference_to(manifest).name
    root = f"apis/{kind.group}/{kind.version}" if kind.group else f"api/{kind.version}"
    path = f"/{root}/namespaces/{CHURN.namespace}/{kind.plural}"
    ending = {"apply": f"/{name}", "status": f"/{name}/status", "create": ""}[verb]
    return Write(verb, f"{path}{ending}", json.dumps(manifest, separators=(",", ":")))


async def bare_client(server: Server, places: Sequence[Place]) -> Mapping[str, float]:
    """Write all there is to write for these monitors."""
    writes, turn = await recorded(await server.cluster.served()), asyncio.Semaphore(AT_ONCE)

    async def one(place: Place) -> None:
        async with turn:
            made = await server.cluster.apply(manifest_of(place))
            for write in writes:
                await _send(server, write, _names(place, made["metadata"]["uid"]))

    before, wall, cpu = await server.counts(), time.monotonic(), time.process_time()
    await asyncio.gather(*(one(place) for place in places))
    seconds, own_cpu = time.monotonic() - wall, time.process_time() - cpu
    after = await server.counts()
    return {
        "seconds": seconds,
        "own_cpu": own_cpu,
        "server_cpu": after.cpu_seconds - before.cpu_seconds,
        "writes": after.writes - before.writes,
    }


def _names(place: Place, uid: str) -> Mapping[str, str]:
    return {f"uid-of-{CHURN.name}": uid, CHURN.namespace: place.namespace, CHURN.name: place.name}


async def _send(server: Server, write: Write, names: Mapping[str, str]) -> None:
    path, body = write.path, write.body
    for old, new in names.items():
        path, body = path.replace(old, new), body.replace(old, new)
    method, headers, parameters = "patch", APPLY, FORCED
    if write.verb == "create":
        method, headers, parameters = "post", CREATE, {}
    async with server.session.request(
        method, server.address + path, data=body.encode(), headers=headers, params=parameters
    ) as answer:
        text = await answer.read()
        if not answer.ok:
            raise RuntimeError(f"{path}: {text[:500]!r}")


async def main(monitors: int) -> None:
    """In namespaces of its own."""
    prefix = f"bare-{uuid.uuid4().hex[:6]}"
    async with connected() as server, server.namespaces(prefix):
        found = await bare_client(server, fleet(monitors, prefix))
    sys.stdout.write(f"{json.dumps(found)}\n")


if __name__ == "__main__":
    go_first()
    asyncio.run(main(int(sys.argv[1])))
