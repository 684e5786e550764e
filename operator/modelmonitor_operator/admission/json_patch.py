"""The JSON Patch (RFC 6902) that makes one JSON value of another.

It refuses to know what the values are.  Only `add`, `remove` and `replace` are used, and a list
that becomes shorter is replaced as a whole: injection shortens none.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Operation = dict[str, Any]


def json_patch(before: Any, after: Any, path: str = "") -> list[Operation]:
    """Operations that lead from `before` to `after`, in their order; none where both are equal.

    >>> json_patch({"a": [1], "b/c": 2}, {"a": [1, 3]})
    [{'op': 'remove', 'path': '/b~1c'}, {'op': 'add', 'path': '/a/-', 'value': 3}]
    """
    return list(_steps(before, after, path))


def _steps(before: Any, after: Any, path: str) -> Iterator[Operation]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _of_mappings(before, after, path)
    elif _is_list(before) and _is_list(after) and len(before) <= len(after):
        yield from _of_lists(before, after, path)
    elif type(before) is not type(after) or before != after:
        yield {"op": "replace", "path": path, "value": after}


def _of_mappings(
    before: Mapping[str, Any], after: Mapping[str, Any], path: str
) -> Iterator[Operation]:
    for key in before.keys() - after.keys():
        yield {"op": "remove", "path": f"{path}/{_escaped(key)}"}
    for key, value in after.items():
        inside = f"{path}/{_escaped(key)}"
        if key in before:
            yield from _steps(before[key], value, inside)
        else:
            yield {"op": "add", "path": inside, "value": value}


def _of_lists(before: Sequence[Any], after: Sequence[Any], path: str) -> Iterator[Operation]:
    for index, (old, new) in enumerate(zip(before, after, strict=False)):
        yield from _steps(old, new, f"{path}/{index}")
    for new in after[len(before) :]:
        yield {"op": "add", "path": f"{path}/-", "value": new}


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
