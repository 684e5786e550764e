"""Which columns of a table make which feature, by the user's options."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from modelmonitor_api.baseline import Derived, Role
from modelmonitor_api.errors import InputError
from modelmonitor_api.spec import Kind
from modelmonitor_cli.baseline.options import BuildOptions
from modelmonitor_cli.baseline.tables import TableFile, check_column
from modelmonitor_cli.baseline.values import (
    Column,
    is_number_type,
    is_text_type,
    is_time_type,
    measured_of,
    numbers_of,
)
from modelmonitor_sidecar.stats.words import TextMeasure, measure_of

SCORE_NAME = "score"
"""Of the one score that several columns of class scores make."""


@dataclass(frozen=True, slots=True)
class Source:
    """A feature to be: its columns (several only for class scores) and what is known beforehand.

    `readable_numbers`: texts of this column may be numbers, as in every CSV.  `derived` and
    `measure`: what is measured of the column's texts, and the function that does it.
    """

    name: str
    role: Role
    columns: tuple[str, ...]
    type: pa.DataType
    readable_numbers: bool
    forced: Kind | None = None
    derived: Derived | None = None
    measure: TextMeasure | None = None

    def column_of(self, block: pa.Table) -> Column:
        """The feature's values in a block."""
        column = joined_column(block, self.columns)
        return column if self.measure is None else measured_of(column, self.measure)

    @property
    def unreadable(self) -> str | None:
        """Why values of this type cannot be watched; None where they can."""
        if is_time_type(self.type):
            return "date or time"
        if pa.types.is_null(self.type):
            return "has no value"
        if is_text_type(self.type) or is_number_type(self.type) or pa.types.is_boolean(self.type):
            return None
        return f"values of type {self.type}"


def joined_column(block: pa.Table, columns: Sequence[str]) -> Column:
    """The column of that name; of several class scores the score.

    Of two class scores the second is the score, of more the largest, as in live answers.
    """
    if len(columns) == 1:
        return one_column(block, columns[0])
    scores = [numbers_of(one_column(block, name)).values for name in columns]
    score = scores[1] if len(scores) == 2 else np.max(scores, axis=0)
    return pa.array(score, pa.float64(), from_pandas=True)


def one_column(block: pa.Table, name: str) -> Column:
    """A column of a block in one piece."""
    column: Column = block.column(name).combine_chunks()
    return column.chunk(0) if isinstance(column, pa.ChunkedArray) else column


def sources(options: BuildOptions, table: TableFile) -> tuple[Source, ...]:
    """Every feature to be, inputs first, in the table's order; InputError for unknown columns."""
    for column, named_by in options.options_by_column().items():
        check_column(column, named_by[0], table)
    for column in options.kinds:
        check_column(column, "--kind", table)
    named = options.options_by_column()
    found = [_source((name,), "input", options, table) for name in table.types if name not in named]
    if options.prediction is not None:
        found.append(_source((options.prediction,), "prediction", options, table))
    if options.scores:
        found.append(_source(options.scores, "score", options, table))
    return tuple(found)


def derived_source(name: str, derived: Derived) -> Source:
    """A number that is measured of the texts of a column."""
    return Source(
        name=name,
        role="input",
        columns=(derived.column,),
        type=pa.float64(),
        readable_numbers=False,
        forced="numeric",
        derived=derived,
        measure=measure_of(derived),
    )


def label_source(options: BuildOptions, table: TableFile) -> Source | None:
    """The truth, which is no feature."""
    if options.label is None:
        return None
    return _source((options.label,), "prediction", options, table)


def request_columns(options: BuildOptions, table: TableFile) -> Sequence[str]:
    """The columns that a request has: all but the answer, the truth and the time."""
    elsewhere = {
        options.prediction,
        options.label,
        options.time,
        *options.scores,
        *options.not_sent,
    }
    return [name for name in table.types if name not in elsewhere]


def _source(
    columns: tuple[str, ...], role: Role, options: BuildOptions, table: TableFile
) -> Source:
    several = len(columns) > 1
    name = SCORE_NAME if several else columns[0]
    if several and SCORE_NAME in table.types and SCORE_NAME not in columns:
        raise InputError(
            "--score", f"several scores become one named {SCORE_NAME!r}; rename that column"
        )
    return Source(
        name=name,
        role=role,
        columns=columns,
        type=pa.float64() if several else table.types[name],
        readable_numbers=table.all_text,
        forced="numeric" if several else _forced(name, role, options),
    )


def _forced(name: str, role: Role, options: BuildOptions) -> Kind | None:
    """A score is a number, whatever its texts look like."""
    kind = options.kinds.get(name)
    return "numeric" if kind is None and role == "score" else kind
