"""Bodies of HTTP/1.x messages: where they end, and the payload in them.

It refuses to keep what it sees: each piece goes to a callback, and what is remembered is bounded
by one chunk's head.
"""

from collections.abc import Callable
from typing import Final, Protocol

from modelmonitor_sidecar.wire.heads import CHUNKED, UNTIL_CLOSE, Ambiguous

Keep = Callable[[bytes], None]

_HEX: Final = b"0123456789abcdefABCDEF"
_MAX_SIZE_DIGITS: Final = 15
_MAX_LINE_BYTES: Final = 16 * 1024
_MAX_TRAILER_BYTES: Final = 256 * 1024


class Body(Protocol):
    """A body in the course of arriving."""

    def take(self, data: bytes, start: int, keep: Keep) -> int:
        """Read `data` from `start`; the position behind this body, or -1 where it goes on."""


class SizedBody:
    """A body of a known size (Content-Length)."""

    __slots__ = ("_left",)

    def __init__(self, length: int) -> None:
        self._left = length

    def take(self, data: bytes, start: int, keep: Keep) -> int:
        """See `Body`."""
        end = min(start + self._left, len(data))
        self._left -= end - start
        if end > start:
            keep(_part(data, start, end))
        return end if self._left == 0 else -1


class EndlessBody:
    """A body that ends with the connection."""

    __slots__ = ()

    def take(self, data: bytes, start: int, keep: Keep) -> int:
        """See `Body`."""
        if start < len(data):
            keep(_part(data, start, len(data)))
        return -1


class ChunkedBody:
    """A body in chunks with trailers; extensions of chunks are passed over.

    States, each a method that reads on from a position: size line, payload, the CR LF behind it,
    trailer lines.
    """

    __slots__ = ("_left", "_line", "_state", "_trailer_bytes")

    def __init__(self) -> None:
        self._line = b""
        self._left = 0
        self._trailer_bytes = 0
        self._state: Callable[[ChunkedBody, bytes, int, Keep], int] = ChunkedBody._size

    def take(self, data: bytes, start: int, keep: Keep) -> int:
        """See `Body`; Ambiguous where the chunks are malformed."""
        position, length = start, len(data)
        while position < length:
            position = self._state(self, data, position, keep)
            if self._left < 0:
                return position
        return -1

    def _size(self, data: bytes, start: int, _keep: Keep) -> int:
        line, position = self._read_line(data, start)
        if line is not None:
            digits = line.partition(b";")[0].rstrip(b" \t")
            if not digits or digits.translate(None, _HEX) or len(digits) > _MAX_SIZE_DIGITS:
                raise Ambiguous("a chunk without a size")
            self._left = int(digits, 16)
            self._state = ChunkedBody._payload if self._left else ChunkedBody._trailer
        return position

    def _payload(self, data: bytes, start: int, keep: Keep) -> int:
        end = min(start + self._left, len(data))
        self._left -= end - start
        keep(_part(data, start, end))
        if self._left == 0:
            self._state = ChunkedBody._behind
        return end

    def _behind(self, data: bytes, start: int, _keep: Keep) -> int:
        line, position = self._read_line(data, start)
        if line:
            raise Ambiguous("a chunk longer than its size")
        if line is not None:
            self._state = ChunkedBody._size
        return position

    def _trailer(self, data: bytes, start: int, _keep: Keep) -> int:
        line, position = self._read_line(data, start)
        self._trailer_bytes += position - start
        if self._trailer_bytes > _MAX_TRAILER_BYTES:
            raise Ambiguous("trailers without an end")
        if line == b"":
            self._left = -1
        elif line is not None and b":" not in line:
            raise Ambiguous("a trailer that is no field")
        return position

    def _read_line(self, data: bytes, start: int) -> tuple[bytes | None, int]:
        """The line at `start` without its CR LF (None: not all here) and the position behind."""
        end = data.find(b"\n", start) + 1
        self._line += data[start : end or len(data)]
        if len(self._line) > _MAX_LINE_BYTES:
            raise Ambiguous("a line without an end")
        if not end:
            return None, len(data)
        line, self._line = self._line, b""
        if not line.endswith(b"\r\n") or b"\r" in line[:-2]:
            raise Ambiguous("a line does not end with CR LF")
        return line[:-2], end


def body(length: int) -> Body | None:
    """The body that a head announces; None where there is none."""
    if length == 0:
        return None
    if length == CHUNKED:
        return ChunkedBody()
    if length == UNTIL_CLOSE:
        return EndlessBody()
    return SizedBody(length)


def _part(data: bytes, start: int, end: int) -> bytes:
    # A slice of everything is the same object, not a copy.
    return data[start:end]
