"""`modelmonitor baseline build|show|merge`: the arguments, and which function answers them.

It refuses to know tables and statistics; those are imported when a command runs.
"""

import argparse
from pathlib import Path
from typing import Any

from modelmonitor_cli.baseline.options import (
    VOCABULARY_WORDS,
    BuildOptions,
    OutputOptions,
    kinds_by_column,
)

_HELP = "build, show or merge baselines: what the training data looked like"
_BUILD = """Build a baseline from training data: bins and categories of every column and what fell
into them.  Reads CSV (also .gz) and Parquet of any size in bounded memory."""


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare `baseline` with `build`, `show` and `merge`."""
    parser = commands.add_parser("baseline", help=_HELP)
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    _add_build(actions)
    show = actions.add_parser("show", help="show a baseline as a table with small histograms")
    show.add_argument("file", type=Path, metavar="BASELINE")
    show.add_argument("--json", action="store_true", help="the document itself, unpacked")
    show.set_defaults(command=_show)
    merge = actions.add_parser(
        "merge", help="add baselines that were counted on the same edges, or pack one"
    )
    merge.add_argument("files", type=Path, nargs="+", metavar="BASELINE")
    _add_output(merge)
    merge.set_defaults(command=_merge)


def _add_build(actions: "argparse._SubParsersAction[Any]") -> None:
    build = actions.add_parser("build", help="build a baseline from tables", description=_BUILD)
    build.add_argument("tables", type=Path, nargs="+", metavar="TABLE")
    build.add_argument("--model", metavar="NAME", help="default: the first table's name")
    build.add_argument("--version", metavar="VERSION", help="default: for every version")
    _add_roles(build)
    _add_order(build)
    build.add_argument("--bins", type=int, default=10, metavar="N", help="default: 10")
    build.add_argument(
        "--vocabulary",
        type=int,
        default=VOCABULARY_WORDS,
        metavar="N",
        help=f"known words of a text column, {VOCABULARY_WORDS:,} by default; 0: only its length",
    )
    build.add_argument(
        "--edges-from",
        type=Path,
        metavar="BASELINE",
        help="count on that baseline's edges, so that results merge exactly",
    )
    _add_output(build)
    build.set_defaults(command=_build)


def _add_roles(build: argparse.ArgumentParser) -> None:
    roles = build.add_argument_group("columns")
    roles.add_argument("--prediction", metavar="COLUMN", help="the model's answer")
    roles.add_argument(
        "--score",
        action="append",
        default=[],
        metavar="COLUMN",
        help="the model's score; again for each class",
    )
    roles.add_argument("--label", metavar="COLUMN", help="the truth; never part of a request")
    roles.add_argument(
        "--kind",
        action="append",
        default=[],
        metavar="COLUMN=KIND",
        help="numeric, discrete, categorical, boolean or text instead of the inferred kind",
    )
    roles.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="COLUMN",
        help="part of the request, but not watched",
    )
    roles.add_argument(
        "--not-sent",
        action="append",
        default=[],
        metavar="COLUMN",
        help="no part of the request (rows sent without names are matched by place)",
    )


def _add_order(build: argparse.ArgumentParser) -> None:
    order = build.add_mutually_exclusive_group()
    order.add_argument(
        "--time",
        metavar="COLUMN",
        help="when each row was seen: tells how much healthy windows differ; no part of a request",
    )
    order.add_argument("--time-ordered", action="store_true", help="the rows are in order of time")


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="default: standard output; .gz is packed"
    )
    parser.add_argument(
        "--configmap", metavar="NAME", help="write a ConfigMap manifest instead; contacts nothing"
    )
    parser.add_argument("--namespace", metavar="NAMESPACE", help="of the ConfigMap")


def _build(arguments: argparse.Namespace) -> int:
    from modelmonitor_cli.baseline import building, writing

    options = BuildOptions(
        tables=tuple(arguments.tables),
        model=arguments.model,
        version=arguments.version,
        prediction=arguments.prediction,
        scores=_columns(arguments.score),
        label=arguments.label,
        time=arguments.time,
        time_ordered=arguments.time_ordered,
        kinds=kinds_by_column(arguments.kind),
        ignored=_columns(arguments.ignore),
        not_sent=_columns(arguments.not_sent),
        bins=arguments.bins,
        vocabulary=arguments.vocabulary,
        edges_from=arguments.edges_from,
    )
    output = _output(arguments)
    built = building.build(options)
    return writing.write_baseline(built.baseline, output, built.remarks)


def _show(arguments: argparse.Namespace) -> int:
    from modelmonitor_cli.baseline import showing

    return showing.show(arguments.file, as_json=arguments.json)


def _merge(arguments: argparse.Namespace) -> int:
    from modelmonitor_cli.baseline import merging, writing

    output = _output(arguments)
    return writing.write_baseline(merging.merge_files(tuple(arguments.files)), output)


def _output(arguments: argparse.Namespace) -> OutputOptions:
    return OutputOptions(arguments.output, arguments.configmap, arguments.namespace)


def _columns(values: list[str]) -> tuple[str, ...]:
    """`--score a --score b` and `--score a,b` alike."""
    return tuple(name for value in values for name in value.split(",") if name)
