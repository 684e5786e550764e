"""Content encodings undone within a bound: gzip (several members too), deflate (zlib and raw).

It refuses to know what the bytes mean.
"""

import zlib
from typing import Final

from modelmonitor_sidecar.decode.rows import MAX_BODY_BYTES, Reason, Undecodable

MAX_ENCODINGS: Final = 3
MAX_MEMBERS: Final = 64
"""Of one gzip body; each further member costs a copy of what is left."""

_GZIP: Final = 16 + zlib.MAX_WBITS
_ZLIB: Final = zlib.MAX_WBITS
_RAW: Final = -zlib.MAX_WBITS


def plain_body(body: bytes, encoding: str) -> bytes:
    """`body` without its `Content-Encoding`; at most MAX_BODY_BYTES, whatever it claims to hold."""
    if encoding:
        body = _without_encodings(body, encoding)
    if len(body) > MAX_BODY_BYTES:
        raise Undecodable(Reason.TOO_LARGE)
    return body


def _without_encodings(body: bytes, encoding: str) -> bytes:
    names = [name.strip().lower() for name in encoding.split(",")]
    if len(names) > MAX_ENCODINGS:
        raise Undecodable(Reason.ENCODING_UNKNOWN)
    for name in reversed(names):  # they are listed in the order in which they were applied
        body = _without_encoding(body, name)
    return body


def _without_encoding(body: bytes, name: str) -> bytes:
    if name in ("", "identity"):
        return body
    if name in ("gzip", "x-gzip"):
        return _gunzipped(body)
    if name == "deflate":
        return _inflated(body)
    raise Undecodable(Reason.ENCODING_UNKNOWN)


def _gunzipped(body: bytes) -> bytes:
    members: list[bytes] = []
    room = MAX_BODY_BYTES
    while body:
        member, body = _inflated_member(body, _GZIP, room)
        members.append(member)
        room -= len(member)
        if len(members) > MAX_MEMBERS:
            raise Undecodable(Reason.TOO_LARGE)
        body = body.lstrip(b"\0")  # some writers pad to a block
    return b"".join(members)


def _inflated(body: bytes) -> bytes:
    """HTTP's deflate is zlib's format; some servers send the raw stream under the same name."""
    if len(body) >= 2 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0:
        try:
            return _inflated_member(body, _ZLIB, MAX_BODY_BYTES)[0]
        except Undecodable as error:
            if error.reason is Reason.TOO_LARGE:
                raise
    return _inflated_member(body, _RAW, MAX_BODY_BYTES)[0] if body else body


def _inflated_member(body: bytes, window_bits: int, room: int) -> tuple[bytes, bytes]:
    """The first stream in `body` inflated to at most `room` bytes, and what follows it."""
    inflater = zlib.decompressobj(window_bits)
    try:
        # one byte more than fits: to tell a full stream from one that goes on
        inflated = inflater.decompress(body, room + 1)
    except zlib.error:
        raise Undecodable(Reason.ENCODING_BROKEN) from None
    if len(inflated) > room:
        raise Undecodable(Reason.TOO_LARGE)
    if not inflater.eof:
        raise Undecodable(Reason.ENCODING_BROKEN)
    return inflated, inflater.unused_data
