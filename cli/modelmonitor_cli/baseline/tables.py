"""What a table is, whatever file it comes from, and which columns it must and must not have.

It refuses to know what the values mean; every column of a CSV is text here.
"""

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

import pyarrow as pa

from modelmonitor_api.errors import InputError

GATHERED_ROWS: Final = 1 << 15
GATHERED_BYTES: Final = 16 << 20
"""Blocks are gathered up to these, so that a call of numpy has something to do."""

Advance = Callable[[int], None]
"""Told how many bytes of the file were read since the last time."""


class TableFile(Protocol):
    """One file of rows; `types` are the columns' types in their order."""

    @property
    def path(self) -> Path:
        """As the user wrote it."""

    @property
    def types(self) -> dict[str, pa.DataType]:
        """The type of each column, in the file's order."""

    @property
    def all_text(self) -> bool:
        """The file knows no types, so that numbers are texts too."""

    def blocks(self, columns: Sequence[str], advance: Advance) -> Iterator[pa.Table]:
        """The rows in their order, a bounded number at a time, with only `columns`."""


def gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Small batches put together, each column in one piece; empty ones vanish."""
    waiting: list[pa.RecordBatch] = []
    rows = size_bytes = 0
    for batch in batches:
        if batch.num_rows:
            waiting.append(batch)
            rows += batch.num_rows
            size_bytes += batch.nbytes
        if rows >= GATHERED_ROWS or size_bytes >= GATHERED_BYTES:
            yield pa.Table.from_batches(waiting).combine_chunks()
            waiting, rows, size_bytes = [], 0, 0
    if waiting:
        yield pa.Table.from_batches(waiting).combine_chunks()


def check_names(names: Sequence[str], path: Path) -> None:
    """InputError where two columns bear one name."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(
            str(path), f"has more than one column {listed(twice)}; give each a name of its own"
        )


def check_column(column: str, option: str, table: TableFile) -> None:
    """InputError where the table lacks the column that an option names."""
    if column in table.types:
        return
    close = difflib.get_close_matches(column, table.types, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"it has {listed(list(table.types))}"
    raise InputError(f"{option} {column}", f"{table.path} has no such column; {hint}")


def listed(names: Sequence[str]) -> str:
    """The names in quotes, at most eight of them."""
    shown = ", ".join(repr(name) for name in names[:8])
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown
