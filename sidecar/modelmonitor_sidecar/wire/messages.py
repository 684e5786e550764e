"""One direction of an HTTP/1.x connection: heads and bodies in turn, however the bytes are cut.

A `Reader` says what a head means and is shown what follows; this module only finds the borders.  It
keeps at most one unfinished head.
"""

from typing import Generic, Protocol, TypeVar

from modelmonitor_sidecar.wire.bodies import Body, EndlessBody
from modelmonitor_sidecar.wire.heads import END, MAX_HEAD_BYTES, Ambiguous


class Reader(Protocol):
    """Whoever understands one direction."""

    def goes_on(self) -> bool:
        """Whether what follows here is a message of HTTP/1.x."""

    def begins(self) -> None:
        """The first byte of a message is here."""

    def plausible(self, start: bytes) -> bool:
        """Whether an unfinished head can still become one, and may be kept meanwhile."""

    def head(self, raw: bytes) -> Body | None:
        """A whole head; returns the body that follows it.  Ambiguous ends the reading."""

    def piece(self, data: bytes) -> None:
        """A part of the body's payload."""

    def ends(self) -> None:
        """The message is complete."""


R = TypeVar("R", bound=Reader)


class Messages(Generic[R]):
    """Cuts a byte stream into messages.  `idle` is true on the border between two of them."""

    __slots__ = ("_body", "_partial", "idle", "reader")

    def __init__(self, reader: R) -> None:
        self.reader = reader
        self._partial = b""
        self._body: Body | None = None
        self.idle = True

    def feed(self, data: bytes) -> bool:
        """Read on; False where the rest is no HTTP/1.x, Ambiguous where that cannot be told."""
        position, length = 0, len(data)
        while position < length:
            if self._body is not None:
                position = self._body.take(data, position, self.reader.piece)
                if position < 0:
                    return True
                self._finish()
            elif self.idle and not self.reader.goes_on():
                return False
            else:
                position = self._head(data, position)
        return True

    def end(self) -> None:
        """The stream is over: that completes a body that lasts until then."""
        if isinstance(self._body, EndlessBody):
            self._finish()

    def _head(self, data: bytes, start: int) -> int:
        if self.idle:
            self.idle = False
            self.reader.begins()
        earlier = len(self._partial)
        joined = self._partial + data[start:] if earlier or start else data
        # The end may straddle the border: look three bytes back into what was kept.
        end = joined.find(END, max(0, earlier - 3)) + len(END)
        if end < len(END):
            self._keep(joined)
            return len(data)
        self._partial = b""
        self._body = self.reader.head(joined[:end])
        if self._body is None:
            self._finish()
        return start + end - earlier

    def _keep(self, joined: bytes) -> None:
        if len(joined) > MAX_HEAD_BYTES or not self.reader.plausible(joined):
            raise Ambiguous("no head of HTTP/1.x")
        self._partial = joined

    def _finish(self) -> None:
        self._body = None
        self.idle = True
        self.reader.ends()
