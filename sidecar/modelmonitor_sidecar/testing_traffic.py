"""Scripted peers for tests of the data path: what each side did and saw, in order.

A test writes a client and a server as two functions over a `Peer`; `exchange` runs both and
returns what each recorded.  The same two functions run over a direct connection and through the
proxy; the records must be equal.  Refuses to know HTTP.
"""

import socket
import struct
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

DEADLINE_SECONDS: Final = 30.0
_CHUNK_BYTES: Final = 1 << 16
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)

Event = tuple[str, bytes]
"""What happened ("sent", "received", "fin sent", "fin", "reset sent", "reset") and the bytes."""


class PeerGoneError(Exception):
    """The other side ended before the script did; the record says how."""


class Signals:
    """Lets one script wait for a point in the other's, outside the connection."""

    def __init__(self) -> None:
        self._events: defaultdict[str, threading.Event] = defaultdict(threading.Event)

    def give(self, name: str) -> None:
        """Say that the point is reached."""
        self._events[name].set()

    def wait(self, name: str) -> None:
        """Wait for it; TimeoutError when it is not reached."""
        if not self._events[name].wait(DEADLINE_SECONDS):
            raise TimeoutError(f"nobody gave the signal {name!r}")


class Peer:
    """One end of a connection.  Bytes received in pieces are recorded as one piece.

    Invariant: `record` depends on what the two scripts do and on what is carried, never on how
    TCP cuts it.
    """

    def __init__(self, connection: socket.socket, signals: Signals) -> None:
        connection.settimeout(DEADLINE_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection = connection
        self.signals = signals
        self.record: list[Event] = []
        self._buffer = bytearray()

    def send(self, data: bytes) -> None:
        """Send all of it."""
        try:
            self.connection.sendall(data)
        except (ConnectionResetError, BrokenPipeError):
            raise self._ended("reset") from None
        self.record.append(("sent", data))

    def finish(self) -> None:
        """Half-close: nothing more will be sent."""
        self.connection.shutdown(socket.SHUT_WR)
        self.record.append(("fin sent", b""))

    def reset(self) -> None:
        """End with a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.connection.close()
        self.record.append(("reset sent", b""))

    def receive(self, count: int) -> bytes:
        """Exactly so many bytes."""
        while len(self._buffer) < count:
            self._fill()
        return self._take(count)

    def receive_until(self, marker: bytes) -> bytes:
        """Everything up to the marker, with it."""
        while (at := self._buffer.find(marker)) < 0:
            self._fill()
        return self._take(at + len(marker))

    def receive_to_end(self) -> bytes:
        """Everything until the other side has ended, which is recorded as "fin" or "reset"."""
        try:
            while True:
                self._fill()
        except PeerGoneError:
            return b"".join(data for what, data in self.record if what == "received")

    def _fill(self) -> None:
        try:
            data = self.connection.recv(_CHUNK_BYTES)
        except ConnectionResetError:
            raise self._ended("reset") from None
        if not data:
            raise self._ended("fin")
        self._buffer += data

    def _take(self, count: int) -> bytes:
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        if data and self.record and self.record[-1][0] == "received":
            self.record[-1] = ("received", self.record[-1][1] + data)
        elif data:
            self.record.append(("received", data))
        return data

    def _ended(self, how: str) -> PeerGoneError:
        self._take(len(self._buffer))
        self.record.append((how, b""))
        return PeerGoneError(how)


Script = Callable[[Peer], None]


@dataclass(frozen=True)
class Exchange:
    """What both sides recorded."""

    client: list[Event]
    server: list[Event]


@dataclass
class _Side(threading.Thread):
    """Runs one script and keeps what it raised."""

    open_connection: Callable[[], socket.socket]
    script: Script
    signals: Signals
    record: list[Event] = field(default_factory=list)
    failure: BaseException | None = None

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        """Threads are told apart by identity."""
        return id(self)

    def run(self) -> None:
        """The thread: connect or accept, play, close."""
        try:
            with self.open_connection() as connection:
                peer = Peer(connection, self.signals)
                self.record = peer.record
                self.script(peer)
        except PeerGoneError:
            pass  # the record says so, and is compared
        except BaseException as error:
            self.failure = error


def exchange(
    address: tuple[str, int], listening: socket.socket, client: Script, server: Script
) -> Exchange:
    """Play both scripts over one connection to `address` that arrives at `listening`."""
    signals = Signals()
    server_side = _Side(lambda: _accepted(listening), server, signals)
    client_side = _Side(
        lambda: socket.create_connection(address, DEADLINE_SECONDS), client, signals
    )
    for side in (server_side, client_side):
        side.start()
    for name, side in (("client", client_side), ("server", server_side)):
        side.join(2 * DEADLINE_SECONDS)
        if side.failure is not None:
            side.failure.add_note(f"in the {name}, after {side.record[-3:]!r}")
            raise side.failure
    return Exchange(client_side.record, server_side.record)


def _accepted(listening: socket.socket) -> socket.socket:
    listening.settimeout(DEADLINE_SECONDS)
    connection, _ = listening.accept()
    return connection
