"""How soon the operator mends an object of a monitor that somebody edits or deletes."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from operator_fleet import Place, Server, until

from modelmonitor_operator.cluster import Raw
from modelmonitor_operator.kinds import CONFIG_MAP, Reference
from modelmonitor_operator.render.dashboard.config_map import config_map_name

TRIES = 5
HEAL_POLL_SECONDS = 0.02
MERGE = {"Content-Type": "application/merge-patch+json"}


async def longest_healing(server: Server, places: Sequence[Place]) -> tuple[float, float]:
    """Of edits and of deletions of dashboards, the longest in seconds."""
    some = places[:: max(1, len(places) // TRIES)][:TRIES]
    edits = [await _edited(server, place) for place in some]
    deletions = [await _deleted(server, place) for place in some]
    return max(edits), max(deletions)


async def _edited(server: Server, place: Place) -> float:
    """The dashboard replaced by a word."""
    reference = _dashboard(place)
    right = await _data(server, reference)
    assert right, f"{reference} is not there"
    change = {"data": dict.fromkeys(right, "wrong")}
    url = f"{server.address}/api/v1/namespaces/{place.namespace}/configmaps/{reference.name}"
    async with server.session.patch(url, json=change, headers=MERGE) as answer:
        answer.raise_for_status()
    return await until(partial(_holds, server, reference, right), HEAL_POLL_SECONDS)


async def _deleted(server: Server, place: Place) -> float:
    reference = _dashboard(place)
    right = await _data(server, reference)
    await server.delete(reference)
    return await until(partial(_holds, server, reference, right), HEAL_POLL_SECONDS)


async def _holds(server: Server, reference: Reference, right: Raw) -> bool:
    return await _data(server, reference) == right


async def _data(server: Server, reference: Reference) -> dict[str, Any]:
    found = await server.cluster.read(reference)
    return dict((found or {}).get("data") or {})


def _dashboard(place: Place) -> Reference:
    return Reference(CONFIG_MAP, place.namespace, config_map_name(place.name))
