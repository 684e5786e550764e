"""The comparison as a table for people, in 80 columns where it must be."""

from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from modelmonitor_cli.compare.comparison import (
    MUCH_MISSING,
    SYMBOLS,
    ColumnComparison,
    Comparison,
    Result,
)
from modelmonitor_cli.compare.summary import (
    Finding,
    finding,
    p_text,
    ranked,
    rows_text,
    sentence,
    value_text,
)
from modelmonitor_cli.report.terminal import printable, report_console

_MARKS: Final[dict[Finding, str]] = {"matters": "≠", "differs": "≠", "same": "", "untested": "?"}
_STYLES: Final[dict[Finding, str]] = {"matters": "bold", "differs": "", "same": "", "untested": ""}


def show(comparison: Comparison) -> None:
    """Print the tables compared, a line for each test, and what to bear in mind."""
    console = report_console()
    console.print(_heading(comparison), highlight=False)
    console.print(_table(comparison))
    for line in _footnotes(comparison):
        console.print(Text(printable(line)), highlight=False)
    _print_sentence(console, comparison)


def _heading(comparison: Comparison) -> Text:
    tables = (f"{table.name} ({rows_text(table.rows)})" for table in comparison.tables)
    return Text(printable(" with ".join(tables)), style="bold")


def _table(comparison: Comparison) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("column", overflow="fold")
    for title in ("test", "effect"):
        table.add_column(title, no_wrap=True)
    table.add_column("adj. p", justify="right", no_wrap=True)
    table.add_column("missing", overflow="fold")
    table.add_column("remarks", overflow="fold")
    for column in ranked(comparison):
        for place, result in enumerate(column.results):
            cells = (result.test, _effect(result), p_text(result.p_adjusted))
            first = _MARKS[finding(column)], Text(printable(column.name)), _missing(column)
            mark, name, missing = first if place == 0 else ("", "", "")
            words = Text(", ".join(_words(result)))
            table.add_row(mark, name, *cells, missing, words, style=_STYLES[finding(column)])
    return table


def _effect(result: Result) -> str:
    effect = result.effect
    if effect is None:
        return ""
    return f"{SYMBOLS[effect.measure]} {value_text(effect.value)} {effect.size}"


def _missing(column: ColumnComparison) -> str:
    """A share for each table, marked where they differ much; nothing where nothing is missing."""
    if not any(table.missing for table in column.tables):
        return ""
    shares = " ".join(f"{table.missing_share:.1%}" for table in column.tables)
    return f"{shares} !" if column.missing_differs else shares


def _words(result: Result) -> Iterator[str]:
    yield from (remark.word for remark in result.remarks)
    if result.against is not None and result.differs:
        yield printable(f"see {result.against}")


def _footnotes(comparison: Comparison) -> Iterator[str]:
    for one in comparison.left_out:
        yield f"left out: {one.name} ({one.why})"
    yield from (f"note: {remark}" for remark in comparison.remarks)
    used = {
        remark.word: remark.sentence
        for column in comparison.columns
        for result in column.results
        for remark in result.remarks
    }
    yield from (f"{word}: {said}" for word, said in sorted(used.items()))


def _print_sentence(console: Console, comparison: Comparison) -> None:
    if any(column.missing_differs for column in comparison.columns):
        apart = f"! missing shares lie {MUCH_MISSING:.0%} of the rows or more apart"
        console.print(Text(apart), highlight=False)
    console.print(Text(f"≠ adjusted p at most {comparison.q:g}"), highlight=False)
    console.print(Text(printable(sentence(comparison)), style="bold"), highlight=False)
