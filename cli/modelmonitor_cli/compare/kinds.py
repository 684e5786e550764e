"""What kind a column is in all tables together.

The first table with a value decides, as `baseline build` would on it.  Others can only widen that:
discrete numbers to numeric ones, booleans to categories.
"""

from collections.abc import Sequence
from typing import Final

from modelmonitor_api.spec import Kind
from modelmonitor_cli.baseline.kinds import Decision, decide
from modelmonitor_cli.baseline.survey import Facts, NumberFacts, TextFacts

LEAST_ROWS_A_VALUE: Final = 5
"""On average, of discrete numbers: ten measurements, all different, are no ten categories."""


def common_kind(
    name: str,
    facts: Sequence[Facts | None],
    unreadable: Sequence[str | None],
    forced: Kind | None,
) -> Decision:
    """The kind, or why the column is left out; `facts` of a table are None where unreadable."""
    for why in unreadable:
        if why is not None and why != "has no value":
            return Decision(None, why)
    seen = [one for one in facts if one is not None and one.counted]
    if not seen:
        return Decision(None, "has no value")
    if forced is not None:
        return Decision(forced)
    first = decide(name, seen[0])
    if first.kind == "discrete" and not _few_numbers(seen):
        return Decision("numeric")
    if first.kind == "boolean" and any(_other_words(name, one) for one in seen[1:]):
        return Decision("categorical")
    return first


def _other_words(name: str, facts: Facts) -> bool:
    return isinstance(facts, TextFacts) and decide(name, facts).kind != "boolean"


def _few_numbers(seen: Sequence[Facts]) -> bool:
    """Whether every table has few different numbers, and many rows of each."""
    values: set[float] = set()
    rows = 0
    for one in seen:
        if isinstance(one, NumberFacts):
            if one.distinct is None:
                return False
            values |= one.distinct.keys()
            rows += one.counted
    return rows >= LEAST_ROWS_A_VALUE * len(values)
