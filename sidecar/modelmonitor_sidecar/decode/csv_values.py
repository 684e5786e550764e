"""CSV fields become values, by what their columns are known to hold.

`007` is a number to a numeric column and a text to a categorical one, so the fields stay texts
until somebody who knows the columns asks.
"""

from collections.abc import Set as AbstractSet
from typing import Any

from modelmonitor_sidecar.decode.csv_rows import value_of
from modelmonitor_sidecar.decode.rows import Rows


def values_of(
    rows: Rows, columns: tuple[str, ...], text_columns: AbstractSet[str]
) -> list[list[Any]]:
    """The rows of a table of texts as values, each row as wide as it came.

    An empty field is None; outside `text_columns` a field that reads as a number is one.
    `columns` are the names by place where the table has none.
    """
    names = rows.names or columns
    texts = tuple(name in text_columns for name in names)
    return [_values(row, texts) for row in rows.values]


def _values(row: list[str], texts: tuple[bool, ...]) -> list[Any]:
    if len(row) != len(texts):  # of a wrong width, or of unknown columns
        return [value_of(field) for field in row]
    return [
        (field or None) if is_text else value_of(field)
        for field, is_text in zip(row, texts, strict=True)
    ]
