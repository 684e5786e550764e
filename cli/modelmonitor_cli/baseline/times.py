"""The time column: microseconds since 1970 in UTC, from timestamps, ISO 8601 texts or epochs."""

from datetime import UTC, datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from modelmonitor_api.errors import InputError
from modelmonitor_cli.baseline.values import (
    Column,
    Integers,
    is_number_type,
    is_time_type,
    numbers_of,
)

_EPOCH_UNITS: Final = ((1e17, 1e-3), (1e14, 1.0), (1e11, 1e3), (0.0, 1e6))
"""A number from so much on counts nanoseconds, microseconds, milliseconds, seconds."""


def times_of(column: Column, where: str, first_row: int) -> Integers:
    """The column's times; InputError names the row that has none."""
    if is_time_type(column.type) and not pa.types.is_time(column.type):
        times = column.cast(pa.timestamp("us"), safe=False).cast(pa.int64())
    elif is_number_type(column.type):
        times = _from_epochs(numbers_of(column).values)
    else:
        times = _from_texts(column.cast(pa.string()))
    if times.null_count:
        row = pc.index(pc.is_null(times), True).as_py()
        raise InputError(
            where,
            f"row {first_row + row + 1} has {column[row].as_py()!r}, which is no time; "
            "write ISO 8601, e.g. 2026-01-31T12:00:00Z, or leave --time out",
        )
    return np.asarray(times.to_numpy(zero_copy_only=False), dtype=np.int64)


def _from_texts(texts: Column) -> Column:
    """Whole columns alike are read at once, mixed ones text by text."""
    for kind in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
        try:
            return pc.cast(texts, kind).cast(pa.int64())
        except pa.ArrowInvalid:
            continue
    if pc.all(pc.match_substring_regex(texts, r"^\d+(\.\d+)?$")).as_py():
        return _from_epochs(numbers_of(texts).values)
    encoded = texts.dictionary_encode()
    read = [_microseconds(text) for text in encoded.dictionary.to_pylist()]
    return pa.array(read, pa.int64()).take(encoded.indices)


def _microseconds(text: str) -> int | None:
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1e6)


def _from_epochs(values: NDArray[np.float64]) -> Column:
    largest = float(np.nanmax(np.abs(values), initial=0.0))
    scale = next(scale for least, scale in _EPOCH_UNITS if largest >= least)
    known = np.isfinite(values)
    times = np.where(known, values, 0.0) * scale
    return pa.array(np.rint(times).astype(np.int64), mask=~known)
