"""One look at one monitor: see, plan, carry out, report.

Level-based: it asks what is, never what happened.  Whatever fails is tried again by the queue.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from modelmonitor_api.conditions import READY
from modelmonitor_operator.cluster import ClusterError, Raw
from modelmonitor_operator.control.applying import Hands
from modelmonitor_operator.control.book import key_of
from modelmonitor_operator.control.inventory import MonitorKey
from modelmonitor_operator.control.observe import Eyes, observe
from modelmonitor_operator.control.telling import tell
from modelmonitor_operator.inject.pods import inner
from modelmonitor_operator.kinds import MONITOR, Reference
from modelmonitor_operator.plan.findings import Refusals
from modelmonitor_operator.plan.patience import next_look_seconds
from modelmonitor_operator.plan.planning import Draft, plan
from modelmonitor_operator.plan.report import (
    Transition,
    said_before,
    status_manifest,
    status_of,
    transitions,
)
from modelmonitor_operator.settings import OperatorSettings

logger = logging.getLogger(__name__)

AT_ONCE_SECONDS: Final = 0.0
"""After a look that learnt what others say of the objects: it was planned without knowing that."""

Now = Callable[[], str]
"""This moment as the API writes times, e.g. 2026-11-26T01:44:00Z."""


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Call it with a monitor's place; it may be called any number of times."""

    eyes: Eyes
    hands: Hands
    settings: OperatorSettings
    now: Now

    async def __call__(self, key: MonitorKey) -> float | None:
        """Seconds until the next look; None where there is no monitor, or will soon be none.

        ClusterError: try again.
        """
        resource = await self.eyes.cluster.read(Reference(MONITOR, key.namespace, key.name))
        if resource is None:
            self.eyes.book.gone(key)
            self.hands.inventory.forget(key)
            return None
        if "deletionTimestamp" in resource["metadata"]:
            return None
        self.eyes.book.heard(resource)
        world = await observe(resource, self.eyes)
        if world.namespace_ends:
            return None
        planned = plan(resource, world, self.settings.plan)
        refusals = await self.hands.apply(key, planned.apply)
        await self.hands.prune(key, planned.delete)
        await self._report(resource, planned.draft, refusals)
        if set(self.hands.inventory.bindings(key)) != {*world.bindings, *world.grafana}:
            return AT_ONCE_SECONDS
        return next_look_seconds(planned.draft, refusals, self.settings)

    async def _report(self, resource: Raw, draft: Draft, refusals: Refusals) -> None:
        """Write the status if it says something else than before, and tell what changed."""
        status = status_of(resource, draft, refusals, self.now())
        if status == said_before(resource):
            return
        self.eyes.book.will_say(key_of(resource), status)
        await self.eyes.cluster.apply_status(status_manifest(resource, status))
        first = not inner(resource, "status")
        for transition in transitions(resource, status):
            if not first or not transition.good or transition.type == READY:
                await self._tell(resource, transition)

    async def _tell(self, resource: Raw, transition: Transition) -> None:
        """An Event is a courtesy: the status has been written."""
        try:
            await tell(self.eyes.cluster, resource, transition, self.settings.identity, self.now())
        except ClusterError as error:
            logger.warning("an event was not written: %s", error)
