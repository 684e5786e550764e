"""The ModelMonitors of a namespace, asked for when a pod is created there.

Nothing is watched, so nothing can be stale for longer than the moment that answers are kept: many
pods at once, as a rollout makes them, cost one list.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final

from modelmonitor_operator.cluster import Cluster, Query, Raw, everything
from modelmonitor_operator.kinds import MONITOR
from modelmonitor_operator.shared_readings import SharedReadings

KEPT_SECONDS: Final = 1.0
WAIT_SECONDS: Final = 2.5
"""For a list; the API server itself waits for five seconds in all."""


class Monitors:
    """By namespace.  Whoever asks while a list is under way waits for that one."""

    def __init__(self, cluster: Cluster, clock: Callable[[], float] = time.monotonic) -> None:
        self._cluster = cluster
        self._lists = SharedReadings[str, list[Raw]](self._listed, clock, lambda _: KEPT_SECONDS)

    async def of(self, namespace: str) -> Sequence[Raw]:
        """As they were at most KEPT_SECONDS ago; ClusterError or TimeoutError if none are had."""
        async with asyncio.timeout(WAIT_SECONDS):
            return await self._lists.get(namespace)

    async def _listed(self, namespace: str) -> list[Raw]:
        return await everything(self._cluster, MONITOR, namespace, Query())
