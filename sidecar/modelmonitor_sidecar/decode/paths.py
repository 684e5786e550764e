"""A small JSON path: `a.b[0].c`, `rows[].label`, `["a.b"]`.

A name met with a list is looked up in each object of it, so `results.label` and `results[].label`
are the same.  Every text is a path: what is no bracket is a name.
"""

import re
from typing import Any, Final

from modelmonitor_sidecar.decode.rows import Reason, Undecodable

Path = tuple[str | int | None, ...]
"""Names, places, and None for each element."""

ABSENT: Final = object()

_STEP: Final = re.compile(r'\[(?:(\d{1,9})|\*?|"([^"]*)")\]|\.?([^.\[]+|\[)')


def compiled(text: str) -> Path:
    """The steps of `text`; a leading `$` (or `$.`) is the document itself."""
    steps: list[str | int | None] = []
    for match in _STEP.finditer(text.removeprefix("$")):
        place, quoted, name = match.groups()
        if place is not None:
            steps.append(int(place))
        else:
            steps.append(quoted if quoted is not None else name)
    return tuple(steps)


def located(document: Any, path: Path) -> Any:
    """What stands at `path` in `document`, or ABSENT."""
    value = document
    for number, step in enumerate(path):
        if step is None:
            return _each(value, path[number + 1 :]) if type(value) is list else ABSENT
        if type(step) is str and type(value) is list:
            # not into lists of lists: however deep a payload nests, a path costs its own length
            objects = [element if type(element) is dict else None for element in value]
            return _each(objects, path[number:])
        value = _child(value, step)
        if value is ABSENT:
            return ABSENT
    return value


def required(document: Any, path: Path) -> Any:
    """What stands at `path`; Undecodable where nothing does."""
    value = located(document, path)
    if value is ABSENT:
        raise Undecodable(Reason.PATH_ABSENT)
    return value


def _child(value: Any, step: str | int | None) -> Any:
    if type(value) is dict:
        return value.get(str(step), ABSENT)
    if type(value) is list and type(step) is int and step < len(value):
        return value[step]
    return ABSENT


def _each(elements: list[Any], rest: Path) -> list[Any]:
    """`rest` in each element; an element that lacks it gives null, so that rows stay paired."""
    found = [located(element, rest) for element in elements]
    return [None if value is ABSENT else value for value in found]
