"""A CSV file, plain or gzip, as blocks of text columns; an empty field is missing.

The separator is the comma, or what the header has instead of it: semicolon, tab or bar.
"""

import re
from collections.abc import Iterator, Sequence
from io import BufferedReader
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv as arrow_csv

from modelmonitor_api.errors import InputError
from modelmonitor_cli.baseline.tables import Advance, check_names, gathered

BLOCK_BYTES: Final = 1 << 20
"""Read at once."""
LONGEST_LINE_BYTES: Final = 1 << 20
"""On average of a block; more is what a quote that is never closed has swallowed."""

_GZIP_MAGIC: Final = b"\x1f\x8b"
_WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS: Final = ",;\t|"
_RAGGED: Final = re.compile(r"(?:Row #(\d+): )?Expected (\d+) columns, got (\d+)")


class CsvTable:
    """One CSV; opened anew for each pass, with one block in memory."""

    all_text = True

    def __init__(self, path: Path) -> None:
        self.path = path
        header = self._header()
        self._separator = _separator(header)
        with self._translated(), path.open("rb") as file:
            names = self._reader(file, None).schema.names
        check_names(names, path)
        self.types: dict[str, pa.DataType] = dict.fromkeys(names, pa.string())

    def blocks(self, columns: Sequence[str], advance: Advance) -> Iterator[pa.Table]:
        """The rows in their order; InputError names the row that is broken."""
        with self._translated(), self.path.open("rb") as file:
            yield from gathered(self._batches(file, columns, advance))

    def _batches(
        self, file: BufferedReader, columns: Sequence[str], advance: Advance
    ) -> Iterator[pa.RecordBatch]:
        told = 0
        for batch in self._reader(file, columns):
            position = file.tell()
            advance(position - told)
            told = position
            if batch.nbytes > LONGEST_LINE_BYTES * max(1, batch.num_rows):
                raise _endless(self.path)
            yield batch

    def _reader(self, file: BufferedReader, columns: Sequence[str] | None) -> Any:
        source: Any = pa.PythonFile(file, "r")
        if self._compressed:
            source = pa.CompressedInputStream(source, "gzip")
        return arrow_csv.open_csv(
            source,
            # one thread: errors name their row, and the memory stays at a few blocks
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self._separator, newlines_in_values=True
            ),
            convert_options=_as_text(columns),
        )

    def _header(self) -> bytes:
        with self.path.open("rb") as file:
            start = file.read(2)
            self._compressed = start == _GZIP_MAGIC
            if start in _WIDE_MARKS:
                raise _not_utf8(self.path)
            file.seek(0)
            with self._translated():
                source: Any = pa.PythonFile(file, "r")
                if self._compressed:
                    source = pa.CompressedInputStream(source, "gzip")
                block = bytes(source.read(BLOCK_BYTES))
        if b"\0" in block:
            raise InputError(str(self.path), "holds bytes that are no text; give a CSV or Parquet")
        return block.split(b"\n", 1)[0]

    def _translated(self) -> "_Translation":
        return _Translation(self.path)


class _Translation:
    """Says pyarrow's errors in the user's words."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: object) -> None:
        if isinstance(error, UnicodeDecodeError):
            raise _not_utf8(self._path) from None
        if isinstance(error, pa.ArrowInvalid | OSError):
            raise _said(str(error), self._path) from None


def _as_text(columns: Sequence[str] | None) -> Any:
    """Nothing is converted here: what a column is, is known only after all of it was seen."""
    if columns is None:
        return arrow_csv.ConvertOptions(check_utf8=False)
    return arrow_csv.ConvertOptions(
        include_columns=list(columns),
        column_types=dict.fromkeys(columns, pa.string()),
        strings_can_be_null=True,
        null_values=[""],
    )


def _separator(header: bytes) -> str:
    counts = {mark: header.count(mark.encode()) for mark in _SEPARATORS}
    return "," if counts[","] else max(_SEPARATORS, key=lambda mark: counts[mark])


def _said(message: str, path: Path) -> InputError:
    ragged = _RAGGED.search(message)
    if ragged:
        row, expected, got = ragged.groups()
        place = f"line {row}" if row else "a line"
        return InputError(
            str(path), f"{place} has {got} field(s), the header has {expected}; mend that line"
        )
    if "UTF8" in message or "UTF-8" in message:
        return _not_utf8(path)
    if "straddling" in message:
        return _endless(path)
    if "Empty CSV" in message:
        return InputError(str(path), "is empty; give a CSV with a header line")
    return InputError(str(path), f"cannot be read as CSV ({' '.join(message.split())}); mend it")


def _endless(path: Path) -> InputError:
    return InputError(
        str(path),
        f"has lines longer than {LONGEST_LINE_BYTES >> 20} MiB; look for a quote left open",
    )


def _not_utf8(path: Path) -> InputError:
    return InputError(
        str(path), "is not UTF-8; convert it, e.g. iconv -f latin1 -t utf8 in.csv > out.csv"
    )
