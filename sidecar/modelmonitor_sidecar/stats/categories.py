"""Values as category texts, and how many rows each category got.

Canonical text makes one category of `true` from JSON and `True` from a table, of `1`, `1.0` and a
pandas column that became float because of one missing value.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from modelmonitor_api.baseline import Categories, category_hash

LONGEST_TEXT: Final = 256
"""Characters kept of a category; longer texts that start alike are one category."""

_WHOLE_NUMBERS_BELOW: Final = float(1 << 63)


class Problem(Enum):
    """Why a value is no category or number."""

    MISSING = "missing"
    INFINITE = "infinite"
    STRING = "string"
    TYPE = "type"
    WIDTH = "width"


REASONS: Final = tuple(problem.value for problem in Problem if problem is not Problem.MISSING)
"""Label values of invalid values, in the order of the counters."""


def canonical(value: object) -> str | Problem:
    """The text of a category, or why it is none: None and NaN are missing, lists no category.

    >>> canonical(True), canonical(1.0), canonical("1"), canonical(0.5)
    ('true', '1', '1', '0.5')
    """
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else value[:LONGEST_TEXT]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, int):
        # beyond 19 digits no two numbers that differ in float are one category by chance
        return str(value) if abs(value) < _WHOLE_NUMBERS_BELOW else _large_text(value)
    return Problem.MISSING if value is None else Problem.TYPE


def _number_text(value: float) -> str | Problem:
    if math.isnan(value):
        return Problem.MISSING
    if math.isinf(value):
        return Problem.INFINITE
    if value.is_integer() and abs(value) < _WHOLE_NUMBERS_BELOW:
        return str(int(value))
    return repr(value)


def _large_text(value: int) -> str | Problem:
    try:
        return repr(float(value))
    except OverflowError:
        return Problem.INFINITE


@dataclass(slots=True)
class CategoryTally:
    """Rows of one batch: by cell (categories, other, unseen), missing, and by problem."""

    cells: dict[int, int] = field(default_factory=dict)
    missing: int = 0
    invalid: dict[Problem, int] = field(default_factory=dict)
    out_of_range: int = 0


class CategoryCells:
    """Which cell a category counts into: its own, `__other__`, or `__unseen__` (the last two).

    Other: the baseline saw it but rarely, or the resource allows it.  Unseen: neither; where the
    baseline had too many rare values to keep, everything else counts as other.  A category of the
    baseline that the resource does not allow keeps its cell and is flagged out of range.
    Cost: one count over the column in C, then work only per distinct value.
    """

    def __init__(
        self,
        categories: Categories,
        allowed: Iterable[str] | None = None,
        spelled: Callable[[str], str | None] | None = None,
    ) -> None:
        """`allowed`: the resource's values; `spelled`: another text for one that is not known."""
        self._cell = {value: place for place, value in enumerate(categories.values)}
        self.other, self.unseen = len(self._cell), len(self._cell) + 1
        self._rare = None if categories.other_hashes is None else set(categories.other_hashes)
        self._allowed = None if allowed is None else frozenset(allowed)
        self._spelled = spelled

    def tally(self, column: Sequence[object]) -> CategoryTally:
        """Count one column of values."""
        tally = CategoryTally()
        for text, rows in text_counts(column).items():
            if isinstance(text, str):
                cell = self.cell(text)
                tally.cells[cell] = tally.cells.get(cell, 0) + rows
                if cell < self.other and self._allowed is not None and text not in self._allowed:
                    tally.out_of_range += rows
            elif text is Problem.MISSING:
                tally.missing += rows
            else:
                tally.invalid[text] = rows
        return tally

    def cell(self, text: str) -> int:
        """The cell of one canonical text."""
        known = self._cell.get(text)
        if known is None and self._spelled is not None:
            known = self._cell.get(self._spelled(text) or "")
        if known is not None:
            return known
        if self._allowed is not None:
            return self.other if text in self._allowed else self.unseen
        seen = self._rare is None or (bool(self._rare) and category_hash(text) in self._rare)
        return self.other if seen else self.unseen


def text_counts(column: Sequence[object]) -> Mapping[str | Problem, int]:
    """Rows by canonical text or problem; values that no dictionary takes are of a wrong type."""
    try:
        raw = Counter(column)
        if (True in raw or False in raw) and _mixes_booleans(column):
            return _counted_one_by_one(column)
    except TypeError:  # lists and mappings among the values
        return _counted_one_by_one(column)
    texts: dict[str | Problem, int] = {}
    for value, rows in raw.items():
        text = canonical(value)
        texts[text] = texts.get(text, 0) + rows
    return texts


def _mixes_booleans(column: Sequence[object]) -> bool:
    """Python takes True and 1 for the same key; in one column they are two categories."""
    kinds = set(map(type, column))
    return bool in kinds and not kinds.isdisjoint((int, float))


def _counted_one_by_one(column: Sequence[object]) -> Mapping[str | Problem, int]:
    return Counter(map(canonical, column))
