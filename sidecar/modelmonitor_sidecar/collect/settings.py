"""Flags and environment of the collector, read once, into one frozen value.

Nobody else reads either.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from modelmonitor_api.errors import InputError
from modelmonitor_api.names import (
    CONFIG_DIR,
    ENV_CONFIG_DIR,
    ENV_LABELS_FILE,
    ENV_MONITOR,
    ENV_SOCKET,
    FRAMES_SOCKET,
    LABELS_FILE,
    PORT_COLLECTOR,
    PORT_STATUS,
)
from modelmonitor_api.quantity import size_bytes
from modelmonitor_sidecar.supervise.address import Address, AddressError, parse_address

DEFAULT_MEMORY_BYTES: Final = 256 << 20
SHARE_OF_CONTAINER: Final = 0.8
"""The rest is the supervisor's, and what the kernel counts besides private memory."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the collector finds what it is told, and where others find it."""

    config_dir: Path
    """Folder of `config.json` and the baselines."""
    labels_file: Path
    """The pod's labels, as the downward API writes them."""
    socket: Path
    """Unix socket on which proxies bring frames."""
    listen: Address
    """Metrics."""
    status: Address
    """Status page and API: a loopback address, possibly the same as `listen`."""
    monitor: str
    """Name of the monitor while there is no configuration."""
    memory_bytes: int
    """Private memory that the worker may hold; beyond it, it fails alone."""


def read_settings(
    arguments: Sequence[str], environment: Mapping[str, str], container_bytes: int | None
) -> Settings:
    """The settings; InputError names the flag that is wrong.

    `container_bytes` is the container's memory limit, None where it has none.
    """
    flags = _parser().parse_args(arguments)
    listen = _address(flags.listen, "--listen")
    return Settings(
        config_dir=Path(environment.get(ENV_CONFIG_DIR, CONFIG_DIR)),
        labels_file=Path(environment.get(ENV_LABELS_FILE, LABELS_FILE)),
        socket=Path(environment.get(ENV_SOCKET, FRAMES_SOCKET)),
        listen=listen,
        status=_status_address(flags.status, listen),
        monitor=environment.get(ENV_MONITOR) or "unknown",
        memory_bytes=_memory(flags.memory, container_bytes),
    )


def is_loopback(host: str) -> bool:
    """Only this machine can reach a socket bound to `host`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _address(text: str, flag: str) -> Address:
    try:
        return parse_address(text, flag)
    except AddressError as error:
        raise InputError(flag, str(error).removeprefix(f"{flag}: ")) from None


def _status_address(text: str | None, listen: Address) -> Address:
    if text is None:
        return listen if is_loopback(listen.host) else Address("127.0.0.1", PORT_STATUS)
    status = _address(text, "--status")
    if not is_loopback(status.host):
        raise InputError(
            "--status",
            f"{status} can be reached from elsewhere, and the status page shows what is in the "
            f"traffic; give it a loopback address, e.g. 127.0.0.1:{PORT_STATUS}",
        )
    return status


def _memory(text: str | None, container_bytes: int | None) -> int:
    if text is not None:
        return size_bytes(text, "--memory")
    if container_bytes is not None:
        return int(container_bytes * SHARE_OF_CONTAINER)
    return DEFAULT_MEMORY_BYTES


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="modelmonitor-collector", description="Counts what the proxy copies."
    )
    parser.add_argument(
        "--listen", default=f":{PORT_COLLECTOR}", metavar="HOST:PORT", help="metrics (%(default)s)"
    )
    parser.add_argument(
        "--status",
        metavar="HOST:PORT",
        help="status page, on loopback only (default: as --listen where that is loopback, "
        f"else 127.0.0.1:{PORT_STATUS})",
    )
    parser.add_argument(
        "--memory",
        metavar="SIZE",
        help="private memory of the worker, e.g. 160Mi (default: 80%% of the container's, "
        "256Mi without a container)",
    )
    return parser
