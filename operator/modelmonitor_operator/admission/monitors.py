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

KEPT_SECONDS: Final = 1.0
WAIT_SECONDS: Final = 2.5
"""For a list; the API server itself waits for five seconds in all."""

_Listing = asyncio.Task[list[Raw]]


class Monitors:
    """By namespace.  Whoever asks while a list is under way waits for that one."""

    def __init__(self, cluster: Cluster, clock: Callable[[], float] = time.monotonic) -> None:
        self._cluster, self._clock = cluster, clock
        self._listings: dict[str, tuple[float, _Listing]] = {}

    async def of(self, namespace: str) -> Sequence[Raw]:
        """As they were at most KEPT_SECONDS ago; ClusterError or TimeoutError if none are had."""
        async with asyncio.timeout(WAIT_SECONDS):
            return await asyncio.shield(self._listing(namespace))

    def _listing(self, namespace: str) -> _Listing:
        self._forget_old()
        if namespace not in self._listings:
            asked = everything(self._cluster, MONITOR, namespace, Query())
            listing = asyncio.ensure_future(asked)
            listing.add_done_callback(lambda done: self._ended(namespace, done))
            self._listings[namespace] = (self._clock(), listing)
        return self._listings[namespace][1]

    def _forget_old(self) -> None:
        now = self._clock()
        for namespace, (begun, listing) in list(self._listings.items()):
            if listing.done() and now - begun >= KEPT_SECONDS:
                del self._listings[namespace]

    def _ended(self, namespace: str, listing: _Listing) -> None:
        """A failure is told to those who waited, and not kept."""
        if listing.cancelled() or listing.exception() is not None:
            self._listings.pop(namespace, None)
