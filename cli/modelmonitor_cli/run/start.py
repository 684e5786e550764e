"""What `modelmonitor run` checks before it starts anything, and what it says."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Final

from modelmonitor_api.errors import InputError
from modelmonitor_api.names import PORT_STATUS
from modelmonitor_cli import documents
from modelmonitor_cli.run.addresses import Address, answers, check_free, is_loopback
from modelmonitor_cli.run.documents import write_folder
from modelmonitor_cli.run.pair import Places, run_pair

FEWEST_ROWS: Final = 200
"""Windows with fewer rows are `insufficient`, whatever the feature."""
MAX_TEMPORARY_BYTES: Final = 70
"""A Unix socket's path has at most 107 bytes, of which 34 are our own."""


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
        write_folder(folder, document, baselines, arguments.window)
        warn_of_window(arguments.window)
        _warn(places, document, with_baselines=bool(baselines))
        return asyncio.run(run_pair(places, folder, lambda: _announce(places)))


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


def warn_of_window(rows: int | None) -> None:
    """Say so where windows of so many rows can never have a verdict."""
    if rows is not None and rows < FEWEST_ROWS:
        _say_aside(
            f"--window: {rows} rows are too few for a verdict, so these windows never have one; "
            f"write {FEWEST_ROWS}r or more"
        )


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
    collector = places.collector
    status = collector if is_loopback(collector) else Address("127.0.0.1", PORT_STATUS)
    lines = [
        f"traffic  http://{places.listen}  goes to {places.upstream}",
        f"metrics  http://{places.proxy_metrics}/metrics (requests)",
        f"         http://{places.collector}/metrics (features)",
        f"status   http://{status}/",
    ]
    print("\n".join([*lines, "Ctrl-C ends it."]), flush=True)


def _short_folder() -> str | None:
    """None: the system's own; else one short enough for the path of a Unix socket."""
    return None if len(tempfile.gettempdir().encode()) <= MAX_TEMPORARY_BYTES else "/tmp"  # noqa: S108 - mkdtemp makes a private one inside


def _say_aside(sentence: str) -> None:
    print(f"modelmonitor run: warning: {sentence}", file=sys.stderr, flush=True)
