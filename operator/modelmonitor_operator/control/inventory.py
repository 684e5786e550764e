"""What the operator remembers of the objects that it made: never their bodies.

`seen` is what watches and lists say is there, `checked` what a reconcile found to be right.  An
object is in order while both speak of the same version of it.  Memory: some 1 KiB an object.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from modelmonitor_operator.kinds import Reference
from modelmonitor_operator.world import Binding, OwnedObject


@dataclass(frozen=True, slots=True, order=True)
class MonitorKey:
    """A monitor's place."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """An object as it is in the cluster."""

    uid: str
    version: str
    """Its resourceVersion."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An object that was as it should be, at this version."""

    sighting: Sighting
    fingerprint: str
    bindings: tuple[Binding, ...] = ()


class Inventory:
    """Objects by monitor."""

    def __init__(self) -> None:
        self._seen: dict[MonitorKey, dict[Reference, Sighting]] = {}
        self._checked: dict[MonitorKey, dict[Reference, Checked]] = {}

    def saw(self, monitor: MonitorKey, reference: Reference, sighting: Sighting) -> bool:
        """It is there; whether that is news, and not the echo of what was checked."""
        self._seen.setdefault(monitor, {})[reference] = sighting
        checked = self._checked.get(monitor, {}).get(reference)
        return checked is None or checked.sighting != sighting

    def sighting(self, monitor: MonitorKey, reference: Reference) -> Sighting | None:
        """How it was seen last; None: it is not there."""
        return self._seen.get(monitor, {}).get(reference)

    def lost(self, monitor: MonitorKey, reference: Reference) -> None:
        """It is gone."""
        self._seen.get(monitor, {}).pop(reference, None)
        self._checked.get(monitor, {}).pop(reference, None)

    def found_right(
        self,
        monitor: MonitorKey,
        reference: Reference,
        checked: Checked,
        before: Sighting | None,
    ) -> None:
        """A reconcile read or wrote it, and it was seen like this before; that is a sighting, too.

        What a watch said meanwhile may be newer: it stays, and is looked at.
        """
        self._checked.setdefault(monitor, {})[reference] = checked
        if self.sighting(monitor, reference) == before:
            self._seen.setdefault(monitor, {})[reference] = checked.sighting

    def is_right(self, monitor: MonitorKey, reference: Reference, fingerprint: str) -> bool:
        """It is there, is what was checked, and was made from the same."""
        checked = self._checked.get(monitor, {}).get(reference)
        seen = self._seen.get(monitor, {}).get(reference)
        return (
            checked is not None and checked.sighting == seen and checked.fingerprint == fingerprint
        )

    def is_settled(self, monitor: MonitorKey) -> bool:
        """Nothing of the monitor's was seen that was not checked."""
        checked = self._checked.get(monitor, {})
        return all(
            reference in checked and checked[reference].sighting == seen
            for reference, seen in self._seen.get(monitor, {}).items()
        )

    def owned(self, monitor: MonitorKey) -> tuple[OwnedObject, ...]:
        """All that is there for a monitor."""
        seen = self._seen.get(monitor, {})
        return tuple(OwnedObject(reference, seen[reference].uid) for reference in sorted(seen))

    def bindings(self, monitor: MonitorKey) -> tuple[Binding, ...]:
        """What every Prometheus says of them."""
        checked = self._checked.get(monitor, {})
        return tuple(bound for one in sorted(checked) for bound in checked[one].bindings)

    def references(self) -> Iterator[tuple[MonitorKey, Reference]]:
        """All that is there, of every monitor."""
        for monitor, seen in self._seen.items():
            for reference in seen:
                yield monitor, reference

    def forget(self, monitor: MonitorKey) -> None:
        """The monitor is gone, and Kubernetes deletes what it owned."""
        self._seen.pop(monitor, None)
        self._checked.pop(monitor, None)
