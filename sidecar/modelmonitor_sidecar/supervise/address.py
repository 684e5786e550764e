"""HOST:PORT as people write it.  Refuses to resolve names."""

from dataclasses import dataclass
from typing import Final

ANY: Final = ""
"""The host that stands for every address of the machine, of both families where there are two."""


class AddressError(ValueError):
    """An address that cannot be read; the message is a sentence with a remedy."""


@dataclass(frozen=True, slots=True)
class Address:
    """A host (a name, an IPv4 or IPv6 address without brackets, or `ANY`) and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        """As people write it; `ANY` is a star."""
        host = f"[{self.host}]" if ":" in self.host else self.host or "*"
        return f"{host}:{self.port}"


def parse_address(text: str, where: str) -> Address:
    """Read ``HOST:PORT``, ``[IPV6]:PORT``, ``:PORT``, ``*:PORT`` or ``PORT``; `where` is the flag.

    >>> parse_address("[::1]:9000", "--listen"), parse_address("9000", "--listen").host
    (Address(host='::1', port=9000), '')
    """
    host, _, port = text.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    bracketed = bare != host
    if not (port.isascii() and port.isdigit()) or int(port) > 65535 or (":" in host) > bracketed:
        raise AddressError(
            f"{where}: {text!r} is no address; write HOST:PORT, for instance 127.0.0.1:9000"
        )
    return Address(ANY if bare == "*" else bare, int(port))
