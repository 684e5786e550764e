"""All monitors of the cluster, as far as one monitor has to know of another.

Fed by watches and lists.  It keeps selectors and ages, no features; some 1 KiB a monitor.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from modelmonitor_api.conditions import READY
from modelmonitor_operator.cluster import Raw
from modelmonitor_operator.control.inventory import MonitorKey
from modelmonitor_operator.inject.pods import entries
from modelmonitor_operator.world import Rival


@dataclass(frozen=True, slots=True)
class Entry:
    """One monitor; `status` is a digest of its status, `ready` what that says of Ready."""

    uid: str
    generation: int
    created: str
    selector: Mapping[str, str]
    status: str
    ready: str = "Unknown"


class MonitorBook:
    """Entries by namespace and name."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[str, Entry]] = {}

    def entry(self, key: MonitorKey) -> Entry | None:
        """What is known of it."""
        return self._entries.get(key.namespace, {}).get(key.name)

    def heard(self, resource: Raw) -> bool:
        """A monitor is as this says; whether that is news."""
        key, entry = key_of(resource), _entry(resource)
        of_namespace = self._entries.setdefault(key.namespace, {})
        old = of_namespace.get(key.name)
        of_namespace[key.name] = entry
        return old != entry

    def will_say(self, key: MonitorKey, status: Raw) -> None:
        """This status is about to be written: its echo, which may come first, is no news."""
        entry = self.entry(key)
        if entry is not None:
            self._entries[key.namespace][key.name] = replace(
                entry, status=_digest(status), ready=_ready(status)
            )

    def gone(self, key: MonitorKey) -> None:
        """There is no such monitor."""
        of_namespace = self._entries.get(key.namespace, {})
        of_namespace.pop(key.name, None)
        if not of_namespace:
            self._entries.pop(key.namespace, None)

    def monitors(self) -> Iterator[MonitorKey]:
        """The places of all."""
        for namespace, named in self._entries.items():
            for name in named:
                yield MonitorKey(namespace, name)

    def readiness(self) -> Mapping[str, int]:
        """How many monitors have which status of condition Ready."""
        return Counter(entry.ready for named in self._entries.values() for entry in named.values())

    def rivals(self, key: MonitorKey, selector: Mapping[str, str]) -> Iterator[Rival]:
        """Monitors that could select a pod that this selector selects, too."""
        for name, entry in self._entries.get(key.namespace, {}).items():
            if name != key.name and _compatible(entry.selector, selector):
                yield Rival(name, entry.created, entry.selector)


def key_of(resource: Raw) -> MonitorKey:
    """A monitor's place."""
    return MonitorKey(resource["metadata"]["namespace"], resource["metadata"]["name"])


def selector_of(resource: Raw) -> Mapping[str, str]:
    """`spec.selector.matchLabels`, whatever is written around it."""
    labels: Mapping[str, str] = ((resource.get("spec") or {}).get("selector") or {}).get(
        "matchLabels"
    ) or {}
    return labels


def _entry(resource: Raw) -> Entry:
    metadata = resource["metadata"]
    return Entry(
        uid=metadata["uid"],
        generation=metadata.get("generation", 0),
        created=metadata["creationTimestamp"],
        selector=selector_of(resource),
        status=_digest(resource.get("status")),
        ready=_ready(resource.get("status") or {}),
    )


def _ready(status: Raw) -> str:
    told = (one["status"] for one in entries(status, "conditions") if one["type"] == READY)
    return next(told, "Unknown")


def _digest(status: object) -> str:
    return sha256(json.dumps(status, sort_keys=True).encode()).hexdigest()


def _compatible(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return all(other.get(key, value) == value for key, value in one.items())
