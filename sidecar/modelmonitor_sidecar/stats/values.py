"""A column of decoded values as numbers, with an exact account of those that are none.

Missing: None, NaN.  Invalid, with a reason: infinities and whole numbers too large for a float
(`infinite`), texts (`string`), anything else (`type`).  True and False are 1 and 0, as in numpy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .categories import Problem

Floats = NDArray[np.float64]

_NUMBERS = frozenset((float, int, bool, type(None)))


@dataclass(slots=True)
class Numbers:
    """A column as floats; NaN where there is no finite number, told apart by the two counts."""

    values: Floats
    missing: int = 0
    invalid: dict[Problem, int] = field(default_factory=dict)


def matrix(rows: Sequence[Sequence[object]]) -> Floats | None:
    """All rows as one [rows, columns] array if every value is a plain number; else None.

    The fast way for most traffic: 20 ns a value, against 100 ns where columns are cleaned singly.
    """
    try:
        values = np.array(rows)
    except (ValueError, OverflowError):  # ragged or nested
        return None
    if values.ndim != 2 or values.dtype.kind not in "fiub":
        return None
    return values.astype(np.float64, copy=False)


def numbers(column: Sequence[object]) -> Numbers:
    """One column, value by value where it must be."""
    if _NUMBERS.issuperset(map(type, column)):
        try:
            return from_array(np.array(column, dtype=np.float64))
        except OverflowError:  # a whole number beyond the largest float
            pass
    return _one_by_one(column)


def text_lengths(column: Sequence[object]) -> Numbers:
    """Lengths in characters; what is neither text nor missing is of a wrong type."""
    return numbers([_length(value) for value in column])


def from_array(values: Floats) -> Numbers:
    """A column that is an array of floats already."""
    if np.isfinite(values.sum()):
        return Numbers(values)
    missing, finite = int(np.isnan(values).sum()), np.isfinite(values)
    infinite = len(values) - int(finite.sum()) - missing
    invalid = {Problem.INFINITE: infinite} if infinite else {}
    return Numbers(np.where(finite, values, np.nan), missing, invalid)


def _one_by_one(column: Sequence[object]) -> Numbers:
    found = Numbers(np.full(len(column), np.nan))
    for place, value in enumerate(column):
        number = _number(value)
        if not isinstance(number, Problem):
            found.values[place] = number
        elif number is Problem.MISSING:
            found.missing += 1
        else:
            found.invalid[number] = found.invalid.get(number, 0) + 1
    return found


def _number(value: object) -> float | Problem:
    if isinstance(value, str):
        return Problem.STRING
    if value is None:
        return Problem.MISSING
    if not isinstance(value, int | float):
        return Problem.TYPE
    try:
        number = float(value)
    except OverflowError:
        return Problem.INFINITE
    if np.isfinite(number):
        return number
    return Problem.MISSING if np.isnan(number) else Problem.INFINITE


def _length(value: object) -> object:
    """The length of a text; None stays missing, the rest becomes what `numbers` calls a type."""
    if isinstance(value, str):
        return len(value)
    missing = value is None or (isinstance(value, float) and np.isnan(value))
    return None if missing else ()
