"""What a proxy is told when it starts: flags over environment over defaults, read once.

The only reader of the proxy's environment.  Refuses to read files: what may change while the proxy
runs is in `configuration`.
"""

import argparse
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from modelmonitor_api.names import (
    CONFIG_DIR,
    CONFIG_FILE,
    ENV_CONFIG_DIR,
    ENV_LABELS_FILE,
    ENV_MONITOR,
    ENV_POD_IP,
    ENV_SOCKET,
    FRAMES_SOCKET,
    LABELS_FILE,
    PORT_PROXY,
    PORT_PROXY_ADMIN,
)
from modelmonitor_sidecar.supervise.address import ANY, Address, AddressError, parse_address

NAME: Final = "modelmonitor-proxy"
LOOPBACKS: Final = ("127.0.0.1", "::1")

_DEFAULTS: Final = {
    ENV_CONFIG_DIR: CONFIG_DIR,
    ENV_LABELS_FILE: LABELS_FILE,
    ENV_SOCKET: FRAMES_SOCKET,
    ENV_POD_IP: "",
    ENV_MONITOR: "unknown",
}


@dataclass(frozen=True, slots=True)
class Upstream:
    """One place where the model server may listen, and the source address for dialling it.

    `source` None: dialled plainly, so that the server sees a loopback peer.
    """

    host: str
    port: int
    source: str | None


@dataclass(frozen=True, slots=True)
class ProxySettings:
    """All that the proxy is told when it starts."""

    listen: Address
    """Where clients connect."""
    admin: Address
    """Where metrics and probes are served."""
    upstreams: tuple[Upstream, ...]
    """Where the model server may be, in the order of trying; at least one."""
    config_file: Path
    """The operator's document; it may be missing, and may change."""
    labels_file: Path
    """The pod's labels as the downward API writes them; it may be missing, and may change."""
    frames_socket: Path
    """The collector's Unix socket."""
    monitor: str
    """The monitor's name as long as no document was read."""


def read_settings(arguments: Sequence[str], environment: Mapping[str, str]) -> ProxySettings:
    """Flags and environment as settings; AddressError where one cannot be read."""
    flags = _parser().parse_args(arguments)
    given = {key: environment.get(key) or default for key, default in _DEFAULTS.items()}
    pod = _addresses(given[ENV_POD_IP], ENV_POD_IP)
    sources = _addresses(flags.source, "--source") if flags.source else pod
    return ProxySettings(
        listen=parse_address(flags.listen, "--listen"),
        admin=parse_address(flags.admin, "--admin"),
        upstreams=_upstreams(parse_address(flags.upstream, "--upstream"), sources, pod),
        config_file=Path(given[ENV_CONFIG_DIR]) / CONFIG_FILE,
        labels_file=Path(given[ENV_LABELS_FILE]),
        frames_socket=Path(given[ENV_SOCKET]),
        monitor=given[ENV_MONITOR],
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=NAME,
        description="Stands in front of a model server, measures its traffic, changes none of it.",
        epilog=f"`{NAME} drain [--admin HOST:PORT]` tells a running proxy that its end has begun.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--listen",
        metavar="HOST:PORT",
        default=f"*:{PORT_PROXY}",
        help="where clients connect (default: port %(default)s of every address)",
    )
    parser.add_argument(
        "--upstream",
        metavar="[HOST:]PORT",
        required=True,
        help="where the model server listens; without HOST 127.0.0.1, ::1, then the pod's address",
    )
    parser.add_argument(
        "--admin",
        metavar="HOST:PORT",
        default=f"*:{PORT_PROXY_ADMIN}",
        help="where /metrics and the probes are served (default: %(default)s)",
    )
    parser.add_argument(
        "--source",
        metavar="IP",
        help="the address to dial from, one a family, by comma (default: MODELMONITOR_POD_IP)",
    )
    return parser


def _upstreams(server: Address, sources: Sequence[str], pod: Sequence[str]) -> tuple[Upstream, ...]:
    hosts = (server.host,) if server.host not in (ANY, "localhost") else (*LOOPBACKS, *pod)
    return tuple(Upstream(host, server.port, _source_for(host, sources)) for host in hosts)


def _source_for(host: str, sources: Sequence[str]) -> str | None:
    """The source of the host's family (IPv4 for a name)."""
    family = 6 if ":" in host else 4
    return next((ip for ip in sources if ipaddress.ip_address(ip).version == family), None)


def _addresses(text: str, where: str) -> tuple[str, ...]:
    addresses = tuple(part.strip() for part in text.split(",") if part.strip())
    for address in addresses:
        try:
            ipaddress.ip_address(address)
        except ValueError:
            raise AddressError(
                f"{where}: {address!r} is no IP address; write one like 10.1.2.3"
            ) from None
    return addresses
