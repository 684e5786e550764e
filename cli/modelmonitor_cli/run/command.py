"""The flags of `modelmonitor run`, what it checks before it starts, and what it says."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from modelmonitor_api.errors import InputError
from modelmonitor_api.names import PORT_COLLECTOR, PORT_PROXY_ADMIN
from modelmonitor_api.quantity import window_rows
from modelmonitor_cli.run import documents
from modelmonitor_cli.run.addresses import answers, check_free, is_loopback, parse_address
from modelmonitor_cli.run.pair import Places, run_pair

NAME: Final = "run"
HELP: Final = "watch a model server on this machine: the sidecar pair in front of it"
MAX_SOCKET_PATH_BYTES: Final = 90
"""A Unix socket's path has 107 bytes; some are the file's own name."""

Value = TypeVar("Value")

_EPILOG: Final = """\
example:
  modelmonitor baseline build train.parquet -o baseline.json --prediction prediction
  modelmonitor run --baseline baseline.json --listen 127.0.0.1:9000 --upstream 127.0.0.1:8080
Then send to 127.0.0.1:9000 what you sent to 127.0.0.1:8080, and open http://127.0.0.1:24090/.
Without --monitor there is one model, on every path that a known protocol uses.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of `run`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
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
            type=_usage(parse_address, flag),
            required=default is None,
            default=default,
            help=shown,
        )
    parser.add_argument(
        "--window",
        metavar="ROWS",
        type=_usage(window_rows, "--window"),
        help="also judge windows of so many rows, e.g. 2000r",
    )


def run(arguments: argparse.Namespace) -> int:
    """Start the pair and stay until it ends; InputError before anything was started."""
    places = Places(
        arguments.listen, arguments.upstream, arguments.proxy_metrics, arguments.collector
    )
    baselines = [documents.read_named_baseline(text) for text in arguments.baseline]
    document = (
        documents.read_monitor(arguments.monitor)
        if arguments.monitor
        else documents.implied_monitor(baselines)
    )
    _check_places(places)
    with tempfile.TemporaryDirectory(prefix="modelmonitor-", dir=_short_folder()) as name:
        folder = Path(name)
        documents.write_folder(folder, document, baselines, arguments.window)
        _warn(places, document, with_baselines=bool(baselines))
        return asyncio.run(run_pair(places, folder, lambda: _announce(places)))


def _usage(parse: Callable[[str, str], Value], flag: str) -> Callable[[str], Value]:
    """`parse` as argparse wants it: what it refuses is wrong usage."""

    def parsed(text: str) -> Value:
        try:
            return parse(text, flag)
        except InputError as error:
            raise argparse.ArgumentTypeError(error.problem) from None

    return parsed


def _check_places(places: Places) -> None:
    listening = {
        "--listen": places.listen,
        "--proxy-metrics": places.proxy_metrics,
        "--collector": places.collector,
    }
    flags = {places.upstream: "--upstream"}
    for flag, address in listening.items():
        if address in flags:
            raise InputError(
                flag, f"{address} is also {flags[address]}; give each an address of its own"
            )
        flags[address] = flag
        check_free(address, flag)


def _warn(places: Places, document: documents.MonitorDocument, *, with_baselines: bool) -> None:
    if not answers(places.upstream):
        _say_aside(
            f"--upstream: nobody listens on {places.upstream} yet; "
            "requests are refused until the model server does"
        )
    if with_baselines:
        return
    named = any(model.baselines for model in document.monitor.models)
    reason = "ConfigMaps are not read here" if named else "none was given"
    _say_aside(
        f"--baseline: {reason}, so there are counts and quantiles but no verdicts; "
        "build one with `modelmonitor baseline build` and pass it with --baseline FILE"
    )


def _announce(places: Places) -> None:
    lines = [
        f"traffic  http://{places.listen}  goes to {places.upstream}",
        f"metrics  http://{places.proxy_metrics}/metrics (requests)",
        f"         http://{places.collector}/metrics (features)",
    ]
    if is_loopback(places.collector):
        lines.append(f"status   http://{places.collector}/")
    print("\n".join([*lines, "Ctrl-C ends it."]), flush=True)


def _short_folder() -> str | None:
    """None: the system's own; else one short enough for the path of a Unix socket."""
    return None if len(tempfile.gettempdir().encode()) <= MAX_SOCKET_PATH_BYTES - 30 else "/tmp"  # noqa: S108 - mkdtemp makes a private one inside


def _say_aside(sentence: str) -> None:
    print(f"modelmonitor run: warning: {sentence}", file=sys.stderr, flush=True)
