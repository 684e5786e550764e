"""`modelmonitor-webhook --values FILE`: answers API servers until it is told to stop."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from modelmonitor_api.errors import InputError
from modelmonitor_operator.access import Access, pod_access
from modelmonitor_operator.admission.app import run
from modelmonitor_operator.admission.settings import WebhookSettings, read_webhook_settings
from modelmonitor_operator.values_file import read_values


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 told to stop, 1 a setting is wrong."""
    parsed = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    try:
        values = {} if parsed.values is None else read_values(parsed.values)
        settings = read_webhook_settings(values, os.environ, version("modelmonitor"), parsed.host)
        asyncio.run(_until_stopped(settings, _access(os.environ)))
    except InputError as error:
        print(f"modelmonitor-webhook: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("modelmonitor-webhook", description=__doc__)
    parser.add_argument("--values", type=Path, metavar="FILE", help="the chart's values, as YAML")
    parser.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="NAME",
        help="another name or address at which API servers reach it; may be repeated",
    )
    return parser


async def _until_stopped(settings: WebhookSettings, access: Access) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run(settings, access, stop)


def _access(environment: Mapping[str, str]) -> Access:
    """Outside a cluster kopf reads the kubeconfig; inside it is never loaded."""
    inside = pod_access(environment)
    if inside is not None:
        return inside
    from modelmonitor_operator.app import find_access

    return find_access(environment)


if __name__ == "__main__":
    sys.exit(main())
