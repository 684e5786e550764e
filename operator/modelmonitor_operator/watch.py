"""kopf's part: watches that are never given up, and what they bring goes to the feed.

Only `on.event`, which writes nothing on the objects it sees: no annotation, no finalizer, not even
on our own resource.  What is in a handler is lost if it fails, so there is nothing in them.
"""

from collections.abc import Mapping
from typing import Any, Final

import kopf

from modelmonitor_api.names import GROUP, LABEL_MONITOR, LABEL_MONITOR_UID
from modelmonitor_operator.control.book import key_of
from modelmonitor_operator.control.feed import Feed
from modelmonitor_operator.kinds import MONITOR, OWNED, Kind

SERVER_SECONDS: Final = 60
"""How long one watch request lasts; each begins with an answer, which is a sign of life."""
CLIENT_SECONDS: Final = 75
CONNECT_SECONDS: Final = 10
REQUEST_SECONDS: Final = 60
PAGE_OBJECTS: Final = 250
PREFIX: Final = f"operator.{GROUP}"

Event = Mapping[str, Any]


class NothingRemembered(kopf.DiffBaseStorage):
    """kopf compares each object with what it handled last, which only other handlers use.

    To copy each for that would be a quarter of what an event costs.
    """

    def build(self, **_: Any) -> Any:
        """Nothing of an object."""
        return {}

    def fetch(self, **_: Any) -> None:
        """Nothing was remembered."""

    def store(self, **_: Any) -> None:
        """Nothing is written."""


def watching_settings() -> kopf.OperatorSettings:
    """Short time limits, our own names, and selectors so that nothing of others is streamed."""
    settings = kopf.OperatorSettings()
    settings.watching.server_timeout = SERVER_SECONDS
    settings.watching.client_timeout = CLIENT_SECONDS
    settings.watching.connect_timeout = CONNECT_SECONDS
    settings.watching.chunk_size = PAGE_OBJECTS
    settings.networking.request_timeout = REQUEST_SECONDS
    settings.networking.connect_timeout = CONNECT_SECONDS
    settings.posting.enabled = False
    settings.peering.standalone = True
    settings.persistence.finalizer = f"{PREFIX}/finalizer"
    settings.persistence.progress_storage = kopf.AnnotationsProgressStorage(prefix=PREFIX, v1=False)
    settings.persistence.diffbase_storage = NothingRemembered()
    for kind in OWNED:
        selector = f"{LABEL_MONITOR},{LABEL_MONITOR_UID}"
        settings.watching.label_selectors[kind.group, kind.version, kind.plural] = selector
    return settings


def registered(feed: Feed) -> kopf.OperatorRegistry:
    """Handlers of one operator; a kind that is not served yet is watched once it is."""
    registry = kopf.OperatorRegistry()
    _register_monitors(registry, feed)
    for kind in OWNED:
        _register_objects(registry, feed, kind)
    return registry


def _register_monitors(registry: kopf.OperatorRegistry, feed: Feed) -> None:
    @kopf.on.event(MONITOR.group, MONITOR.version, MONITOR.plural, registry=registry)
    async def monitor_seen(*, event: Event, **_: Any) -> None:
        if event["type"] == "DELETED":
            feed.monitor_is_gone(key_of(event["object"]))
        else:
            feed.monitor_is(event["object"])


def _register_objects(registry: kopf.OperatorRegistry, feed: Feed, kind: Kind) -> None:
    @kopf.on.event(kind.group, kind.version, kind.plural, registry=registry)
    async def object_seen(*, event: Event, **_: Any) -> None:
        metadata = event["object"]["metadata"]
        if event["type"] == "DELETED":
            feed.object_is_gone(kind, metadata)
        else:
            feed.object_is(kind, metadata)
