"""The two ends of a proxied connection.

        client ─▶ Relay ─▶ Relay ─▶ model server
                    │
                    └────▶ tap    (sees a copy, after it was forwarded)

A relay writes what its socket receives to its peer's socket, at once and at the peer's pace.  FIN
stays FIN, a reset stays a reset.  It knows bytes and backpressure, and nothing of HTTP.
"""

import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from modelmonitor_sidecar.proxy.poller import BROKEN, ERROR, READ, WRITE, Poller

SMALL_READ_BYTES: Final = 16 * 1024
LARGE_READ_BYTES: Final = 96 * 1024
"""Once bytes come in bulk; below the size from which the allocator asks the kernel each time."""
RESET: Final = struct.pack("ii", 1, 0)
"""Linger, for no time: close with a reset and throw away what was not sent."""


class Tap(Protocol):
    """Whoever looks at the copies.  Nothing of it may wait."""

    @property
    def idle(self) -> bool:
        """Whether ending the connection now would harm no exchange."""

    def request_bytes(self, data: bytes) -> None:
        """The client sent this."""

    def response_bytes(self, data: bytes) -> None:
        """The server sent this."""

    def response_end(self) -> None:
        """The server sends no more."""

    def lost(self) -> None:
        """The connection is over."""

    def fail(self) -> None:
        """One of the above raised: tell what is known, and from now on take bytes for bytes."""


class Pair:
    """A client's connection and the server's, whose ends they share."""

    __slots__ = ("_closed", "_poller", "client", "server", "tap")

    def __init__(
        self,
        poller: Poller,
        client: socket.socket,
        server: socket.socket,
        tap: Tap,
        closed: Callable[["Pair"], None],
    ) -> None:
        self._poller = poller
        self._closed: Callable[[Pair], None] | None = closed
        self.tap: Tap | None = tap
        self.client = Relay(poller, client, self, tap.request_bytes)
        self.server = Relay(poller, server, self, tap.response_bytes)
        self.client.peer, self.server.peer = self.server, self.client

    def start(self) -> None:
        """Begin to relay."""
        self.client.update()
        self.server.update()

    @property
    def idle(self) -> bool:
        """Whether ending it now would harm nothing, as far as known."""
        return self.tap is not None and self.tap.idle and not self.client.unsent

    def reset(self) -> None:
        """One end is gone without a word: tell the other likewise."""
        for relay in (self.client, self.server):
            with suppress(OSError):
                relay.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.end()

    def end(self) -> None:
        """Both ends are done.  What the kernel holds is still delivered."""
        closed, self._closed = self._closed, None
        if closed is None:
            return
        for relay in (self.client, self.server):
            relay.closed = True
            relay.copy = _unseen  # what could not be delivered any more is not shown either
            self._poller.forget(relay.descriptor)
        self._poller.close_later(self)
        if self.tap is not None:
            self.show_end(self.tap.lost)
        closed(self)

    def close(self) -> None:
        """At the end of the round: free the descriptors, and the objects from their cycle."""
        for relay in (self.client, self.server):
            relay.socket.close()
            del relay.peer, relay.pair

    def show_end(self, tell: Callable[[], None]) -> None:
        """Tell the tap of an end."""
        try:
            tell()
        except Exception:
            self.blind()

    def blind(self) -> None:
        """The tap failed: that costs us statistics, never a user an answer."""
        self._poller.failed("a connection goes on unobserved")
        tap, self.tap = self.tap, None
        try:
            if tap is not None:
                tap.fail()
                return  # from now on it counts bytes
        except Exception:
            self._poller.failed("nor are its bytes counted")
        self.client.copy = self.server.copy = _unseen


class Relay:
    """One end.

    `ended`: it sent FIN (which is passed on behind everything before it).  `finished`: FIN was sent
    to it.  `broken`: writing to it failed; what it had sent before is still passed on.  `unsent`:
    its socket is full, and meanwhile its peer is not read, so at most one read's worth waits.
    """

    __slots__ = (
        "_events", "_poller", "_read_bytes", "broken", "closed", "copy", "descriptor", "ended",
        "finished", "pair", "peer", "socket", "unsent",
    )  # fmt: skip

    peer: "Relay"
    pair: Pair

    def __init__(
        self, poller: Poller, own: socket.socket, pair: Pair, copy: Callable[[bytes], None]
    ) -> None:
        self._poller = poller
        self._events = -1  # not watched
        self._read_bytes = SMALL_READ_BYTES
        self.socket = own
        self.descriptor = own.fileno()
        self.pair = pair
        self.copy: Callable[[bytes], None] = copy
        self.unsent: memoryview | None = None
        self.ended = self.finished = self.broken = self.closed = False

    def ready(self, events: int) -> None:
        """See `Ready`."""
        if events != READ:
            self._unusual(events)
            return
        try:
            data = self.socket.recv(self._read_bytes)
        except OSError as error:
            if not isinstance(error, BlockingIOError):
                self.pair.reset()
            return
        if not data:
            self._received_end()
            return
        peer = self.peer
        try:
            sent = peer.socket.send(data)
        except OSError as error:
            sent = peer.not_sent(error, len(data))
        if sent != len(data):
            peer.hold(memoryview(data)[sent:])
        self._read_bytes = SMALL_READ_BYTES if len(data) < SMALL_READ_BYTES else LARGE_READ_BYTES
        try:
            self.copy(data)
        except Exception:
            self.pair.blind()

    def not_sent(self, error: OSError, count: int) -> int:
        """How many of `count` bytes need not be kept: none if we are full, all if broken."""
        if isinstance(error, BlockingIOError):
            return 0
        self.write_failed()
        return count

    def hold(self, unsent: memoryview) -> None:
        """Keep what did not fit; until it is written, the peer is not read."""
        self.unsent = unsent
        self.update()
        self.peer.update()

    def _unusual(self, events: int) -> None:
        if events & WRITE and self.unsent is not None:
            self._flush(self.unsent)
        if self.closed:
            return
        if events & BROKEN:
            self._troubled(events)
        elif events & READ:
            self.ready(READ)

    def update(self) -> None:
        """Ask the poller for what can be done now."""
        events = WRITE if self.unsent is not None else 0
        if not self.ended and self.peer.unsent is None and not self.peer.broken:
            events |= READ
        if events == self._events:
            return
        if self._events < 0:
            self._poller.watch(self.descriptor, self, events)
        else:
            self._poller.change(self.descriptor, events)
        self._events = events

    def _flush(self, unsent: memoryview) -> None:
        try:
            sent = self.socket.send(unsent)
        except OSError as error:
            self.not_sent(error, 0)
            return
        self.unsent = unsent[sent:] if sent < len(unsent) else None
        if self.unsent is None:
            self.update()
            if self.peer.ended:
                self.finish()
            else:
                self.peer.update()

    def _received_end(self) -> None:
        if self.broken:  # the kernel told its error when we wrote; to the reader it says "end"
            self.pair.reset()
            return
        self.ended = True
        self.update()
        if self is self.pair.server and self.pair.tap is not None:
            self.pair.show_end(self.pair.tap.response_end)
        if self.peer.unsent is None:
            self.peer.finish()

    def finish(self) -> None:
        """Pass the peer's FIN on."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.write_failed()
            return
        self.finished = True
        if self.peer.finished:
            self.pair.end()

    def write_failed(self) -> None:
        """It was reset.  What it sent before may still be read: an early answer, for instance."""
        self.broken = True
        self.unsent = None
        if self.ended:
            self.pair.reset()
            return
        self.update()
        self.peer.update()

    def _troubled(self, events: int) -> None:
        """A reset, or both directions have ended; the kernel may hold bytes received before."""
        if not self.ended and self.peer.unsent is None:
            self.ready(READ)  # passes on what there is, and finds out at its end
        elif events & ERROR or self.broken or not self.finished:
            self.pair.reset()
        else:
            # Ended orderly; what is left is the peer's to take.  Watched on, it would be reported
            # without end.
            self._poller.forget(self.descriptor)
            self._events = -1


def _unseen(_data: bytes) -> None:
    """In place of a tap that failed or was told of the end."""
