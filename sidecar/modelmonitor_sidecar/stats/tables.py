"""Rows as they were decoded, on their way to the counters: three shapes, made one.

It refuses to know features; it only brings rows of one width to their columns' names.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Records = list[dict[str, Any]]
Values = list[list[Any]] | NDArray[Any]

MOST_COLUMNS: Final = 4096
"""Names taken from records that differ; further ones are only counted."""


@dataclass(slots=True)
class Table:
    """Rows under names (None: the baseline's columns in order), still of any width.

    Where records differ, `present` says how many rows have each name, and `records` are they; None
    where all have all.
    """

    names: tuple[str, ...] | None
    values: Sequence[Sequence[Any]] | NDArray[Any]
    present: Mapping[str, int] | None = None
    records: Records | None = None


def from_records(records: Records) -> Table:
    """Records as rows; a name that a record lacks is None in its row."""
    names = tuple(records[0])
    if names and set(map(len, records)) == {len(names)}:
        try:
            return Table(names, _taken(records, names))
        except KeyError:
            pass
    present = Counter(chain.from_iterable(records))
    names = tuple(present)[:MOST_COLUMNS]
    values = [[record.get(name) for name in names] for record in records]
    return Table(names, values, present, records)


def from_array(names: tuple[str, ...] | None, values: NDArray[Any]) -> Table:
    """A 2-d array; what numpy does not hold as numbers becomes plain values again."""
    if values.ndim != 2:
        values = values.reshape(len(values), -1)
    if values.dtype.kind not in "fiub":
        return Table(names, values.tolist())
    return Table(names, values)


def first_values(values: Sequence[Sequence[Any]] | NDArray[Any], width: int) -> list[Any]:
    """A value of each column that is not None, if there is one."""
    if isinstance(values, np.ndarray):
        return [0.0] * width
    rows = [row for row in values if len(row) == width]
    return [next((row[c] for row in rows if row[c] is not None), None) for c in range(width)]


def _taken(records: Records, names: tuple[str, ...]) -> list[Sequence[Any]]:
    if len(names) == 1:
        return [(record[names[0]],) for record in records]
    return list(map(itemgetter(*names), records))
