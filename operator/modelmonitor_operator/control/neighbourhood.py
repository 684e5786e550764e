"""What monitors of one namespace have in common to look at, read once for all of them.

A thousand monitors that are applied at once would otherwise list the same workloads a thousand
times.  What is read is at most a few seconds old.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from modelmonitor_api.names import LABEL_MONITOR_UID
from modelmonitor_operator.cluster import Cluster, ForbiddenError, Query, Raw, everything
from modelmonitor_operator.inject.pods import inner
from modelmonitor_operator.kinds import (
    LIMIT_RANGE,
    NAMESPACE,
    NETWORK_POLICY,
    POD_MONITOR,
    PROMETHEUS,
    RESOURCE_QUOTA,
    SERVICE,
    WORKLOADS,
    Kind,
    Reference,
)
from modelmonitor_operator.shared_readings import SharedReadings

FRESH_SECONDS: Final = 3.0
LONGEST_FRESH_SECONDS: Final = 10.0
TIMES_FRESH: Final = 20.0
"""What takes long to read is kept so many times as long: a twentieth of the time goes into it."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Raw objects of one namespace; `ends`: it is being deleted, and nothing new is let in."""

    labels: Raw
    ends: bool
    workloads: Sequence[Raw]
    services: Sequence[Raw]
    network_policies: Sequence[Raw]
    quotas: Sequence[Raw]
    limit_ranges: Sequence[Raw]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Of the whole cluster; `prometheuses` is None where they may not be listed."""

    served: frozenset[Kind]
    pod_monitors: Sequence[Raw]
    prometheuses: Sequence[Raw] | None


class Lookout:
    """Reads neighbourhoods, and keeps each for FRESH_SECONDS, where reading is slow for longer."""

    def __init__(self, cluster: Cluster, clock: Callable[[], float] = time.monotonic) -> None:
        self._cluster = cluster
        self._neighbourhoods = SharedReadings[str, Neighbourhood](self._read, clock, _fresh)
        self._surroundings = SharedReadings[None, Surroundings](
            self._read_surroundings, clock, _fresh
        )

    async def neighbourhood(self, namespace: str) -> Neighbourhood:
        """Of one namespace; ClusterError as it is read."""
        return await self._neighbourhoods.get(namespace)

    async def surroundings(self) -> Surroundings:
        """Of the cluster; ClusterError as it is read."""
        return await self._surroundings.get(None)

    async def _read(self, namespace: str) -> Neighbourhood:
        itself = await self._cluster.read(Reference(NAMESPACE, "", namespace))
        kinds = (*WORKLOADS, SERVICE, NETWORK_POLICY, RESOURCE_QUOTA, LIMIT_RANGE)
        *workloads, services, policies, quotas, limit_ranges = await asyncio.gather(
            *(everything(self._cluster, kind, namespace, Query()) for kind in kinds)
        )
        return Neighbourhood(
            labels=inner(itself or {}, "metadata", "labels"),
            ends=inner(itself or {}, "status").get("phase") == "Terminating",
            workloads=[
                {**one, "kind": kind.name}
                for kind, found in zip(WORKLOADS, workloads, strict=True)
                for one in found
            ],
            services=services,
            network_policies=policies,
            quotas=quotas,
            limit_ranges=limit_ranges,
        )

    async def _read_surroundings(self, _: None) -> Surroundings:
        served = await self._cluster.served()
        return Surroundings(
            served,
            await everything(self._cluster, POD_MONITOR, "", Query(labels=f"!{LABEL_MONITOR_UID}")),
            await self._prometheuses(),
        )

    async def _prometheuses(self) -> Sequence[Raw] | None:
        try:
            return await everything(self._cluster, PROMETHEUS, "", Query())
        except ForbiddenError:
            return None


def _fresh(seconds: float) -> float:
    """For how long a reading that took so long is kept."""
    return min(LONGEST_FRESH_SECONDS, max(FRESH_SECONDS, TIMES_FRESH * seconds))
