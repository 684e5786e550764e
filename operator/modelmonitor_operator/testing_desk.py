"""For tests: a cluster in memory with one monitor, and an operator that hears of it."""

import asyncio
import copy
from collections.abc import Awaitable, Callable
from typing import Any, Final

from modelmonitor_operator.cluster import Raw
from modelmonitor_operator.kinds import (
    CONFIG_MAP,
    EVENT,
    MONITOR,
    POD_MONITOR,
    PROMETHEUS_RULE,
    Reference,
)
from modelmonitor_operator.testing_cluster import FakeCluster
from modelmonitor_operator.testing_monitors import Desk, monitor

TOLD: Final = Reference(MONITOR, "team-a", "churn")
RULE: Final = Reference(PROMETHEUS_RULE, "team-a", "churn-modelmonitor")
SCRAPING: Final = Reference(POD_MONITOR, "team-a", "churn-modelmonitor")
SIDECARS: Final = Reference(CONFIG_MAP, "team-a", "churn-modelmonitor")
_DASHBOARD: Final = Reference(CONFIG_MAP, "team-a", "churn-modelmonitor-dashboard")
OWN: Final = frozenset({SIDECARS, SCRAPING, RULE, _DASHBOARD})
"""All that is made for that monitor."""


def opened(*objects: Raw) -> tuple[FakeCluster, Desk]:
    """With these objects besides the monitor."""
    cluster = FakeCluster(monitor(), *objects)
    desk = Desk(cluster)
    cluster.changed = desk.hear
    return cluster, desk


def status_in(cluster: FakeCluster, name: str = "churn") -> Any:
    """What a monitor says of itself."""
    return cluster.objects[Reference(MONITOR, "team-a", name)]["status"]


def without_versions(cluster: FakeCluster) -> dict[str, Any]:
    """All objects but for what differs from one history to another."""
    found = copy.deepcopy(cluster.objects)
    for one in found.values():
        for key in ("resourceVersion", "generation", "uid"):
            one["metadata"].pop(key, None)
    return {str(reference): one for reference, one in found.items() if reference.kind != EVENT}


async def settled(desk: Desk) -> bool:
    """Nothing is due and nothing is under way."""
    return desk.feed.queue.depth() == 0 and not any(
        desk.feed.queue.is_running(key) for key in list(desk.book.monitors())
    )


async def working(desk: Desk, until: Callable[[], Awaitable[bool]]) -> None:
    """Let the queue work until something holds."""
    work = asyncio.ensure_future(desk.feed.queue.run(workers=3))
    async with asyncio.timeout(20):
        await asyncio.sleep(0)
        while not await until():
            await asyncio.wait({work}, timeout=0.001)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


def status_or_none(cluster: FakeCluster) -> Any:
    """The status of the monitor, empty where it has none or is not there."""
    return cluster.objects.get(TOLD, {}).get("status") or {}
