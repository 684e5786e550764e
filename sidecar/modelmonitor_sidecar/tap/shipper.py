"""The way of frames to the collector, and of its acknowledgements back.

Frames are joined and written every few milliseconds.  What the collector has not acknowledged when
its connection ends is lost, and counted.  Nothing waits: a full budget refuses the newest.  It
refuses to know what is in a frame.
"""

import logging
import socket
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from modelmonitor_sidecar.frames import PREAMBLE, Ack, split_acks
from modelmonitor_sidecar.tap.budget import Budget
from modelmonitor_sidecar.tap.counters import FrameCounts

BUDGET: Final = "budget"
COLLECTOR_LOST: Final = "collector_lost"
COLLECTOR_ABSENT: Final = "collector_absent"
DRAINING: Final = "draining"
REASONS: Final = (BUDGET, COLLECTOR_LOST, COLLECTOR_ABSENT, DRAINING)

FLUSH_SECONDS: Final = 0.005
READ_BYTES: Final = 64 * 1024
MAX_WRITE_BYTES: Final = 256 * 1024
PARTS: Final = 4
"""Of a frame: head, texts, two bodies."""
FIRST_RETRY_SECONDS: Final = 0.05
LONGEST_RETRY_SECONDS: Final = 1.0
MAX_ABSENT_SECONDS: Final = 60.0
"""A collector that is away longer will not be told of what happened before."""

READ: Final = 1
WRITE: Final = 4

_log = logging.getLogger(__name__)


class Timer(Protocol):
    """A call in the future."""

    def cancel(self) -> None:
        """Do not call."""


class Watcher(Protocol):
    """The loop that runs us; events are epoll's."""

    def watch(self, descriptor: int, owner: "Shipper", events: int) -> None:
        """Begin to report."""

    def change(self, descriptor: int, events: int) -> None:
        """Report these instead."""

    def forget(self, descriptor: int) -> None:
        """Stop reporting."""

    def close_later(self, closing: socket.socket) -> None:
        """Close when no event of this round can name it."""

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call once."""


class Shipper:
    """Invariant: `_waiting` holds, in order, each frame's counts and size, first the `_sent` frames
    that were given to the socket and not acknowledged, then those in `_queue`; the budget holds
    their sizes.
    """

    def __init__(
        self, watcher: Watcher, path: str, budget: Budget, clock: Callable[[], float]
    ) -> None:
        self._watcher = watcher
        self._path = path
        self._budget = budget
        self._clock = clock
        self._queue: list[bytes] = []
        self._queued_bytes = 0
        self._waiting: deque[tuple[FrameCounts, int]] = deque()
        self._sent = 0
        self._acknowledged = 0
        self._socket: socket.socket | None = None
        self._events = READ
        self._unsent: memoryview | None = None
        self._received = bytearray()
        self._flushing = False
        self._retry_seconds = FIRST_RETRY_SECONDS
        self._present_since = self._absent_since = clock()
        self._closed = False
        self._nonsense = 0
        self.connections = 0

    @property
    def connected(self) -> bool:
        """Whether a collector is there."""
        return self._socket is not None

    @property
    def waiting(self) -> int:
        """Frames queued or not yet acknowledged."""
        return len(self._waiting)

    def start(self) -> None:
        """Connect, or try again later; called again by itself until `close`."""
        if self._closed or self._socket is not None:
            return
        unix = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            unix.setblocking(False)
            unix.connect(self._path)
            unix.send(PREAMBLE)  # an empty socket takes eight bytes
        except OSError:
            unix.close()
            self._try_later()
            return
        self._socket = unix
        self.connections += 1
        self._present_since = self._clock()
        self._watcher.watch(unix.fileno(), self, READ)
        self._flush()

    def put(self, parts: tuple[bytes, bytes, bytes, bytes], frames: FrameCounts, size: int) -> None:
        """Queue a frame whose `size` the budget has granted."""
        self._queue += parts
        self._queued_bytes += size
        self._waiting.append((frames, size))
        if not self._flushing:
            self._flushing = True
            self._watcher.call_later(FLUSH_SECONDS, self._flush)

    def refused(self, frames: FrameCounts) -> None:
        """The budget had no room for a copy: count why."""
        frames.drop(BUDGET if self.connected else COLLECTOR_ABSENT)

    def ready(self, events: int) -> None:
        """See `Watcher`."""
        if events & WRITE:
            self._flush()
        if self._socket is not None and events & ~WRITE:
            self._receive(self._socket)

    def close(self) -> None:
        """The process ends: what was not acknowledged is counted as lost on the way out."""
        self._closed = True
        self._disconnect()
        self._drop(len(self._waiting), DRAINING)
        self._queue.clear()
        self._queued_bytes = 0

    def _flush(self) -> None:
        self._flushing = False
        if self._socket is None:
            return
        try:
            while self._unsent is not None or self._queue:
                rest = self._unsent = self._unsent or memoryview(self._next_write())
                sent = self._socket.send(rest)  # kept as unsent where even this is refused
                self._unsent = rest[sent:] if sent < len(rest) else None
        except (BlockingIOError, InterruptedError):
            self._flushing = True  # by the event that there is room again
            self._ask_for(READ | WRITE)
        except OSError:
            self._disconnect()
        else:
            self._ask_for(READ)

    def _ask_for(self, events: int) -> None:
        if events != self._events and self._socket is not None:
            self._events = events
            self._watcher.change(self._socket.fileno(), events)

    def _next_write(self) -> bytes:
        """The frames that are written next, as one piece of about `MAX_WRITE_BYTES` at most."""
        end, size = len(self._queue), self._queued_bytes
        if size > MAX_WRITE_BYTES:
            end = size = 0
            while end < len(self._queue) and size < MAX_WRITE_BYTES:
                size += sum(map(len, self._queue[end : end + PARTS]))
                end += PARTS
        piece = b"".join(self._queue[:end])
        del self._queue[:end]
        self._queued_bytes -= size
        self._sent += end // PARTS
        return piece

    def _receive(self, unix: socket.socket) -> None:
        try:
            data = unix.recv(READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._disconnect()
            return
        self._received += data
        try:
            for ack in split_acks(self._received):
                self._acknowledge(ack)
        except ValueError as error:
            self._nonsense += 1
            if self._nonsense & (self._nonsense - 1) == 0:  # the 1st, 2nd, 4th, 8th...
                _log.warning("the collector acknowledged what it cannot have received: %s", error)
            self._disconnect()

    def _acknowledge(self, ack: Ack) -> None:
        if ack.count > self._sent or ack.sequence != self._acknowledged + ack.count:
            raise ValueError(f"{ack.count} frames up to number {ack.sequence}")
        self._acknowledged = ack.sequence
        self._retry_seconds = FIRST_RETRY_SECONDS  # it works
        self._sent -= ack.count
        outcome, freed = ack.outcome, 0
        for _ in range(ack.count):
            frames, size = self._waiting.popleft()
            frames.acknowledged[outcome] += 1
            freed += size
        self._budget.give(freed)

    def _disconnect(self) -> None:
        """The collector is gone, and with it what it had not acknowledged."""
        if self._socket is None:
            return
        self._watcher.forget(self._socket.fileno())
        self._watcher.close_later(self._socket)
        self._socket = None
        self._events = READ
        self._unsent = None
        self._flushing = False
        self._received.clear()
        self._drop(self._sent, COLLECTOR_LOST)
        self._sent = 0
        self._absent_since = self._clock()
        # One that takes connections only to drop them is not worth a connection every 50 ms.
        if self._absent_since - self._present_since >= LONGEST_RETRY_SECONDS:
            self._retry_seconds = FIRST_RETRY_SECONDS
        self._try_later()

    def _try_later(self) -> None:
        if self._closed:
            return
        if self._clock() - self._absent_since > MAX_ABSENT_SECONDS:
            self._drop(len(self._waiting), COLLECTOR_ABSENT)
            self._queue.clear()
            self._queued_bytes = 0
        self._watcher.call_later(self._retry_seconds, self.start)
        self._retry_seconds = min(2 * self._retry_seconds, LONGEST_RETRY_SECONDS)

    def _drop(self, count: int, reason: str) -> None:
        """The oldest `count` frames are lost."""
        freed = 0
        for _ in range(count):
            frames, size = self._waiting.popleft()
            frames.drop(reason)
            freed += size
        self._acknowledged += count
        self._budget.give(freed)
