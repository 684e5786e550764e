"""The flags of `modelmonitor run`.  What is heavy is imported when it runs."""

import argparse
from pathlib import Path
from typing import Final

from modelmonitor_api.names import PORT_COLLECTOR, PORT_PROXY_ADMIN
from modelmonitor_api.quantity import window_rows
from modelmonitor_cli.run.addresses import parse_address
from modelmonitor_cli.usage import usage

_EPILOG: Final = """\
example:
  modelmonitor baseline build train.parquet -o baseline.json --prediction prediction
  modelmonitor run --baseline baseline.json --listen 127.0.0.1:9000 --upstream 127.0.0.1:8080
Then send to 127.0.0.1:9000 what you sent to 127.0.0.1:8080, and open http://127.0.0.1:24090/.
Without --monitor there is one model, on every path that a known protocol uses.
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `run` and its flags."""
    parser = commands.add_parser(
        "run",
        help="watch a model server on this machine: the sidecar pair in front of it",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=_run)
    parser.add_argument("--monitor", metavar="FILE", type=Path, help="a ModelMonitor as YAML")
    parser.add_argument(
        "--baseline",
        metavar="[MODEL[@VERSION]=]FILE",
        action="append",
        default=[],
        help="what the training data looked like; repeatable",
    )
    for flag, text, default in (
        ("--listen", "where clients send their requests", None),
        ("--upstream", "where the model server listens", None),
        ("--proxy-metrics", "metrics of requests", f"127.0.0.1:{PORT_PROXY_ADMIN}"),
        ("--collector", "metrics of features, and the status page", f"127.0.0.1:{PORT_COLLECTOR}"),
    ):
        shown = f"{text} (default {default})" if default else text
        parser.add_argument(
            flag,
            metavar="HOST:PORT",
            type=usage(parse_address, flag),
            required=default is None,
            default=default,
            help=shown,
        )
    parser.add_argument(
        "--window",
        metavar="ROWS",
        type=usage(window_rows, "--window"),
        help="also judge windows of so many rows, e.g. 2000r",
    )


def _run(arguments: argparse.Namespace) -> int:
    from modelmonitor_cli.run.start import run

    return run(arguments)
