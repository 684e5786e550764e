"""What watches say becomes keys in the queue; their own echoes do not.

Nothing is decided on what an event says: it only tells that it is time to look.
"""

from modelmonitor_api.names import KIND, LABEL_MONITOR
from modelmonitor_operator.cluster import Raw
from modelmonitor_operator.control.applying import sighting_of
from modelmonitor_operator.control.book import Entry, MonitorBook, key_of
from modelmonitor_operator.control.inventory import Inventory, MonitorKey
from modelmonitor_operator.control.work_queue import Witness, Work, WorkQueue
from modelmonitor_operator.inject.pods import entries, inner
from modelmonitor_operator.kinds import Kind, Reference


class Feed:
    """The queue of monitors and what fills it."""

    def __init__(
        self, reconcile: Work[MonitorKey], memory: tuple[MonitorBook, Inventory], witness: Witness
    ) -> None:
        self._reconcile = reconcile
        self._book, self._inventory = memory
        self._unexplained: set[MonitorKey] = set()
        self.queue = WorkQueue[MonitorKey](self._work, witness)

    def monitor_is(self, resource: Raw) -> None:
        """A monitor is there, and looks like this."""
        key = key_of(resource)
        before = self._book.entry(key)
        if self._book.heard(resource):
            self.queue.add(key)
            now = self._book.entry(key)
            if before is None or now is None or before.selector != now.selector:
                self._look_at_rivals(key, before)

    def monitor_is_gone(self, key: MonitorKey) -> None:
        """It was deleted; Kubernetes deletes what it owned."""
        before = self._book.entry(key)
        if before is not None:
            self._look_at_rivals(key, before)
            self._book.gone(key)
        self.queue.add(key)

    def object_is(self, kind: Kind, metadata: Raw) -> None:
        """An object of some monitor is there, at this version.

        While the monitor is worked on, this may be what is being written, so the judgement waits.
        """
        key = _monitor_of(metadata)
        if not self._inventory.saw(key, _reference(kind, metadata), sighting_of(metadata)):
            return
        if self.queue.is_running(key):
            self._unexplained.add(key)
        else:
            self.queue.add(key)

    def object_is_gone(self, kind: Kind, metadata: Raw) -> None:
        """It was deleted; another of the same name may be there already."""
        key, reference = _monitor_of(metadata), _reference(kind, metadata)
        known = self._inventory.sighting(key, reference)
        if known is not None and known.uid == metadata["uid"]:
            self._inventory.lost(key, reference)
            self.queue.add(key)

    def everything(self) -> None:
        """Look at every monitor: something that concerns all has changed."""
        for key in list(self._book.monitors()):
            self.queue.add(key)

    async def _work(self, key: MonitorKey) -> float | None:
        self._unexplained.discard(key)
        delay = await self._reconcile(key)
        if key in self._unexplained and not self._inventory.is_settled(key):
            self.queue.add(key)
        return delay

    def _look_at_rivals(self, key: MonitorKey, before: Entry | None) -> None:
        entries = [one for one in (before, self._book.entry(key)) if one is not None]
        for entry in entries:
            for rival in self._book.rivals(key, entry.selector):
                self.queue.add(MonitorKey(key.namespace, rival.name))


def _monitor_of(metadata: Raw) -> MonitorKey:
    """By its owner: whoever edits an object may have edited its labels."""
    owners = (one["name"] for one in entries(metadata, "ownerReferences") if one["kind"] == KIND)
    labelled = inner(metadata, "labels").get(LABEL_MONITOR, "")
    return MonitorKey(metadata["namespace"], next(owners, labelled))


def _reference(kind: Kind, metadata: Raw) -> Reference:
    return Reference(kind, metadata["namespace"], metadata["name"])
