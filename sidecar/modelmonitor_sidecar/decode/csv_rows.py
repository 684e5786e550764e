"""CSV as RFC 4180 has it: quoted fields, commas and line ends within them, empty = missing.

Fields stay text; whether a text is a number is for who knows the column.
"""

import csv
import io
from typing import Any, Final

from modelmonitor_sidecar.decode.message import media_type
from modelmonitor_sidecar.decode.rows import MAX_ROWS, Reason, Rows, Undecodable

TYPES: Final = frozenset({"text/csv", "application/csv"})
MAX_FIELDS: Final = 1 << 19
"""In one body: each field takes 60 bytes in memory and 2 in a body."""


def is_csv(content_type: str) -> bool:
    """Whether the head says that the body is CSV."""
    return media_type(content_type).name in TYPES


def without_header(lines: list[list[str]]) -> Rows:
    """One positional row a line."""
    return Rows(None, list[list[Any]](lines), texts=True)


def under_header(lines: list[list[str]]) -> Rows:
    """One row a line after the first, which names the columns."""
    if not lines:
        raise Undecodable(Reason.EMPTY_BODY)
    return Rows(tuple(lines[0]), list[list[Any]](lines[1:]), texts=True)


def csv_lines(body: bytes) -> list[list[str]]:
    """The fields of every line that is not blank."""
    if max(body.count(b"\n"), body.count(b"\r")) > MAX_ROWS:
        raise Undecodable(Reason.TOO_MANY_ROWS)
    if body.count(b",") > MAX_FIELDS:
        raise Undecodable(Reason.TOO_LARGE)
    text = body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    try:
        # newline="": line ends within quotes stay as they are
        return [fields for fields in csv.reader(io.StringIO(text, newline="")) if fields]
    except csv.Error:
        raise Undecodable(Reason.NOT_CSV) from None


def seems_header(lines: list[list[str]]) -> bool:
    """Whether the first line names columns: texts, all different, above a line with a number."""
    if len(lines) < 2:
        return False
    first = lines[0]
    if len(set(first)) != len(first) or any(not name or is_number(name) for name in first):
        return False
    return any(is_number(field) for field in lines[1])


def is_number(text: str) -> bool:
    """Whether a field is a number as Python writes them."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def value_of(field: str) -> float | str | None:
    """An answer's field: a number where it reads as one, None where it is empty."""
    try:
        return float(field) if field else None
    except ValueError:
        return field
