"""Rows wait here until there are enough to count at once.

Appending costs about a microsecond a request; counting 1,024 rows at once costs a tenth of counting
them one by one.  Rows keep the order in which they came.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .tables import Records, Table, Values, from_array, from_records

Outputs = Sequence[Any] | NDArray[Any]
Names = tuple[str, ...] | None

_NOT_READ: Final = object()
"""Stands for the output of a row whose answer could not be read; not even missing."""


@dataclass(slots=True)
class Piece:
    """Consecutive rows of one shape, with the outputs that could be read of them."""

    table: Table
    predictions: list[Any]
    scores: list[Any]


@dataclass(frozen=True, slots=True)
class _ArrayShape:
    names: Names
    width: tuple[int, ...]
    dtype: Any


class _Outputs:
    """One output of consecutive rows; rows whose answer could not be read are in their places."""

    __slots__ = ("_lost", "_values")

    def __init__(self) -> None:
        self._values: list[Any] = []
        self._lost = 0

    def extend(self, outputs: Outputs | None, count: int) -> None:
        """Append the outputs of `count` rows; None, or another number of them: not readable."""
        if outputs is None or len(outputs) != count:
            self._values.extend(repeat(_NOT_READ, count))
            self._lost += count
        else:
            self._values.extend(outputs.tolist() if isinstance(outputs, np.ndarray) else outputs)

    def read(self, start: int, end: int) -> list[Any]:
        """Those of some rows that could be read; mostly all or none, which is quick to see."""
        if self._lost == len(self._values):
            return []
        some = self._values[start:end]
        return [value for value in some if value is not _NOT_READ] if self._lost else some


class _Segment:
    """Rows of one shape in a row: `shape` is what they share."""

    __slots__ = ("predictions", "scores", "shape", "values")

    def __init__(self, shape: Any) -> None:
        self.shape = shape
        self.values: list[Any] = []
        self.predictions, self.scores = _Outputs(), _Outputs()

    def close(self) -> Any:
        """All rows as one sequence; arrays arrived whole and are joined only here."""
        if not isinstance(self.shape, _ArrayShape):
            return self.values
        return self.values[0] if len(self.values) == 1 else np.concatenate(self.values)

    def piece(self, rows: Any, start: int, end: int) -> Piece:
        """Some of the closed rows, with their outputs."""
        predictions, scores = self.predictions.read(start, end), self.scores.read(start, end)
        return Piece(self._table(rows[start:end]), predictions, scores)

    def _table(self, rows: Any) -> Table:
        if self.shape is dict:
            return from_records(rows)
        if isinstance(self.shape, _ArrayShape):
            return from_array(self.shape.names, rows)
        return Table(self.shape, rows)


class RowBuffer:
    """Rows not yet counted, in order.

    `rows` is how many; who adds decides when to count them.
    """

    def __init__(self) -> None:
        self._segments: list[_Segment] = []
        self._shape: Any = _NOT_READ
        self.rows = 0

    def add_rows(
        self, names: Names, values: Values, predictions: Outputs | None, scores: Outputs | None
    ) -> None:
        """Append rows of values under names (None: the baseline's columns in their order)."""
        if isinstance(values, np.ndarray):
            shape = _ArrayShape(names, values.shape[1:], values.dtype)
            self._append(shape, (values,), len(values), predictions, scores)
        else:
            self._append(names, values, len(values), predictions, scores)

    def add_records(
        self, rows: Records, predictions: Outputs | None, scores: Outputs | None
    ) -> None:
        """Append rows of names and values."""
        self._append(dict, rows, len(rows), predictions, scores)

    def pieces(self, first: int, most: int) -> Iterator[Piece]:
        """Empty the buffer: all rows in order, in pieces of at most `most`, the first of `first`.

        Cutting by rows is exact: only the last piece, and those where the shape changes, are
        shorter, and then the next one makes up for it.
        """
        segments, self._segments, self._shape, self.rows = self._segments, [], _NOT_READ, 0
        room = first
        for segment in segments:
            start, rows = 0, segment.close()
            while start < len(rows):
                end = min(start + room, len(rows))
                yield segment.piece(rows, start, end)
                room = room - (end - start) or most
                start = end

    def _append(self, shape: Any, values: Any, count: int, predictions: Any, scores: Any) -> None:
        if shape != self._shape:
            self._segments.append(_Segment(shape))
            self._shape = shape
        segment = self._segments[-1]
        segment.values.extend(values)
        segment.predictions.extend(predictions, count)
        segment.scores.extend(scores, count)
        self.rows += count
