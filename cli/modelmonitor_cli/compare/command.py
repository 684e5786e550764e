"""`modelmonitor compare`: the arguments, and which function answers them.

It refuses to know tables and tests; those are imported when the command runs.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from modelmonitor_cli.baseline.options import kinds_by_column
from modelmonitor_cli.compare.options import CHOICES, DEFAULT_Q, CompareOptions, asked_tests

_HELP = "compare tables column by column, once: tests, effect sizes, missing values"
_DESCRIPTION = """Compare tables column by column: which differ, by how much, and could it be
chance.  The first table is the one that the others are compared with.  Reads CSV (also .gz) and
Parquet.  A look at tables, no monitor: for a judgement of live traffic see backtest and run."""


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare `compare`."""
    parser = commands.add_parser("compare", help=_HELP, description=_DESCRIPTION)
    parser.add_argument("first", type=Path, metavar="TABLE", help="what to compare with")
    parser.add_argument("others", type=Path, nargs="+", metavar="TABLE", help="one or more")
    _add_choices(parser)
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the result as JSON")
    parser.add_argument("--json", action="store_true", help="print the JSON instead of the table")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a report with pictures")
    parser.set_defaults(command=_compare)


def _add_choices(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--test",
        action="append",
        default=[],
        metavar="[COLUMN=]NAME",
        help=f"{', '.join(CHOICES)}; for the columns that it suits, or for one; may be repeated",
    )
    parser.add_argument(
        "--kind",
        action="append",
        default=[],
        metavar="COLUMN=KIND",
        help="numeric, discrete, categorical, boolean or text instead of the inferred kind",
    )
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="COLUMN", help="leave the column out"
    )
    parser.add_argument(
        "--alpha",
        type=float,
        default=DEFAULT_Q,
        metavar="Q",
        help="expected share of false ones among the differences (default: %(default)s)",
    )


def _compare(arguments: argparse.Namespace) -> int:
    from modelmonitor_cli.compare.comparing import compare
    from modelmonitor_cli.compare.document import to_json
    from modelmonitor_cli.compare.page import comparison_page
    from modelmonitor_cli.compare.showing import show
    from modelmonitor_cli.report.output import write_output

    comparison = compare(_options(arguments))
    if arguments.output is not None:
        write_output(arguments.output, to_json(comparison), "--output")
    if arguments.html is not None:
        write_output(arguments.html, comparison_page(comparison), "--html")
    if arguments.json:
        sys.stdout.write(to_json(comparison))
    else:
        show(comparison)
    return 0


def _options(arguments: argparse.Namespace) -> CompareOptions:
    return CompareOptions(
        tables=(arguments.first, *arguments.others),
        tests=asked_tests(arguments.test),
        kinds=kinds_by_column(arguments.kind),
        ignored=tuple(name for value in arguments.ignore for name in value.split(",") if name),
        q=arguments.alpha,
    )
