"""Asks the API server for everything once more: watches lose events, and nobody tells.

What lists say is put into the memories as watches put it; what they no longer name is gone.
"""

from modelmonitor_api.names import LABEL_MONITOR, LABEL_MONITOR_UID
from modelmonitor_operator.cluster import Cluster, Query
from modelmonitor_operator.control.book import MonitorBook, key_of
from modelmonitor_operator.control.feed import Feed
from modelmonitor_operator.control.inventory import Inventory, MonitorKey
from modelmonitor_operator.kinds import MONITOR, OWNED, Kind, Reference

PAGE_MONITORS = 100
_OURS = Query(labels=f"{LABEL_MONITOR},{LABEL_MONITOR_UID}", metadata_only=True)


async def resync(cluster: Cluster, book: MonitorBook, inventory: Inventory, feed: Feed) -> None:
    """Lists every kind once; ClusterError where one cannot be listed."""
    await _monitors(cluster, book, feed)
    for kind in OWNED:
        await _objects(cluster, kind, inventory, feed)


async def _monitors(cluster: Cluster, book: MonitorBook, feed: Feed) -> None:
    known, there = set(book.monitors()), set[MonitorKey]()
    async for page in cluster.pages(MONITOR, "", Query(page_objects=PAGE_MONITORS)):
        for resource in page:
            there.add(key_of(resource))
            feed.monitor_is(resource)
    for key in known - there:
        feed.monitor_is_gone(key)


async def _objects(cluster: Cluster, kind: Kind, inventory: Inventory, feed: Feed) -> None:
    """Only what was known before the list began can be missing in it."""
    known = {one for one in inventory.references() if one[1].kind == kind}
    there = set[Reference]()
    async for page in cluster.pages(kind, "", _OURS):
        for one in page:
            metadata = one["metadata"]
            there.add(Reference(kind, metadata["namespace"], metadata["name"]))
            feed.object_is(kind, metadata)
    for key, reference in known:
        sighting = inventory.sighting(key, reference)
        if reference not in there and sighting is not None:
            inventory.lost(key, reference)
            feed.queue.add(key)
