"""Whether an object is as it should be, and whose it is.  Pure comparisons of raw dictionaries."""

from collections.abc import Mapping, Sequence
from typing import Any

from modelmonitor_api.names import FIELD_MANAGER, KIND, LABEL_MONITOR, LABEL_MONITOR_UID
from modelmonitor_operator.cluster import Raw
from modelmonitor_operator.inject.pods import entries, inner


def holds(actual: Any, wanted: Any) -> bool:
    """Everything in `wanted` is in `actual`; what others or defaults added besides is no matter.

    Lists are as long as each other: an entry too many is a change.

    >>> holds({"a": [{"b": 1, "c": 2}], "d": 3}, {"a": [{"b": 1}]})
    True
    >>> holds({"a": [1, 2]}, {"a": [1]})
    False
    """
    if isinstance(wanted, Mapping):
        return isinstance(actual, Mapping) and all(
            key in actual and holds(actual[key], value) for key, value in wanted.items()
        )
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        return (
            isinstance(actual, Sequence)
            and len(actual) == len(wanted)
            and all(holds(one, other) for one, other in zip(actual, wanted, strict=True))
        )
    return bool(actual == wanted)


def is_ours(actual: Raw, monitor: str) -> bool:
    """An object that may be taken over: made by an operator, or by `modelmonitor render`.

    Its uid may be that of an earlier resource of the name, as after a restore.
    """
    metadata = actual["metadata"]
    labels = inner(metadata, "labels")
    managed = labels.get("app.kubernetes.io/managed-by") == "modelmonitor"
    if labels.get(LABEL_MONITOR) == monitor and (managed or LABEL_MONITOR_UID in labels):
        return True
    owners = entries(metadata, "ownerReferences")
    return any(one.get("kind") == KIND and one.get("name") == monitor for one in owners)


def last_writer(actual: Raw) -> str:
    """Who, besides the operator, changed it last, as the API server noted."""
    others = [
        one
        for one in entries(actual["metadata"], "managedFields")
        if one.get("manager") != FIELD_MANAGER and not one.get("subresource")
    ]
    if not others:
        return "somebody"
    return str(max(others, key=lambda one: str(one.get("time") or "")).get("manager"))
