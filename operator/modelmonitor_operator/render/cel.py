"""Templates of a pod's pieces as CEL, the language of admission policies.

The policy builds typed objects, so that the API server refuses a misspelled field when the policy
is applied, not when a pod is.  It refuses to know what is built.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from modelmonitor_operator.inject.template import BySize, Slot, Template

FREE_MAPS: Final = ("requests", "limits")
"""Mappings of any keys; all others are objects of the API."""
Slots = Mapping[Slot, str]


def literal(text: str) -> str:
    r"""A text as CEL writes it.

    >>> print(literal("it's"))
    'it\'s'
    """
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def built(template: Template, path: str, slots: Slots, size: str) -> str:
    """The expression that builds a piece at `path`; lists bear the path of their entries.

    `slots` and `size` are the expressions for what the template leaves open.

    >>> print(built({"name": Slot.PORT, "tries": [1]}, "Object.spec", {Slot.PORT: "port"}, "size"))
    Object.spec{name: port, tries: [1]}
    """
    match template:
        case Slot():
            return slots[template]
        case BySize():
            return _chosen(template, path, slots, size)
        case bool():
            return str(template).lower()
        case int():
            return str(template)
        case str():
            return literal(template)
        case Mapping():
            return _object(template, path, slots, size)
        case Sequence():
            return f"[{', '.join(built(entry, path, slots, size) for entry in template)}]"


def joined(operations: Sequence[str]) -> str:
    """Lists put together, one a line."""
    return " +\n".join(operations)


def all_of(conditions: Sequence[str]) -> str:
    """One condition: of several each would be evaluated even when an earlier one is false."""
    return " &&\n".join(conditions)


def _object(template: Mapping[str, Template], path: str, slots: Slots, size: str) -> str:
    if path.rpartition(".")[2] in FREE_MAPS:
        pairs = (
            f"{literal(key)}: {built(value, path, slots, size)}" for key, value in template.items()
        )
        return f"{{{', '.join(pairs)}}}"
    fields = (
        f"{key}: {built(value, f'{path}.{key}', slots, size)}" for key, value in template.items()
    )
    return f"{path}{{{', '.join(fields)}}}"


def _chosen(template: BySize, path: str, slots: Slots, size: str) -> str:
    """The last is for whatever is none of the others: the resource's schema knows only these."""
    *others, (_, last) = template.pieces.items()
    choice = built(last, path, slots, size)
    for name, piece in reversed(others):
        choice = f"{size} == {literal(name)} ? {built(piece, path, slots, size)} : {choice}"
    return f"({choice})"
