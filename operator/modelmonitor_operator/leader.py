"""One leader by a Lease: who holds it works, the others wait.

The clocks of two machines are never compared: a Lease is over when its record has not changed for
its duration, as seen from here.  A leader that could not renew in time is no leader any more and
says so by LostLeadershipError; the process then ends, so that nothing it had begun goes on.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from modelmonitor_operator.cluster import Cluster, ClusterError, ConflictError, Raw
from modelmonitor_operator.kinds import LEASE, Reference

logger = logging.getLogger(__name__)

NAME: Final = "modelmonitor-operator"
RENEWALS: Final = 5
"""Tries within a Lease's duration; the last fifth of it is a margin."""


class LostLeadershipError(Exception):
    """Somebody else may be leading."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """`stamp` is the time as Leases write it, with microseconds; `monotonic` never jumps."""

    stamp: Callable[[], str]
    monotonic: Callable[[], float] = time.monotonic


class Leadership:
    """One candidate."""

    def __init__(
        self, cluster: Cluster, place: tuple[str, str], lease_seconds: int, clocks: Clocks
    ) -> None:
        self._cluster, self._lease_seconds, self._clocks = cluster, lease_seconds, clocks
        namespace, self._identity = place
        self._reference = Reference(LEASE, namespace, NAME)
        self._record: tuple[object, ...] | None = None
        self._changed_at = clocks.monotonic()
        self.last_answer = clocks.monotonic()
        """When the Lease was last read or written."""

    async def acquire(self) -> None:
        """Returns once this is the leader."""
        while True:
            if await self.tried(self._lease_seconds):
                return
            await asyncio.sleep(self._lease_seconds / RENEWALS)

    async def hold(self) -> None:
        """Renews until cancelled; LostLeadershipError when that did not work for too long.

        One renewal may take all the time there is: an API server that is slow is no reason to go.
        """
        renewed = self._clocks.monotonic()
        while True:
            await asyncio.sleep(self._lease_seconds / RENEWALS)
            begun = self._clocks.monotonic()
            left_seconds = renewed + self._lease_seconds * (1 - 1 / RENEWALS) - begun
            if left_seconds > 0 and await self.tried(left_seconds):
                renewed = begun
            elif self._clocks.monotonic() - begun >= left_seconds:
                raise LostLeadershipError(f"the Lease {NAME} was not renewed in time")

    async def release(self) -> None:
        """Let the next one lead at once; ClusterError if that cannot be said."""
        found = await self._cluster.read(self._reference)
        if found is not None and found["spec"].get("holderIdentity") == self._identity:
            await self._cluster.replace(
                {
                    **found,
                    "spec": {**found["spec"], "holderIdentity": "", "leaseDurationSeconds": 1},
                }
            )

    async def tried(self, seconds: float) -> bool:
        """Whether this leads after one try that may take so long; a failure is none."""
        try:
            async with asyncio.timeout(seconds):
                return await self._tried()
        except ConflictError:
            return False
        except (ClusterError, TimeoutError) as error:
            logger.warning("the Lease could not be had or renewed: %r", error)
            return False

    async def _tried(self) -> bool:
        """Whether this is the leader now."""
        found = await self._cluster.read(self._reference)
        self.last_answer = self._clocks.monotonic()
        if found is None:
            await self._cluster.create(self._lease({}, transitions=0))
            return True
        spec = found.get("spec") or {}
        mine = spec.get("holderIdentity") == self._identity
        if not mine and not self._is_over(spec):
            return False
        transitions = (spec.get("leaseTransitions") or 0) + (not mine)
        await self._cluster.replace(self._lease(found, transitions=transitions))
        return True

    def _is_over(self, spec: Raw) -> bool:
        """Given back, or unchanged for its duration since it was first seen so."""
        if not spec.get("holderIdentity"):
            return True
        record = (spec.get("holderIdentity"), spec.get("renewTime"), spec.get("leaseTransitions"))
        now = self._clocks.monotonic()
        if record != self._record:
            self._record, self._changed_at = record, now
            return False
        duration: int = spec.get("leaseDurationSeconds") or self._lease_seconds
        return now - self._changed_at > duration

    def _lease(self, found: Raw, transitions: int) -> dict[str, Any]:
        spec = found.get("spec") or {}
        now = self._clocks.stamp()
        mine = spec.get("holderIdentity") == self._identity
        metadata = {"name": NAME, "namespace": self._reference.namespace}
        return {
            "apiVersion": LEASE.api_version,
            "kind": LEASE.name,
            "metadata": {**(found.get("metadata") or metadata)},
            "spec": {
                "holderIdentity": self._identity,
                "leaseDurationSeconds": self._lease_seconds,
                "acquireTime": spec.get("acquireTime", now) if mine else now,
                "renewTime": now,
                "leaseTransitions": transitions,
            },
        }
