"""Listening sockets, bound once and inherited by every worker.  Refuses to accept from them."""

import errno
import socket
import stat
from pathlib import Path
from typing import Final

from modelmonitor_sidecar.supervise.address import ANY, Address

BACKLOG: Final = 65_535
"""More than any kernel grants: the kernel's own limit (net.core.somaxconn) decides."""

_REASONS: Final = {
    errno.EADDRINUSE: "the address is in use; choose another with {flag}",
    errno.EACCES: "this user may not bind that port; choose one above 1023 with {flag}",
    errno.EADDRNOTAVAIL: "this machine has no such address; choose one of its own with {flag}",
}


class ListenError(OSError):
    """A socket that could not be bound; the message is a sentence with a remedy."""


def listen(address: Address, flag: str) -> socket.socket:
    """A non-blocking listening socket; ListenError names `flag` as the remedy.

    `ANY` listens on IPv6 and IPv4 at once where the machine has both.
    """
    try:
        return _any(address.port) if address.host == ANY else _bound(address)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, "{error}; choose another with {flag}")
        text = reason.format(flag=flag, error=error.strerror or error)
        raise ListenError(f"cannot listen on {address}: {text}") from None


def listen_unix(path: Path) -> socket.socket:
    """A non-blocking listening Unix socket at `path`, taking the place of one left by the dead."""
    unix = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_stale(path)
        unix.bind(str(path))
    except OSError as error:
        unix.close()
        raise ListenError(
            f"cannot listen on {path}: {error.strerror or error}; "
            "name another file with MODELMONITOR_SOCKET"
        ) from None
    return _ready(unix)


def _any(port: int) -> socket.socket:
    if not socket.has_dualstack_ipv6():
        return _bound(Address("0.0.0.0", port))  # noqa: S104 - every address is what `ANY` means
    try:
        return _bound(Address("::", port), dual_stack=True)
    except OSError as error:
        # A kernel with IPv6 compiled in but switched off for every interface.
        if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
            raise
        return _bound(Address("0.0.0.0", port))  # noqa: S104


def _bound(address: Address, *, dual_stack: bool = False) -> socket.socket:
    ((family, kind, protocol, _, where), *_rest) = socket.getaddrinfo(
        address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(not dual_stack))
        bound.bind(where)
        return _ready(bound)
    except OSError:
        bound.close()
        raise


def _ready(bound: socket.socket) -> socket.socket:
    bound.listen(BACKLOG)
    bound.setblocking(False)
    return bound


def _remove_stale(path: Path) -> None:
    """Unlink a socket nobody listens on; a living one or another kind of file stays."""
    try:
        if not stat.S_ISSOCK(path.stat().st_mode):
            return
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
