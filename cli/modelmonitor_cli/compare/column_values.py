"""The values of one column in every table, as numbers that tests can take.

Numbers are themselves, a text is its length in characters, a category is its place among `labels`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from modelmonitor_api.spec import Kind
from modelmonitor_cli.baseline.sample import ValueSample
from modelmonitor_cli.baseline.sources import one_column
from modelmonitor_cli.baseline.values import (
    Column,
    Floats,
    Texts,
    booleans_of,
    lengths_of,
    numbers_of,
    texts_of,
)

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TableValues:
    """One table's column: all rows, those missing and invalid, and the sampled values (no NaN)."""

    rows: int
    missing: int
    invalid: int
    values: Floats


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column in every table; `labels` only where values are places in it."""

    name: str
    kind: Kind
    tables: tuple[TableValues, ...]
    labels: tuple[str, ...] = ()


@dataclass(slots=True)
class ColumnReader:
    """Collects a column table by table; categories have the same place in all of them."""

    name: str
    kind: Kind
    places: dict[str, int] = field(default_factory=dict)
    tables: list["TableReader"] = field(default_factory=list)

    def next_table(self) -> "TableReader":
        """Where the next table's blocks go."""
        self.tables.append(TableReader(self.name, self.kind, self.places))
        return self.tables[-1]

    def column(self) -> ReadColumn:
        """What was read."""
        tables = tuple(table.table_values() for table in self.tables)
        return ReadColumn(self.name, self.kind, tables, tuple(self.places))


class TableReader:
    """Collects one column of one table block by block."""

    def __init__(self, name: str, kind: Kind, places: dict[str, int]) -> None:
        self._name, self._kind, self._places = name, kind, places
        self._rows = self._missing = self._invalid = 0
        self._sample = ValueSample()

    def add(self, block: pa.Table, kept: Mask) -> None:
        """See one block, of which the rows `kept` are sampled."""
        column = one_column(block, self._name)
        if self._kind in _TEXTS:
            self._add_texts(_TEXTS[self._kind](column), kept)
        else:
            self._add_numbers(column, kept)
        self._rows += block.num_rows

    def thin(self, kept: Mask) -> None:
        """Keep only these of the sampled rows."""
        self._sample.thin(kept)

    def table_values(self) -> TableValues:
        """What was read; nothing can be added after it."""
        return TableValues(self._rows, self._missing, self._invalid, self._sample.known())

    def _add_numbers(self, column: Column, kept: Mask) -> None:
        numbers = lengths_of(column) if self._kind == "text" else numbers_of(column)
        self._missing += numbers.missing
        self._invalid += numbers.invalid
        self._sample.add(numbers.values, kept)

    def _add_texts(self, texts: Texts, kept: Mask) -> None:
        """Only texts of sampled rows get a place, so that their number is bounded."""
        self._missing += texts.missing
        self._invalid += texts.invalid
        wanted = np.unique(texts.codes[kept & (texts.codes >= 0)])
        place_of = np.full(len(texts.distinct) + 1, np.nan)  # the last is that of code -1
        for code in wanted.tolist():
            place_of[code] = self._places.setdefault(texts.distinct[code], len(self._places))
        self._sample.add(place_of[texts.codes], kept)


_TEXTS: dict[Kind, Callable[[Column], Texts]] = {
    "categorical": texts_of,
    "boolean": booleans_of,
}
