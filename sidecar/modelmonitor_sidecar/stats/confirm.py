"""An alarm must repeat: the last N windows that do not overlap all drift."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .dispersion import counts_rows, window_length
from .verdict import Outcome

LONGEST_CONFIRMED_SECONDS: Final = 3_600
"""Windows of time longer than this need to drift only once."""


@dataclass(frozen=True, slots=True)
class Look:
    """A window's outcome when it was judged; `end` in seconds or rows, as the window's length."""

    end: float
    outcome: Outcome


def windows_needed(window: str, confirm: int) -> int:
    """How many windows in a row must drift: `confirm`, but one for windows longer than an hour."""
    if counts_rows(window) or window_length(window) <= LONGEST_CONFIRMED_SECONDS:
        return confirm
    return 1


def confirmed(looks: Sequence[Look], window: str, confirm: int) -> bool:
    """Whether the latest look and those one, two ... lengths before it all say drift.

    `looks` in order of time.  A look counts for a place if it ends at or before it but not a whole
    length before; a window that was not judged (or had too few rows) breaks the chain.
    """
    length, needed = window_length(window), windows_needed(window, confirm)
    if not looks:
        return False
    found, limit = 0, looks[-1].end
    for look in reversed(looks):
        if look.end > limit:
            continue
        if look.outcome != "drift" or look.end <= limit - length:
            return False
        found, limit = found + 1, look.end - length
        if found == needed:
            return True
    return False
