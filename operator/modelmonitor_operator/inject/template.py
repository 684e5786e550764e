"""A piece of a pod with gaps: what depends on the pod or the monitor is left open.

The pod patch is written once, as such a template.  `filled` makes the pod's part of it; the
admission policy makes an expression of the same.  It refuses to know what the pieces are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from modelmonitor_api.spec import SidecarSize


class Slot(Enum):
    """A gap that a text fills."""

    MONITOR = "the monitor's name"
    CONFIG_MAP = "the name of the monitor's ConfigMap"
    PORT = "the name of the port that is taken over"
    UPSTREAM = "the number of the app's port, as a text"


@dataclass(frozen=True, slots=True)
class BySize:
    """One of several pieces, by the size that the monitor asks for; there is one of each size."""

    pieces: Mapping[SidecarSize, "Template"]


Template = Mapping[str, "Template"] | Sequence["Template"] | str | int | bool | Slot | BySize


def filled(template: Template, texts: Mapping[Slot, str], size: SidecarSize) -> Any:
    """The piece without gaps, of new dictionaries and lists.

    >>> filled({"name": Slot.MONITOR, "tries": [1]}, {Slot.MONITOR: "churn"}, "Small")
    {'name': 'churn', 'tries': [1]}
    """
    match template:
        case Slot():
            return texts[template]
        case BySize():
            return filled(template.pieces[size], texts, size)
        case str() | int():
            return template
        case Mapping():
            return {key: filled(value, texts, size) for key, value in template.items()}
        case Sequence():
            return [filled(entry, texts, size) for entry in template]
