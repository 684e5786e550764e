"""Parsed JSON becomes a table: rows as values, lists or objects; columns by name.

What a batch is made of is judged by its first row; rows of another make stay in the table, to be
counted as missing or invalid.  It refuses to know which protocol the values came by.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from modelmonitor_sidecar.decode.paths import ABSENT, Path, located
from modelmonitor_sidecar.decode.rows import (
    MAX_BODY_BYTES,
    MAX_ROWS,
    Reason,
    Records,
    Rows,
    Table,
    Undecodable,
)

MAX_UNWRAPPED: Final = 4
MAX_SPREAD: Final = MAX_BODY_BYTES // 2
"""Values of a matrix among columns: each takes two bytes of a body, unless rows are cut short."""


Features = tuple[tuple[str, Path], ...]


def table_of_rows(batch: Any, features: Features = ()) -> Table:
    """One row for each element of the list `batch`: a value, a list of values or an object.

    `features` are the paths within a row at which the resource finds them.
    """
    if type(batch) is not list:
        raise Undecodable(Reason.SHAPE_UNKNOWN)
    if not batch:
        return Rows(None, batch)
    if len(batch) > MAX_ROWS:
        raise Undecodable(Reason.TOO_MANY_ROWS)
    if features:
        return Records([_at_paths(row, features) for row in batch])
    first = batch[0]
    if type(first) is list:
        alone_and_flat = len(batch) == 1 and len(first) > 1  # by far the most frequent
        return Rows(None, batch if alone_and_flat else _positional(batch))
    if type(first) is dict:
        return _records(batch)
    return Rows(None, [row if type(row) is list else [row] for row in batch])


def table_of_columns(columns: Mapping[str, Any]) -> Table:
    """Columns of equal length by name; a lone matrix is positional, its name is the tensor's."""
    if not columns or not all(type(column) is list for column in columns.values()):
        return Records([dict(columns)])
    if len(columns) == 1:
        ((name, column),) = columns.items()
        table = table_of_rows(column)
        if isinstance(table, Rows) and not is_matrix(column):
            return Rows((name,), table.values)
        return table
    return table_of_named(tuple(columns), tuple(columns.values()))


def table_of_named(names: tuple[str, ...], columns: Sequence[list[Any]]) -> Rows:
    """Rows across `columns`; a column of lists becomes one column for each place, `name[0]`..."""
    rows = len(columns[0])
    if rows > MAX_ROWS:
        raise Undecodable(Reason.TOO_MANY_ROWS)
    if any(len(column) != rows for column in columns):
        raise Undecodable(Reason.ROW_COUNTS_DIFFER)
    if any(column and type(column[0]) is list for column in columns):
        names, columns = _spread(names, columns)
    return Rows(names, [list(row) for row in zip(*columns, strict=True)])


def is_matrix(column: list[Any]) -> bool:
    """Whether the cells are lists of several values, judged by the first."""
    return bool(column) and type(column[0]) is list and len(column[0]) != 1


def column_names(names: list[Any]) -> tuple[str, ...]:
    """Column names are texts; numbers become texts, the levels of an index are joined by dots."""
    if set(map(type, names)) == {str}:
        return tuple(names)
    return tuple(name if type(name) is str else _name(name) for name in names)


def _name(name: Any) -> str:
    if type(name) is list:
        return ".".join(level if type(level) is str else _name_of_value(level) for level in name)
    return _name_of_value(name)


def _name_of_value(value: Any) -> str:
    """Not of lists and objects: nobody names a column so, and `str` of deep ones fails."""
    return "" if type(value) in (list, dict) else str(value)


def _at_paths(row: Any, features: Features) -> dict[str, Any]:
    """The row's own names (if it has any) and the features' at their paths."""
    found = dict(row) if type(row) is dict else {}
    for name, path in features:
        value = located(row, path)
        if value is not ABSENT:
            found[name] = value
    return found


def _positional(batch: list[Any]) -> list[list[Any]]:
    first = batch[0]
    if len(first) == 1 and type(first[0]) is list:  # shape [n, 1, k]
        return [
            row[0]
            if type(row) is list and len(row) == 1 and type(row[0]) is list
            else _as_list(row)
            for row in batch
        ]
    if len(batch) == 1 or set(map(type, batch)) == {list}:
        return batch
    return [_as_list(row) for row in batch]


def _as_list(row: Any) -> list[Any]:
    return row if type(row) is list else [row]


def _records(batch: list[Any]) -> Table:
    if len(batch) > 1 and set(map(type, batch)) != {dict}:
        batch = [row if type(row) is dict else {} for row in batch]
    first: dict[str, Any] = batch[0]
    if len(first) == 1:
        return _single_valued(batch)
    if any(type(value) is list for value in first.values()):
        return Records([{name: alone(value) for name, value in row.items()} for row in batch])
    return Records(batch)


def _single_valued(batch: list[dict[str, Any]]) -> Table:
    """Objects of one key: its value is the row where it is a list or an object itself."""
    for _ in range(MAX_UNWRAPPED):
        ((key, value),) = batch[0].items()
        if type(value) is list and len(value) != 1:
            return Rows(None, [_as_list(row.get(key)) for row in batch])
        if type(value) is not dict:
            break
        batch = [inner if type(inner := row.get(key)) is dict else {} for row in batch]
        if len(value) != 1:
            break
    return Records([{name: alone(value) for name, value in row.items()} for row in batch])


def alone(value: Any) -> Any:
    """The value in a list of one; all else as it is."""
    return value[0] if type(value) is list and len(value) == 1 else value


def _spread(
    names: tuple[str, ...], columns: Sequence[list[Any]]
) -> tuple[tuple[str, ...], list[list[Any]]]:
    wide_names: list[str] = []
    wide_columns: list[list[Any]] = []
    for name, column in zip(names, columns, strict=True):
        if not is_matrix(column):
            wide_names.append(name)
            wide_columns.append([alone(cell) for cell in column])
            continue
        if len(column) * len(column[0]) > MAX_SPREAD:
            raise Undecodable(Reason.TOO_LARGE)
        for place in range(len(column[0])):
            wide_names.append(f"{name}[{place}]")
            wide_columns.append([_at(cell, place) for cell in column])
    return tuple(wide_names), wide_columns


def _at(cell: Any, place: int) -> Any:
    return cell[place] if type(cell) is list and place < len(cell) else None
