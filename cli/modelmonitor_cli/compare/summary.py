"""The comparison in a sentence, and its columns in the order in which people should read them."""

from collections.abc import Sequence
from typing import Literal

from modelmonitor_cli.compare.comparison import ColumnComparison, Comparison, Result
from modelmonitor_cli.compare.effects import weight

Finding = Literal["matters", "differs", "same", "untested"]
"""Different by a medium or large effect; different by less; no difference found; no test done."""

_SHOWN = 3


def finding(column: ColumnComparison) -> Finding:
    """What the column's tests came to."""
    if column.differs is None:
        return "untested"
    return _finding(column) if column.differs else "same"


def ranked(comparison: Comparison) -> tuple[ColumnComparison, ...]:
    """What matters first, by values and then by missing ones; large effects before small ones."""
    return tuple(sorted(comparison.columns, key=_rank))


def sentence(comparison: Comparison) -> str:
    """How many columns differ, and which of them by an effect that is worth a look."""
    return "; ".join(clauses(comparison))


def clauses(comparison: Comparison) -> tuple[str, ...]:
    """The sentence in its parts, the first of which can stand alone."""
    columns = ranked(comparison)
    tested = [column for column in columns if finding(column) != "untested"]
    differing = [column for column in tested if column.differs]
    untested = len(columns) - len(tested) if tested else 0
    missing = [column for column in columns if column.missing_differs]
    return (
        _how_many(differing, len(tested), " in values" if missing else ""),
        *_named("by a medium or large effect", _mattering(differing)),
        *_named("other shares of missing values", missing),
        *((f"{untested} could not be tested",) if untested else ()),
    )


def p_text(p: float | None) -> str:
    """Two significant digits; the smallest are not called zero.

    >>> p_text(0.04312), p_text(0.0), p_text(None)
    ('0.043', '<1e-300', '')
    """
    if p is None:
        return ""
    return "<1e-300" if p < 1e-300 else f"{p:.2g}"


def rows_text(rows: int) -> str:
    """How many rows, in words.

    >>> rows_text(1), rows_text(2000)
    ('1 row', '2,000 rows')
    """
    return "1 row" if rows == 1 else f"{rows:,} rows"


def value_text(value: float) -> str:
    """An effect in three decimals, without a sign before nothing.

    >>> value_text(-0.3111), value_text(-0.00004)
    ('-0.311', '0.000')
    """
    return f"{round(value, 3) + 0.0:.3f}"


def _finding(column: ColumnComparison) -> Finding:
    return "matters" if any(_matters(result) for result in column.results) else "differs"


def _matters(result: Result) -> bool:
    effect = result.effect
    return bool(result.differs) and effect is not None and effect.size in ("medium", "large")


def _rank(column: ColumnComparison) -> tuple[bool, bool, int, float]:
    order: list[Finding] = ["matters", "differs", "same", "untested"]
    found = finding(column)
    largest = max(weight(result.effect) for result in column.results)
    return (found != "matters", not column.missing_differs, order.index(found), -largest)


def _how_many(differing: Sequence[ColumnComparison], tested: int, where: str) -> str:
    if not tested:
        return "nothing could be tested"
    columns = "1 column" if tested == 1 else f"{tested:,} columns"
    if not differing:
        return f"none of {columns} differs{where}"
    verb = "differs" if len(differing) == 1 else "differ"
    told = f"{len(differing):,} of {columns} {verb}{where}"
    return told if _mattering(differing) else f"{told}, none by more than a small effect"


def _mattering(columns: Sequence[ColumnComparison]) -> list[ColumnComparison]:
    return [column for column in columns if finding(column) == "matters"]


def _named(words: str, columns: Sequence[ColumnComparison]) -> tuple[str, ...]:
    names = [column.name for column in columns]
    if not names:
        return ()
    shown = ", ".join(names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return (f"{words}: {shown}{more}",)
