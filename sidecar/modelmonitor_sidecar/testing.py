"""Doubles for tests of the data path: sockets that play a script, a loop moved by hand, a witness
that writes down what it is told.  Refuses to wait and to open anything.
"""

import errno
import socket
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from modelmonitor_sidecar.wire.exchange import Exchange
from modelmonitor_sidecar.wire.heads import RequestHead

BLOCKED: Final = BlockingIOError(errno.EAGAIN, "would block")
RESET: Final = ConnectionResetError(errno.ECONNRESET, "reset")


class ScriptedSocket:
    """Gives what `incoming` says (bytes, b"" for FIN, or an exception), then blocks.

    Takes `room` bytes before it blocks; with `send_error`, sending raises it.  `written` and
    `calls` say what happened.
    """

    _descriptors = iter(range(1000, 10**9))

    def __init__(self, *incoming: bytes | OSError, room: int = 10**9) -> None:
        self.incoming = deque(incoming)
        self.room = room
        self.send_error: OSError | None = None
        self.written = b""
        self.calls: list[str] = []
        self._descriptor = next(self._descriptors)

    def fileno(self) -> int:
        """A number of its own."""
        return self._descriptor

    def recv(self, count: int) -> bytes:
        """The next of the script, at most `count` bytes of it."""
        if not self.incoming:
            raise BLOCKED
        first = self.incoming.popleft()
        if isinstance(first, OSError):
            raise first
        if len(first) > count:
            self.incoming.appendleft(first[count:])
        return first[:count]

    def send(self, data: bytes | memoryview) -> int:
        """Take what there is room for."""
        if self.send_error is not None:
            raise self.send_error
        taken = bytes(data[: self.room])
        if not taken:
            raise BLOCKED
        self.room -= len(taken)
        self.written += taken
        return len(taken)

    def shutdown(self, how: int) -> None:
        """Half-close."""
        assert how == socket.SHUT_WR
        self.calls.append("fin")

    def setsockopt(self, _level: int, option: int, _value: object) -> None:
        """Only lingering is told."""
        if option == socket.SO_LINGER:
            self.calls.append("linger")

    def close(self) -> None:
        """Close."""
        self.calls.append("reset" if "linger" in self.calls else "close")


class ScriptedPoller:
    """What is watched, for tests that call `ready` themselves; timers run by `pass_time`."""

    def __init__(self) -> None:
        self.now = 0.0
        self.failures: list[str] = []
        self.watched: dict[int, int] = {}
        self.owners: dict[int, Any] = {}
        self._closing: list[Any] = []
        self._timers: list[tuple[float, Callable[[], None]]] = []

    def watch(self, descriptor: int, owner: Any, events: int) -> None:
        """Begin to report."""
        assert descriptor not in self.watched, "epoll refuses to watch a descriptor twice"
        self.watched[descriptor] = events
        self.owners[descriptor] = owner

    def change(self, descriptor: int, events: int) -> None:
        """Report these instead."""
        assert descriptor in self.watched, "epoll refuses to change what it does not watch"
        self.watched[descriptor] = events

    def forget(self, descriptor: int) -> None:
        """Stop reporting."""
        self.watched.pop(descriptor, None)
        self.owners.pop(descriptor, None)

    def failed(self, what: str) -> None:
        """Write it down."""
        self.failures.append(what)

    def close_later(self, closing: Any) -> None:
        """Close with `end_round`."""
        self._closing.append(closing)

    def end_round(self) -> None:
        """Close what was to be closed."""
        closing, self._closing = self._closing, []
        for one in closing:
            one.close()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> "ScriptedTimer":
        """Call from `pass_time`."""
        self._timers.append((self.now + seconds, callback))
        return ScriptedTimer(self._timers, self._timers[-1])

    def pass_time(self, seconds: float) -> None:
        """Run what is due until then, in order."""
        until = self.now + seconds
        while due := [timer for timer in self._timers if timer[0] <= until]:
            timer = min(due, key=lambda one: one[0])
            self._timers.remove(timer)
            self.now = max(self.now, timer[0])
            timer[1]()
        self.now = until


class ScriptedTimer:
    """A call that `ScriptedPoller` will make."""

    def __init__(self, timers: list[Any], timer: Any) -> None:
        self._timers, self._timer = timers, timer

    def cancel(self) -> None:
        """Do not call."""
        if self._timer in self._timers:
            self._timers.remove(self._timer)


class SteppingClock:
    """Each look is one second after the one before; the first is 1."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The time."""
        self.now += 1.0
        return self.now


class Target:
    """Captures every POST."""

    def __init__(self, captures: bool) -> None:
        self.captures = captures


class Traffic:
    """Bytes of one protocol."""

    def __init__(self) -> None:
        self.bytes = 0
        self.connections = 0


Told = tuple[str, bytes, int, int, bytes, int, bytes]
"""completed or aborted, path, status, request length and body, response length and body."""


class RecordingWitness:
    """Writes down what it is told; grants `room` bytes at most."""

    def __init__(self, limit: int = 1 << 20, room: int = 1 << 30) -> None:
        self.limit = limit
        self.room = room
        self.held = 0
        self.told: list[Told] = []
        self.exchanges: list[Exchange] = []
        self.asked: list[bytes] = []
        self.protocols: dict[str, Traffic] = {}

    def speaks(self, protocol: str) -> Traffic:
        """Count the connection."""
        traffic = self.protocols.setdefault(protocol, Traffic())
        traffic.connections += 1
        return traffic

    def target(self, head: RequestHead) -> Target:
        """Capture candidates."""
        self.asked.append(head.path)
        return Target(head.candidate)

    def hold(self, count: int) -> bool:
        """Grant or not."""
        if self.held + count > self.room:
            return False
        self.held += count
        return True

    def release(self, count: int) -> None:
        """Take back."""
        self.held -= count
        assert self.held >= 0

    def completed(self, exchange: Exchange) -> None:
        """Write it down."""
        self._tell("completed", exchange)

    def aborted(self, exchange: Exchange) -> None:
        """Write it down."""
        self._tell("aborted", exchange)

    def _tell(self, how: str, exchange: Exchange) -> None:
        self.release(exchange.held)
        self.exchanges.append(exchange)
        self.told.append(
            (
                how,
                exchange.head.path,
                exchange.response.status if exchange.response else 0,
                exchange.request_length,
                exchange.request_body,
                exchange.response_length,
                exchange.response_body,
            )
        )
