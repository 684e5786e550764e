"""An answer's JSON becomes a table with one row for each row of the request.

It refuses to know which output is the prediction (`answers.py` does), and never guesses which rows
belong together: other counts than the request's are refused.
"""

from typing import Any, Final

from modelmonitor_sidecar.decode.rows import Reason, Records, Rows, Table, Undecodable

_SCALARS: Final = frozenset({float, int, str, bool})


def answer_table(value: Any, count: int) -> Table:
    """`value` is a list with an element a row, or an object of such lists by output name."""
    if type(value) is not list:
        return _by_output(value, count)
    if len(value) != count:
        raise Undecodable(Reason.ROW_COUNTS_DIFFER)
    if count == 1 and type(value[0]) in _SCALARS:  # by far the most frequent
        return Rows(None, [value])
    return _by_row(value)


def checked(table: Table, count: int) -> Table:
    """`table`, if it has `count` rows."""
    if table.count != count:
        raise Undecodable(Reason.ROW_COUNTS_DIFFER)
    return table


def paired(value: Any, count: int) -> list[Any]:
    """One element a row: `value` itself, or for a single row whatever it is."""
    if type(value) is list and len(value) == count:
        return value
    if count == 1:
        return [value]
    raise Undecodable(Reason.ROW_COUNTS_DIFFER)


def _by_row(rows: list[Any]) -> Table:
    if not rows:
        return Rows(None, rows)
    first = type(rows[0])
    if first is dict:
        return Records([row if type(row) is dict else {} for row in rows])
    if first is list and (len(rows) == 1 or set(map(type, rows)) == {list}):
        return Rows(None, rows)
    return Rows(None, [row if type(row) is list else [row] for row in rows])


def _by_output(outputs: Any, count: int) -> Rows:
    if type(outputs) is not dict:
        raise Undecodable(Reason.SHAPE_UNKNOWN)
    if not outputs:
        raise Undecodable(Reason.ROW_COUNTS_DIFFER)
    columns = [paired(column, count) for column in outputs.values()]
    return Rows(tuple(outputs), [list(row) for row in zip(*columns, strict=True)])
