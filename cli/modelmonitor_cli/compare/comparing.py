"""Compares tables: reads them, does the tests, adjusts the p values, says what to bear in mind."""

from collections.abc import Iterator, Sequence

from modelmonitor_cli.compare.catalogue import TESTS, chosen_tests
from modelmonitor_cli.compare.column_values import ReadColumn, TableValues
from modelmonitor_cli.compare.comparison import (
    ColumnComparison,
    ComparedTable,
    Comparison,
    TableColumn,
)
from modelmonitor_cli.compare.distributions import distribution, moments
from modelmonitor_cli.compare.judging import adjusted, tested
from modelmonitor_cli.compare.options import CompareOptions
from modelmonitor_cli.compare.reading import read_tables


def compare(options: CompareOptions) -> Comparison:
    """The comparison; InputError where the tables or the options are wrong."""
    reading = read_tables(options)
    names = [table.name for table in reading.tables]
    columns = [_compared(column, names, options) for column in reading.columns]
    judged = adjusted(columns, options.q)
    return Comparison(
        tables=reading.tables,
        q=options.q,
        columns=judged,
        left_out=reading.left_out,
        remarks=tuple(_remarks(reading.tables, judged, options)),
    )


def _compared(
    column: ReadColumn, names: Sequence[str], options: CompareOptions
) -> ColumnComparison:
    tests = chosen_tests(column.name, column.kind, len(names), options.tests)
    return ColumnComparison(
        name=column.name,
        kind=column.kind,
        tables=tuple(_table_column(column, table) for table in column.tables),
        distribution=distribution(column),
        results=tuple(tested(column, tests, names)),
    )


def _table_column(column: ReadColumn, table: TableValues) -> TableColumn:
    is_number = column.kind not in ("categorical", "boolean")
    return TableColumn(
        rows=table.rows,
        missing=table.missing,
        invalid=table.invalid,
        values=len(table.values),
        moments=moments(table.values) if is_number else None,
    )


def _remarks(
    tables: Sequence[ComparedTable], columns: Sequence[ColumnComparison], options: CompareOptions
) -> Iterator[str]:
    for table in tables:
        if table.sampled_rows < table.rows:
            yield (
                f"{table.name}: {table.sampled_rows:,} of {table.rows:,} rows are tested, the same "
                "ones each time; missing and invalid values are counted in all"
            )
    for column in columns:
        for table, one in zip(tables, column.tables, strict=True):
            if one.invalid:
                yield (
                    f"{table.name}: {one.invalid:,} of {one.rows:,} rows hold no {column.kind} "
                    f"value in {column.name!r} and are not tested"
                )
    for choice in dict.fromkeys(options.tests.everywhere):
        if choice != "all" and not any(column.kind in TESTS[choice].kinds for column in columns):
            yield f"--test {choice} suits no column; each has the test of its kind"
