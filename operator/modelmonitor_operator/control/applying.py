"""Brings the objects of a monitor into the cluster, and takes away what is no longer wanted.

What is in order is not touched: memory says so, or a look does.  Only then is anything rendered or
written.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from modelmonitor_api.names import ANNOTATION_FINGERPRINT
from modelmonitor_operator.cluster import Cluster, Raw, RefusedError
from modelmonitor_operator.control.inventory import Checked, Inventory, MonitorKey, Sighting
from modelmonitor_operator.control.reverts import Reverts
from modelmonitor_operator.inject.pods import inner
from modelmonitor_operator.kinds import GRAFANA_DASHBOARD, Kind, Reference
from modelmonitor_operator.plan.desired import Desired
from modelmonitor_operator.plan.matching import holds, is_ours, last_writer
from modelmonitor_operator.plan.told import told_of
from modelmonitor_operator.world import Binding, OwnedObject

_MADE_ANEW = (GRAFANA_DASHBOARD,)
"""Kinds with fields that cannot be changed afterwards."""


@dataclass(frozen=True, slots=True)
class Hands:
    """What objects are made with."""

    cluster: Cluster
    inventory: Inventory
    reverts: Reverts = field(default_factory=Reverts)

    async def apply(self, key: MonitorKey, objects: Sequence[Desired]) -> dict[Reference, str]:
        """Make or mend them, one after the other; what the API server would not have, and why.

        ClusterError where it gave no answer.
        """
        refusals: dict[Reference, str] = {}
        for one in objects:
            if not self.inventory.is_right(key, one.reference, one.fingerprint):
                try:
                    await self._ensure(key, one)
                except RefusedError as error:
                    refusals[one.reference] = str(error)
        return refusals

    async def prune(self, key: MonitorKey, objects: Sequence[OwnedObject]) -> None:
        """Delete what was made for an earlier wish."""
        for one in objects:
            await self.cluster.delete(one.reference, one.uid)
            self.inventory.lost(key, one.reference)

    async def _ensure(self, key: MonitorKey, desired: Desired) -> None:
        seen = self.inventory.sighting(key, desired.reference)
        actual = await self.cluster.read(desired.reference, "" if seen is None else seen.version)
        if actual is not None and not is_ours(actual, key.name):
            raise RefusedError(
                f"there is one already that belongs to somebody else ({last_writer(actual)}): "
                "delete or rename it"
            )
        manifest = await asyncio.to_thread(desired.manifest)
        bindings = _still_said(actual, manifest, desired.reference.kind)
        if actual is None or not holds(actual, manifest):
            actual = await self._write(desired, manifest, actual)
        checked = Checked(sighting_of(actual["metadata"]), desired.fingerprint, bindings)
        self.inventory.found_right(key, desired.reference, checked, seen)

    async def _write(self, desired: Desired, manifest: Raw, actual: Raw | None) -> Raw:
        reference = desired.reference
        if actual is not None and _fingerprint(actual) == desired.fingerprint:
            if self.reverts.is_contested(reference):
                raise RefusedError(
                    f"is changed again and again by {last_writer(actual)}: stop it from doing so"
                )
            self.reverts.mended(reference)
        try:
            return await self.cluster.apply(manifest)
        except RefusedError:
            if reference.kind not in _MADE_ANEW or actual is None:
                raise
        await self.cluster.delete(reference, actual["metadata"]["uid"])
        return await self.cluster.apply(manifest)


def _still_said(actual: Raw | None, manifest: Raw, kind: Kind) -> tuple[Binding, ...]:
    """What others say of an object; nothing where its labels, by which they select, are to change.

    What they say of another content comes with a change of the object, which is looked at again.
    """
    labels = {"metadata": {"labels": manifest["metadata"].get("labels", {})}}
    return told_of(actual, kind) if actual is not None and holds(actual, labels) else ()


def sighting_of(metadata: Raw) -> Sighting:
    """Of any object's metadata."""
    return Sighting(metadata["uid"], metadata["resourceVersion"])


def _fingerprint(actual: Raw) -> str | None:
    found: str | None = inner(actual["metadata"], "annotations").get(ANNOTATION_FINGERPRINT)
    return found
