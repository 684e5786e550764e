"""Turns a column of a table into numbers, lengths, texts or times, and tells what could not be.

Missing: null, NaN, the empty field of a CSV, and in columns of numbers the words in MISSING_WORDS.
Invalid: an infinity, and a text where a number is asked for.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from modelmonitor_api.baseline import boolean_text
from modelmonitor_sidecar.stats.categories import canonical
from modelmonitor_sidecar.stats.words import TextMeasure

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Column = Any
"""An array of pyarrow; its stubs follow neither casts nor computations."""

MISSING_WORDS: Final = ("na", "n/a", "nan", "null", "none", "nil", "#n/a", "-", "?", "")
"""What people and tools write for nothing, in any case; in a column of texts they are texts."""

_NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(?i:inf|infinity|nan)$"


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column as numbers; NaN where there is none."""

    values: Floats
    missing: int
    words: int
    infinite: int

    @property
    def invalid(self) -> int:
        """Rows that have something else."""
        return self.words + self.infinite

    @property
    def counted(self) -> int:
        """The rows that have a number."""
        return len(self.values) - self.missing - self.invalid


@dataclass(frozen=True, slots=True)
class Texts:
    """A column as codes of `distinct` texts; -1 where there is none."""

    codes: Integers
    distinct: tuple[str, ...]
    missing: int
    invalid: int


def is_number_type(kind: pa.DataType) -> bool:
    """Integers, floats and decimals."""
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def is_text_type(kind: pa.DataType) -> bool:
    """Texts of any width."""
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def is_time_type(kind: pa.DataType) -> bool:
    """Dates, times of day, timestamps, durations."""
    return bool(pa.types.is_temporal(kind))


def numbers_of(column: Column) -> Numbers:
    """The column's numbers; texts are read as numbers where they are written as such."""
    if is_text_type(column.type):
        read, words = _read_numbers(column)
    else:
        read, words = column.cast(pa.float64(), safe=False), 0
    values = read.to_numpy(zero_copy_only=False).astype(np.float64, copy=False)
    return _without_infinities(values, words)


def lengths_of(column: Column) -> Numbers:
    """The lengths of the column's texts, in characters."""
    lengths = pc.utf8_length(column.cast(pa.string())).cast(pa.float64())
    return _without_infinities(lengths.to_numpy(zero_copy_only=False), 0)


def strings_of(column: Column) -> list[str | None]:
    """The column's values as texts, None where there is none."""
    strings: list[str | None] = column.cast(pa.string()).to_pylist()
    return strings


def measured_of(column: Column, measure: TextMeasure) -> Column:
    """A number of each text; equal texts are measured once."""
    encoded = column.cast(pa.string()).dictionary_encode()
    measured = map(measure, encoded.dictionary.to_pylist())
    return pa.array(measured, pa.float64()).take(encoded.indices)


def texts_of(column: Column) -> Texts:
    """The column's values as texts of categories."""
    codes, distinct = _encoded(column)
    return _joined(codes, [_category(value) for value in distinct])


def booleans_of(column: Column) -> Texts:
    """The column's values as "true" and "false"; invalid where they are neither."""
    codes, distinct = _encoded(column)
    return _joined(codes, [boolean_text(value) for value in distinct])


def looks_like_number(texts: Column) -> Any:
    """For each text, whether it is written as a number."""
    return pc.match_substring_regex(pc.utf8_trim_whitespace(texts), _NUMBER)


def is_missing_word(texts: Column) -> Any:
    """For each text, whether it is a word for nothing."""
    words = pa.array(MISSING_WORDS, pa.string())
    return pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(texts)), value_set=words)


def _read_numbers(column: Column) -> tuple[Column, int]:
    """The numbers, null where there are none, and how many texts are neither number nor nothing."""
    try:
        return pc.cast(column, pa.float64()), 0
    except pa.ArrowInvalid:
        encoded = column.cast(pa.string()).dictionary_encode()
    texts = pc.utf8_trim_whitespace(encoded.dictionary)
    good = looks_like_number(texts)
    numbers: Column = pc.cast(pc.if_else(good, texts, None), pa.float64())
    unreadable = pc.and_not(pc.invert(good), is_missing_word(texts))
    words = pc.sum(unreadable.take(encoded.indices)).as_py() or 0
    return numbers.take(encoded.indices), int(words)


def _without_infinities(values: Floats, words: int) -> Numbers:
    """`words` of the NaN in `values` are invalid texts."""
    empty = int(np.count_nonzero(np.isnan(values)))
    infinite = 0
    if not np.isfinite(values).all():
        endless = np.isinf(values)
        infinite = int(np.count_nonzero(endless))
        values = np.where(endless, np.nan, values)
    return Numbers(values, missing=empty - words, words=words, infinite=infinite)


def _category(value: object) -> str | None:
    text = canonical(value)
    return text if isinstance(text, str) else None


def _encoded(column: Column) -> tuple[Integers, list[Any]]:
    """Codes of distinct values, -1 for null and NaN."""
    encoded = column.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    distinct = encoded.dictionary.to_pylist()
    nothing = [code for code, value in enumerate(distinct) if value is None or value != value]
    if nothing:
        codes[np.isin(codes, nothing)] = -1
    return codes, distinct


def _joined(codes: Integers, texts: list[str | None]) -> Texts:
    """Codes of the distinct texts, where several values may have one text, and some none."""
    missing = int(np.count_nonzero(codes < 0))
    places: dict[str, int] = {}
    place = [-1 if text is None else places.setdefault(text, len(places)) for text in texts]
    if place != list(range(len(texts))):
        codes = np.array([*place, -1], dtype=np.int64)[codes]
    invalid = int(np.count_nonzero(codes < 0)) - missing
    return Texts(codes, tuple(places), missing, invalid)
