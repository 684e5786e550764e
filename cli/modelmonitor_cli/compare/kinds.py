"""What kind a column is in all tables together.

The first table with a value decides, as `baseline build` would on it.  Others can only widen that:
discrete numbers to numeric ones, booleans to categories.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from modelmonitor_api.spec import Kind
from modelmonitor_cli.baseline.kinds import Decision, decide
from modelmonitor_cli.baseline.survey import Facts, NumberFacts

LEAST_ROWS_A_VALUE: Final = 5
"""On average, of discrete numbers: ten measurements, all different, are no ten categories."""
_NO_VALUE: Final = "has no value"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one table says of a column; small, so that no table's survey has to be kept.

    `numbers` are its different numbers where they are few, None where they are many or no numbers.
    `readable`: whether values of its type can be compared at all.
    """

    decision: Decision
    counted: int
    is_text: bool = False
    numbers: frozenset[float] | None = None
    readable: bool = True


def seen(name: str, facts: Facts | None, unreadable: str | None) -> Seen:
    """What the table says; `facts` are None where `unreadable` says why its type is of no use."""
    if facts is None:
        return Seen(Decision(None, unreadable), 0, readable=unreadable == _NO_VALUE)
    decision = decide(name, facts)
    if not isinstance(facts, NumberFacts):
        return Seen(decision, facts.counted, is_text=True)
    few = None if facts.distinct is None else frozenset(facts.distinct)
    return Seen(decision, facts.counted, numbers=few)


def common_kind(tables: Sequence[Seen], forced: Kind | None) -> Decision:
    """The kind, or why the column is left out."""
    for table in tables:
        if not table.readable:
            return table.decision
    known = [table for table in tables if table.counted]
    if not known:
        return Decision(None, _NO_VALUE)
    if forced is not None:
        return Decision(forced)
    first = known[0].decision
    if first.kind == "discrete" and not _few_numbers(known):
        return Decision("numeric")
    if first.kind == "boolean" and any(
        table.is_text and table.decision.kind != "boolean" for table in known
    ):
        return Decision("categorical")
    return first


def _few_numbers(known: Sequence[Seen]) -> bool:
    """Whether every table has few different numbers, and many rows of each."""
    tables = [table for table in known if not table.is_text]
    numbers = [table.numbers for table in tables if table.numbers is not None]
    rows = sum(table.counted for table in tables)
    different = frozenset().union(*numbers)
    return len(numbers) == len(tables) and rows >= LEAST_ROWS_A_VALUE * len(different)
