"""Reads the tables: which columns can be compared, what kind they are, and a sample of each.

All rows are counted; of long tables a sample, the same one each time, is kept for the tests.  It
refuses to know tests.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from modelmonitor_api.errors import InputError
from modelmonitor_api.spec import Kind
from modelmonitor_cli.baseline.opening import open_table
from modelmonitor_cli.baseline.progress import progress_bar
from modelmonitor_cli.baseline.sample import RowSample, sample_capacity
from modelmonitor_cli.baseline.sources import Source
from modelmonitor_cli.baseline.surveying import survey_tables
from modelmonitor_cli.baseline.tables import TableFile, check_column
from modelmonitor_cli.compare.column_values import ColumnReader, ReadColumn
from modelmonitor_cli.compare.comparison import ComparedTable, LeftOut
from modelmonitor_cli.compare.kinds import Seen, common_kind, seen
from modelmonitor_cli.compare.options import CompareOptions

MOST_SAMPLED_ROWS: Final = 200_000
"""Of a table; fewer where there are so many columns that `sample_capacity` says so."""

_COLUMN_OPTIONS: Final = ("--ignore", "--kind", "--test")


@dataclass(frozen=True, slots=True)
class Reading:
    """The tables, and the columns that can be compared, in the order of the first table."""

    tables: tuple[ComparedTable, ...]
    columns: tuple[ReadColumn, ...]
    left_out: tuple[LeftOut, ...]


def read_tables(options: CompareOptions) -> Reading:
    """Two passes over each table; InputError where nothing is left that could be compared."""
    files = [open_table(path) for path in options.tables]
    names = _names(files)
    _check_named_columns(options, files)
    found = _Found(left_out=_left_out(options, files, names))
    _find_kinds(options, files, found)
    if not found.kinds:
        raise InputError(
            " and ".join(names),
            "have no column in common that can be compared; say what columns are with --kind",
        )
    readers = {name: ColumnReader(name, kind) for name, kind in found.kinds.items()}
    tables = [
        _read(file, name, readers, len(files)) for file, name in zip(files, names, strict=True)
    ]
    return Reading(
        tuple(tables),
        tuple(reader.column() for reader in readers.values()),
        tuple(LeftOut(name, why) for name, why in found.left_out.items()),
    )


@dataclass(slots=True)
class _Found:
    """What was decided so far, by column."""

    left_out: dict[str, str]
    kinds: dict[str, Kind] = field(default_factory=dict)


def _names(files: Sequence[TableFile]) -> list[str]:
    """The shortest that tell the tables apart."""
    for candidates in ([file.path.name for file in files], [str(file.path) for file in files]):
        if max(Counter(candidates).values()) == 1:
            return candidates
    return [f"{file.path.name} ({number})" for number, file in enumerate(files, 1)]


def _check_named_columns(options: CompareOptions, files: Sequence[TableFile]) -> None:
    """InputError where the user names a column that a table has not."""
    by_option = (options.ignored, options.kinds, options.tests.by_column)
    for option, columns in zip(_COLUMN_OPTIONS, by_option, strict=True):
        for column in columns:
            if option == "--ignore" and any(column in file.types for file in files):
                continue
            for file in files:
                check_column(column, option, file)


def _left_out(
    options: CompareOptions, files: Sequence[TableFile], names: Sequence[str]
) -> dict[str, str]:
    """Columns that are ignored or missing in a table, and why they are left out."""
    whys: dict[str, str] = {}
    for column in dict.fromkeys(column for file in files for column in file.types):
        having = [name for name, file in zip(names, files, strict=True) if column in file.types]
        if column in options.ignored:
            whys[column] = "as asked"
        elif len(having) < len(files):
            whys[column] = f"only in {' and '.join(having)}"
    return whys


def _find_kinds(options: CompareOptions, files: Sequence[TableFile], found: _Found) -> None:
    common = [column for column in files[0].types if column not in found.left_out]
    tables = [_looked_at(file, common, options) for file in files]
    for column in common:
        decision = common_kind([table[column] for table in tables], options.kinds.get(column))
        if decision.kind is None:
            found.left_out[column] = _why(column, decision.why or "", options)
        else:
            found.kinds[column] = decision.kind


def _looked_at(file: TableFile, columns: Sequence[str], options: CompareOptions) -> dict[str, Seen]:
    """The first pass over one table; InputError where it has no rows."""
    sources = {
        column: Source(
            column,
            "input",
            (column,),
            file.types[column],
            file.all_text,
            options.kinds.get(column),
        )
        for column in columns
    }
    surveyed = survey_tables([file], list(sources.values()), None)
    if not surveyed.rows:
        raise InputError(str(file.path), "has no rows; give a table with some")
    return {
        column: seen(column, surveyed.facts.get(column), source.unreadable)
        for column, source in sources.items()
    }


def _why(column: str, why: str, options: CompareOptions) -> str:
    """InputError where the user wants this column."""
    if column in options.kinds:
        option = f"--kind {column}={options.kinds[column]}"
        raise InputError(option, f"cannot be ({why}); leave the option out")
    if column in options.tests.by_column:
        option = f"--test {column}={options.tests.by_column[column][0]}"
        raise InputError(option, f"cannot be ({why}); say what the column is with --kind")
    return why


def _read(
    file: TableFile, name: str, readers: Mapping[str, ColumnReader], tables: int
) -> ComparedTable:
    """The second pass."""
    sample = RowSample(min(MOST_SAMPLED_ROWS, sample_capacity(len(readers) * tables)))
    columns = [reader.next_table() for reader in readers.values()]
    sampled = 0
    with progress_bar("reading", file.path.stat().st_size) as told:
        for block in file.blocks(list(readers), told):
            kept = sample.take(block.num_rows)
            for column in columns:
                column.add(block, kept)
            still = sample.thin()
            sampled = sampled + int(kept.sum()) if still is None else int(still.sum())
            if still is not None:
                for column in columns:
                    column.thin(still)
    return ComparedTable(name, str(file.path), sample.rows, sampled)
