"""Network addresses as people write them, and the two questions asked of them before a start."""

import errno
import socket
from dataclasses import dataclass
from typing import Final

from modelmonitor_api.errors import InputError

CONNECT_TIMEOUT_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port; `str` gives the form that a command line takes."""

    host: str
    port: int

    def __str__(self) -> str:
        """HOST:PORT, with brackets around an IPv6 host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_address(text: str, where: str) -> Address:
    """The address in `127.0.0.1:8080` or `[::1]:8080`; InputError names the flag `where`.

    >>> parse_address("[::1]:8080", "--listen")
    Address(host='::1', port=8080)
    """
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        host = ""
    if not host or not port.isascii() or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise InputError(where, f"{text!r} is no address; write HOST:PORT, e.g. 127.0.0.1:8080")
    return Address(host, int(port))


def check_free(address: Address, where: str) -> None:
    """InputError where `address` cannot be listened on now: taken, foreign or forbidden."""
    try:
        family, kind, protocol, _, place = _resolve(address)
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            probe.listen(1)
    except OSError as error:
        raise InputError(where, f"{address} {_refusal(error)}") from None


def answers(address: Address) -> bool:
    """Somebody listens on `address` now."""
    try:
        with socket.create_connection((address.host, address.port), CONNECT_TIMEOUT_SECONDS):
            return True
    except OSError:
        return False


def is_loopback(address: Address) -> bool:
    """The address can only be reached from this machine."""
    return address.host in ("localhost", "::1") or address.host.startswith("127.")


def _resolve(
    address: Address,
) -> tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int]]:
    found = socket.getaddrinfo(
        address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    return found[0]  # type: ignore[return-value]  # the stubs' union also covers Bluetooth


def _refusal(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "is taken by another program; end that one or choose another port"
    if error.errno == errno.EACCES:
        return "may not be opened by this user; choose a port from 1024"
    if isinstance(error, socket.gaierror):
        return "cannot be resolved; write an IP address, e.g. 127.0.0.1"
    return f"cannot be listened on ({error.strerror}); choose an address of this machine"
