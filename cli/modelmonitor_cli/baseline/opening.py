"""Opens the user's files as tables: which kind each is, and whether several fit together."""

from collections.abc import Sequence
from pathlib import Path

from modelmonitor_api.errors import InputError
from modelmonitor_cli.baseline.csv_table import CsvTable
from modelmonitor_cli.baseline.parquet_table import PARQUET_MAGIC, ParquetTable
from modelmonitor_cli.baseline.tables import TableFile, listed


def open_table(path: Path) -> TableFile:
    """The file as a table, by its first bytes; InputError where it is none."""
    start = _first_bytes(path)
    if not start:
        raise InputError(str(path), "is empty; give a CSV with a header line, or Parquet")
    if path.suffix == ".parquet" and start != PARQUET_MAGIC:
        raise InputError(
            str(path), "is no Parquet, whatever its name says; write it again, or name it .csv"
        )
    table: TableFile = ParquetTable(path) if start == PARQUET_MAGIC else CsvTable(path)
    if not table.types:
        raise InputError(str(path), "has no columns; give a CSV with a header line, or Parquet")
    return table


def open_tables(paths: Sequence[Path]) -> tuple[TableFile, ...]:
    """All files; InputError unless they have the same columns."""
    tables = tuple(open_table(path) for path in paths)
    first = tables[0]
    for other in tables[1:]:
        differing = set(first.types).symmetric_difference(other.types)
        if differing:
            raise InputError(
                str(other.path),
                f"has not the columns of {first.path}: {listed(sorted(differing))} "
                "is only in one of them; build from files with the same columns",
            )
    return tables


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except IsADirectoryError:
        raise InputError(str(path), "is a folder; name its files, e.g. folder/*.parquet") from None
    except OSError as error:
        raise InputError(
            str(path), f"cannot be read ({error.strerror}); check the path and its permissions"
        ) from None
