"""`modelmonitor-proxy drain`: the preStop hook.  Tells the running proxy that its end has begun.

Refuses to wait for the end of traffic: the proxy goes on serving, it only knows.
"""

import argparse
import socket
from collections.abc import Sequence
from typing import Final

from modelmonitor_api.names import PORT_PROXY_ADMIN
from modelmonitor_sidecar.proxy.settings import LOOPBACKS, NAME
from modelmonitor_sidecar.supervise.address import ANY, Address, parse_address

TIMEOUT_SECONDS: Final = 5.0
DRAIN_PATH: Final = "/drain"
_REQUEST: Final = f"POST {DRAIN_PATH} HTTP/1.0\r\nContent-Length: 0\r\n\r\n".encode()
_LONGEST_ANSWER_BYTES: Final = 4096


class DrainError(OSError):
    """The proxy could not be told; the message is a sentence with a remedy."""


def drain(arguments: Sequence[str]) -> None:
    """Tell the proxy at ``--admin``; DrainError where nobody heard it."""
    parser = argparse.ArgumentParser(
        prog=f"{NAME} drain", description="Tell the running proxy that its pod's end has begun."
    )
    parser.add_argument(
        "--admin",
        metavar="HOST:PORT",
        default=f"*:{PORT_PROXY_ADMIN}",
        help="the proxy's admin address (default: %(default)s on this machine)",
    )
    admin = parse_address(parser.parse_args(arguments).admin, "--admin")
    answer = _ask(admin)
    status = answer.split(b" ", 2)[1:2]
    if status != [b"200"]:
        line = answer.partition(b"\r\n")[0].decode("latin-1") or "nothing"
        raise DrainError(
            f"{admin} answered {line!r} to {DRAIN_PATH}; is --admin the proxy's admin address?"
        )


def _ask(admin: Address) -> bytes:
    hosts = LOOPBACKS if admin.host == ANY else (admin.host,)
    problem = ""
    for host in hosts:
        try:
            with socket.create_connection((host, admin.port), TIMEOUT_SECONDS) as connection:
                connection.sendall(_REQUEST)
                return connection.recv(_LONGEST_ANSWER_BYTES)
        except OSError as error:
            problem = problem or error.strerror or str(error)
    raise DrainError(f"no proxy answers on {admin} ({problem}); name its address with --admin")
