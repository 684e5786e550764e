"""`modelmonitor-operator --values FILE`: runs the operator until it is told to stop."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import uvloop

from modelmonitor_api.errors import InputError
from modelmonitor_operator.app import find_access, run
from modelmonitor_operator.leader import LostLeadershipError
from modelmonitor_operator.settings import OperatorSettings, read_operator_settings
from modelmonitor_operator.values_file import read_values


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 told to stop, 1 the Lease was lost or a setting is wrong."""
    parser = argparse.ArgumentParser("modelmonitor-operator", description=__doc__)
    parser.add_argument("--values", type=Path, metavar="FILE", help="the chart's values, as YAML")
    parsed = parser.parse_args(arguments)
    logging.getLogger("kopf.objects").setLevel(logging.WARNING)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    try:
        uvloop.run(_until_stopped(_settings(parsed.values)))
    except (InputError, LostLeadershipError) as error:
        print(f"modelmonitor-operator: {error}", file=sys.stderr)
        return 1
    return 0


async def _until_stopped(settings: OperatorSettings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run(settings, find_access(os.environ), stop)


def _settings(file: Path | None) -> OperatorSettings:
    values = {} if file is None else read_values(file)
    return read_operator_settings(values, os.environ, version("modelmonitor"))


if __name__ == "__main__":
    sys.exit(main())
