"""Decides what a column is, or why it is left out; the words are shown to the user."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from modelmonitor_api.spec import Kind
from modelmonitor_cli.baseline.survey import Facts, NumberFacts, TextFacts

NEARLY_ALL: Final = 0.99
NEARLY_UNIQUE: Final = 0.9
LEAST_UNIQUE_ROWS: Final = 50
"""Among fewer rows, all being different is no sign of an identifier."""
LEAST_CATEGORY_ROWS: Final = 20
"""A category of its own has at least so many."""
MOST_CATEGORIES: Final = 19
LEAST_TOP_SHARE: Final = 0.05
"""Of rows in the MOST_CATEGORIES most frequent values, or there is nothing to compare."""

_IDENTIFIER_NAME: Final = re.compile(
    r"(^|[_\W])(id|ids|uuid|guid|key|index|idx|rowid|rownum)$"
    r"|[a-z](Id|ID|Uuid|UUID|Key)$|^Unnamed: \d+$|^$"
)
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
_TIME: Final = re.compile(
    r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?([T ]\d{1,2}:\d{2}.*)?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}( \d{1,2}:\d{2}.*)?|\d{1,2}:\d{2}(:\d{2}.*)?"
)
_BOOLEANS: Final = ({"true"}, {"false"}, {"true", "false"})
_TEXT_SPACES: Final = 3.0
"""Blanks in the average value, from which on it is prose."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A kind, or None and why the column is left out."""

    kind: Kind | None
    why: str | None = None


def decide(name: str, facts: Facts) -> Decision:
    """What the column is, as far as its values tell."""
    if not facts.counted:
        return Decision(None, "has no value")
    if isinstance(facts, NumberFacts):
        return _decide_numbers(name, facts)
    return _decide_texts(facts)


def _decide_numbers(name: str, facts: NumberFacts) -> Decision:
    if facts.distinct is not None:
        return Decision("discrete")
    if facts.whole and facts.counted >= LEAST_UNIQUE_ROWS:
        unique = len(np.unique(facts.sample)) / len(facts.sample)
        if unique == 1.0 and (facts.rising or _dense(facts)):
            return Decision(None, "identifier: numbers the rows")
        if unique >= NEARLY_UNIQUE and _IDENTIFIER_NAME.search(name):
            return Decision(None, "identifier: nearly every row has its own number")
    return Decision("numeric")


def _dense(facts: NumberFacts) -> bool:
    """All numbers of a range once each, as in a shuffled row number."""
    return facts.maximum - facts.minimum < 1.05 * facts.counted


def _decide_texts(facts: TextFacts) -> Decision:
    shares = _Shares(facts.counts)
    if {text.lower() for text in list(facts.counts)[:3]} in _BOOLEANS and len(facts.counts) <= 3:
        return Decision("boolean")
    if shares.like(_TIME) >= NEARLY_ALL:
        return Decision(None, "date or time")
    if shares.spaces() >= _TEXT_SPACES and len(facts.counts) > LEAST_UNIQUE_ROWS:
        return Decision("text")
    return Decision(None, why) if (why := _identifier(facts, shares)) else Decision("categorical")


def _identifier(facts: TextFacts, shares: "_Shares") -> str | None:
    if facts.counted < LEAST_UNIQUE_ROWS:
        return None
    if len(facts.counts) >= NEARLY_UNIQUE * facts.counted_rows:
        return "identifier: nearly every row has its own value"
    if facts.overflown:
        return f"identifier: more than {len(facts.counts):,} different values"
    if len(facts.counts) > LEAST_UNIQUE_ROWS and shares.like(_UUID) >= NEARLY_ALL:
        return "identifier: UUIDs"
    if facts.counted >= 10 * LEAST_CATEGORY_ROWS and shares.largest() < LEAST_CATEGORY_ROWS:
        return f"identifier: no value has {LEAST_CATEGORY_ROWS} rows"
    if facts.counted >= 10 * LEAST_CATEGORY_ROWS and shares.of_top() < LEAST_TOP_SHARE:
        return (
            f"identifier: {len(facts.counts):,} different values, and the {MOST_CATEGORIES} most "
            f"frequent are {shares.of_top():.1%} of the rows"
        )
    return None


class _Shares:
    """Shares of rows by what their text looks like."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._rows = sum(counts.values())

    def like(self, pattern: re.Pattern[str]) -> float:
        rows = sum(count for text, count in self._counts.items() if pattern.fullmatch(text))
        return rows / self._rows

    def spaces(self) -> float:
        rows = sum(text.strip().count(" ") * count for text, count in self._counts.items())
        return rows / self._rows

    def of_top(self) -> float:
        return sum(sorted(self._counts.values())[-MOST_CATEGORIES:]) / self._rows

    def largest(self) -> int:
        return max(self._counts.values())
