"""What a connection speaks, from its client's first bytes."""

from typing import Final

from modelmonitor_sidecar.wire.heads import plausible_request

HTTP_1: Final = "http1"
HTTP_2: Final = "h2"
TLS: Final = "tls"
UPGRADE: Final = "upgrade"
TUNNEL: Final = "connect"
SILENT: Final = "silent"
"""The connection ended before a byte came."""
UNKNOWN: Final = "unknown"
"""The first bytes were none of the others, or the server spoke first and not HTTP/2."""
AMBIGUOUS: Final = "ambiguous"
"""HTTP/1.x at first, and then bytes that cannot be followed without guessing."""
UNOBSERVED: Final = "unobserved"
"""Our own fault: the observer failed on this connection."""

_HTTP_2_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HTTP_2_SETTINGS: Final = b"\x04\x00\x00\x00\x00\x00"
"""After three bytes of length: a frame of settings, for the connection."""
_TLS_PREFACE: Final = b"\x16\x03"
_LONG_LINE_BYTES: Final = 8192


def protocol(start: bytes) -> str | None:
    r"""The protocol that begins with `start` (not empty); None: more bytes are needed.

    >>> protocol(b"P"), protocol(b"\x16\x03\x01"), protocol(b"hello\r\n"), protocol(b"\0")
    (None, 'tls', 'unknown', 'unknown')
    >>> protocol(b"GET / "), protocol(b"GET / HTTP/1.1\r\n")
    (None, 'http1')
    """
    for preface, name in ((_HTTP_2_PREFACE, HTTP_2), (_TLS_PREFACE, TLS)):
        if start.startswith(preface):
            return name
        if preface.startswith(start):
            return None
    if not plausible_request(start):
        return UNKNOWN
    return HTTP_1 if b"\n" in start or len(start) > _LONG_LINE_BYTES else None


def protocol_of_server(start: bytes) -> str:
    r"""What a server speaks that speaks first: it may send HTTP/2 settings before it has read.

    >>> protocol_of_server(b"\0\0\x06\x04" + bytes(11)), protocol_of_server(b"220 mail\r\n")
    ('h2', 'unknown')
    """
    return HTTP_2 if start[3:9] == _HTTP_2_SETTINGS else UNKNOWN
