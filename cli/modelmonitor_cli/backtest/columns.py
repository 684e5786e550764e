"""A column of a block as the collector would read it: numbers or cells, and what is neither.

Texts are read as numbers only where the file knows no types (CSV), as in live traffic.  Values of a
type that the feature cannot have are invalid, every one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from modelmonitor_api.spec import Kind
from modelmonitor_cli.baseline.values import (
    Column,
    Floats,
    Integers,
    is_missing_word,
    is_number_type,
    is_text_type,
    lengths_of,
    measured_of,
    numbers_of,
    texts_of,
)
from modelmonitor_sidecar.stats.categories import CategoryCells
from modelmonitor_sidecar.stats.words import TextMeasure

Mask = NDArray[np.bool_]
NO_CELL = -1


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """Numbers, NaN where there is none; `invalid`: which of those are not just missing."""

    values: Floats
    invalid: Mask | None = None


@dataclass(frozen=True, slots=True)
class CategoryColumn:
    """Cells of a feature, NO_CELL where there is none; None as a mask: nowhere."""

    cells: Integers
    invalid: Mask | None = None
    out_of_range: Mask | None = None


def number_column(column: Column, kind: Kind, *, all_text: bool) -> NumberColumn:
    """The numbers of a numeric or discrete feature, or the lengths of a text."""
    if pa.types.is_null(column.type) or not _fits(kind, column.type, all_text):
        return NumberColumn(np.full(len(column), np.nan), _present(column))
    found = lengths_of(column) if kind == "text" else numbers_of(column)
    if not found.invalid:
        return NumberColumn(found.values)
    missing = _missing(column)
    if is_text_type(column.type) and kind != "text":
        missing |= _mask(is_missing_word(column.cast(pa.string()).fill_null("")))
    return NumberColumn(found.values, np.isnan(found.values) & ~missing)


def measured_column(column: Column, measure: TextMeasure) -> NumberColumn:
    """What is measured of the texts of a column."""
    if not is_text_type(column.type):
        return NumberColumn(np.full(len(column), np.nan), _present(column))
    return number_column(measured_of(column, measure), "numeric", all_text=False)


def category_column(column: Column, cells: CategoryCells) -> CategoryColumn:
    """The cells of a categorical or boolean feature."""
    if pa.types.is_null(column.type) or not _plain(column.type):
        return CategoryColumn(np.full(len(column), NO_CELL), _present(column))
    found = texts_of(column)
    tallies = [cells.tally([text]) for text in found.distinct]
    places = [next(iter(tally.cells)) for tally in tallies]
    flags = [tally.out_of_range > 0 for tally in tallies]
    return CategoryColumn(
        np.array([*places, NO_CELL], dtype=np.int64)[found.codes],
        (found.codes < 0) & ~_missing(column) if found.invalid else None,
        np.array([*flags, False])[found.codes] if any(flags) else None,
    )


def _fits(kind: Kind, type_: pa.DataType, all_text: bool) -> bool:
    if kind == "text":
        return is_text_type(type_)
    return is_number_type(type_) or pa.types.is_boolean(type_) or all_text


def _plain(type_: pa.DataType) -> bool:
    return is_text_type(type_) or is_number_type(type_) or bool(pa.types.is_boolean(type_))


def _present(column: Column) -> Mask:
    return ~_missing(column)


def _missing(column: Column) -> Mask:
    return _mask(pc.is_null(column, nan_is_null=True))


def _mask(column: Any) -> Mask:
    return np.array(column.to_numpy(zero_copy_only=False), dtype=np.bool_)
