"""A cluster in memory, with what matters of an API server: versions, owners of fields, conflicts.

Server-side apply keeps, for each field manager, what it last applied; a field that its manager no
longer applies goes.  It refuses to know schemas: lists are whole values, nothing is defaulted.
"""

import copy
import itertools
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, Final

from modelmonitor_operator.cluster import ConflictError, Query, Raw, UnavailableError
from modelmonitor_operator.kinds import OPTIONAL, Kind, Reference, reference_to

Fields = dict[str, Any]
FIRST_TIME: Final = "2026-01-01T00:00:00Z"


class FakeCluster:
    """Satisfies `Cluster`.

    `writes` lists what changed something or was asked to; `failing` is asked before each request
    and may raise; `changed` is told of each change, as a watch would be.
    """

    def __init__(self, *objects: Raw, kinds: frozenset[Kind] = frozenset(OPTIONAL)) -> None:
        self.objects: dict[Reference, Fields] = {}
        self.writes: list[tuple[str, Reference]] = []
        self.reads = 0
        self.kinds = kinds
        self.failing: Callable[[str, Reference], None] = lambda verb, reference: None
        self.changed: Callable[[str, Raw], None] = lambda event, manifest: None
        self._applied: dict[tuple[Reference, str], Fields] = {}
        self._numbers = itertools.count(1)
        for one in objects:
            self.put(one)

    def put(self, manifest: Raw) -> Raw:
        """As a person would: the whole object, whatever was there."""
        reference = reference_to(manifest)
        old = self.objects.get(reference, {})
        return self._store(reference, _merged(_identity(old), copy.deepcopy(dict(manifest))))

    def take(self, reference: Reference) -> None:
        """As a person would: delete it, with what it owns."""
        gone = self.objects.pop(reference)
        self.changed("DELETED", gone)
        for other, one in list(self.objects.items()):
            owners = one["metadata"].get("ownerReferences") or ()
            if any(owner["uid"] == gone["metadata"]["uid"] for owner in owners):
                self.take(other)

    async def read(self, reference: Reference, known: str = "") -> Raw | None:
        """See `Cluster`; always the newest."""
        self._asked("get", reference)
        found = self.objects.get(reference)
        return copy.deepcopy(found) if found is not None and self._serves(reference.kind) else None

    async def pages(self, kind: Kind, namespace: str, query: Query) -> AsyncIterator[Sequence[Raw]]:
        """See `Cluster`; one page."""
        self._asked("list", Reference(kind, namespace, ""))
        if self._serves(kind):
            yield [
                copy.deepcopy(one)
                for one in self._found(kind, namespace, query.labels)
                if _has_fields(one, query.fields)
            ]

    async def apply(self, manifest: Raw) -> Raw:
        """See `Cluster`."""
        return self._apply(manifest, "apply")

    async def apply_status(self, manifest: Raw) -> Raw:
        """See `Cluster`."""
        return self._apply(manifest, "status")

    async def create(self, manifest: Raw) -> Raw:
        """See `Cluster`."""
        reference = reference_to(manifest)
        self._asked("create", reference)
        if reference in self.objects:
            raise ConflictError(f"{reference} already exists")
        self.writes.append(("create", reference))
        return self._store(reference, copy.deepcopy(dict(manifest)))

    async def replace(self, manifest: Raw) -> Raw:
        """See `Cluster`."""
        reference = reference_to(manifest)
        self._asked("replace", reference)
        version = self.objects[reference]["metadata"]["resourceVersion"]
        if manifest["metadata"].get("resourceVersion") != version:
            raise ConflictError(f"{reference} was changed meanwhile")
        self.writes.append(("replace", reference))
        return self._store(reference, copy.deepcopy(dict(manifest)))

    async def delete(self, reference: Reference, uid: str) -> None:
        """See `Cluster`."""
        self._asked("delete", reference)
        self.writes.append(("delete", reference))
        if self.objects.get(reference, {"metadata": {}})["metadata"].get("uid") == uid:
            self.take(reference)

    async def served(self) -> frozenset[Kind]:
        """See `Cluster`."""
        return self.kinds

    def _asked(self, verb: str, reference: Reference) -> None:
        self.reads += verb in ("get", "list")
        self.failing(verb, reference)

    def _serves(self, kind: Kind) -> bool:
        return kind not in OPTIONAL or kind in self.kinds

    def _found(self, kind: Kind, namespace: str, labels: str) -> Iterator[Fields]:
        for reference, one in sorted(self.objects.items(), key=lambda item: item[0]):
            there = reference.kind == kind and namespace in ("", reference.namespace)
            if there and _selected(one["metadata"].get("labels") or {}, labels):
                yield one

    def _apply(self, manifest: Raw, verb: str) -> Raw:
        reference = reference_to(manifest)
        self._asked(verb, reference)
        if not self._serves(reference.kind):
            raise UnavailableError(f"{reference} is of no kind that is served")
        self.writes.append((verb, reference))
        wanted = copy.deepcopy(dict(manifest))
        before = self._applied.get((reference, verb), {})
        self._applied[reference, verb] = wanted
        now = copy.deepcopy(self.objects.get(reference, {}))
        return self._store(reference, _merged(_without(now, before, wanted), wanted))

    def _store(self, reference: Reference, fields: Fields) -> Raw:
        """Nothing happens where nothing changes."""
        old = self.objects.get(reference)
        if old is not None and _content(old) == _content(fields):
            return copy.deepcopy(old)
        number = next(self._numbers)
        metadata = fields.setdefault("metadata", {})
        metadata.setdefault("uid", f"uid-{number}")
        metadata.setdefault("creationTimestamp", FIRST_TIME)
        metadata["resourceVersion"] = str(number)
        if old is None or old.get("spec") != fields.get("spec"):
            metadata["generation"] = (old or {"metadata": {}})["metadata"].get("generation", 0) + 1
        self.objects[reference] = fields
        self.changed("ADDED" if old is None else "MODIFIED", copy.deepcopy(fields))
        return copy.deepcopy(fields)


def _identity(old: Raw) -> Fields:
    kept = ("uid", "creationTimestamp", "generation")
    metadata = old.get("metadata", {})
    return {"metadata": {key: metadata[key] for key in kept if key in metadata}}


def _content(fields: Raw) -> Fields:
    metadata = {k: v for k, v in fields["metadata"].items() if k not in ("resourceVersion",)}
    for name in ("uid", "creationTimestamp", "generation"):
        metadata.pop(name, None)
    return {**fields, "metadata": metadata}


def _merged(base: Fields, over: Raw) -> Fields:
    for key, value in over.items():
        inside = base.get(key)
        if isinstance(value, dict) and isinstance(inside, dict):
            base[key] = _merged(inside, value)
        else:
            base[key] = value
    return base


def _without(base: Fields, before: Raw, wanted: Raw) -> Fields:
    """What the manager applied last time, and does not now, goes."""
    for key, value in before.items():
        if key not in wanted:
            base.pop(key, None)
        elif isinstance(value, dict) and isinstance(wanted[key], dict) and key in base:
            base[key] = _without(base[key], value, wanted[key])
    return base


def _has_fields(one: Raw, selector: str) -> bool:
    """`way.to.field=value` and `way.to.field!=value`, joined by commas."""
    for part in filter(None, selector.split(",")):
        way, _, value = part.replace("!=", "=").partition("=")
        found: Any = one
        for key in way.split("."):
            found = (found or {}).get(key)
        if (found == value) is ("!=" in part):
            return False
    return True


def _selected(labels: Raw, selector: str) -> bool:
    """`key=value`, `key` and `!key`, joined by commas."""
    for part in filter(None, selector.split(",")):
        if part.startswith("!"):
            if part[1:] in labels:
                return False
            continue
        key, equals, value = part.partition("=")
        if key not in labels or (equals and labels[key] != value):
            return False
    return True
