"""The flags of `modelmonitor backtest`.  What is heavy is imported when it runs."""

import argparse
import sys
from pathlib import Path
from typing import Any, Final

from modelmonitor_cli.usage import usage

_DESCRIPTION: Final = """\
Replay rows against a baseline and a monitor: what would have alarmed, when, and how many of the
alarms are to be expected by chance.  Reads CSV (also .gz) and Parquet of any size."""
_EPILOG: Final = """\
example:
  modelmonitor backtest --monitor m.yaml --baseline baseline.json --data january.parquet \\
    --window 24h --time seen_at --html report.html
Without --monitor the defaults of a monitor hold.
"""


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare `backtest` and its flags."""
    parser = commands.add_parser(
        "backtest",
        help="replay a table: what would have alarmed",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_inputs(parser)
    _add_windows(parser)
    _add_outputs(parser)
    parser.set_defaults(command=_run, wrong_usage=parser.error)


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--monitor", metavar="FILE", type=Path, help="a ModelMonitor as YAML")
    parser.add_argument(
        "--baseline",
        metavar="[MODEL[@VERSION]=]FILE",
        action="append",
        required=True,
        help="what the training data looked like; repeatable",
    )
    parser.add_argument(
        "--data",
        metavar="TABLE",
        action="extend",
        nargs="+",
        type=Path,
        required=True,
        help="the rows to replay; several files in their order",
    )
    parser.add_argument("--model", metavar="NAME", help="which of the models the rows are of")
    parser.add_argument(
        "--score",
        metavar="COLUMN",
        action="append",
        default=[],
        help="the model's score, where the baseline has one of several columns; again for each",
    )
    parser.add_argument(
        "--inputs-only", action="store_true", help="the table has no predictions and scores"
    )


def _add_windows(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--window",
        metavar="5000|24h",
        type=usage(_window, "--window"),
        help="rows or time that are judged together (default 5000 rows)",
    )
    parser.add_argument("--time", metavar="COLUMN", help="when each row was seen; must not fall")
    parser.add_argument(
        "--rows-per-month",
        metavar="N",
        type=usage(_rows, "--rows-per-month"),
        help="on how many rows a month's false alarms are spent where there is no clock "
        "(default 1,000,000)",
    )


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", metavar="FILE", type=Path, help="write everything as JSON")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a report with pictures")
    parser.add_argument("--json", action="store_true", help="print the JSON instead of the table")
    parser.add_argument(
        "--fail-on-alarm", action="store_true", help="end with status 1 if anything alarmed"
    )


def _run(arguments: argparse.Namespace) -> int:
    from modelmonitor_cli.backtest import document, report, running, showing
    from modelmonitor_cli.report.output import write_output

    options = _options(arguments)
    if options.lacks_time:
        arguments.wrong_usage(f"--window {options.length} is a window of time; add --time COLUMN")
    found = running.backtest(options)
    if arguments.output:
        write_output(arguments.output, document.to_json(found), "--json")
    if arguments.html:
        write_output(arguments.html, report.report_page(found), "another name")
    if arguments.json:
        sys.stdout.write(document.to_json(found))
    else:
        showing.show(found)
    return 1 if arguments.fail_on_alarm and found.alarms else 0


def _options(arguments: argparse.Namespace) -> Any:
    from modelmonitor_cli.backtest.options import BacktestOptions
    from modelmonitor_sidecar.stats.budget import ROWS_PER_MONTH

    return BacktestOptions(
        data=tuple(arguments.data),
        baselines=tuple(arguments.baseline),
        monitor=arguments.monitor,
        model=arguments.model,
        window=arguments.window,
        time=arguments.time,
        scores=tuple(name for value in arguments.score for name in value.split(",") if name),
        inputs_only=arguments.inputs_only,
        rows_per_month=arguments.rows_per_month or ROWS_PER_MONTH,
    )


def _window(text: str, where: str) -> str:
    from modelmonitor_cli.backtest.options import window_of

    return window_of(text, where)


def _rows(text: str, where: str) -> int:
    from modelmonitor_cli.backtest.options import rows_of

    return rows_of(text, where)
