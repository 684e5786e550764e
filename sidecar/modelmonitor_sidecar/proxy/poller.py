"""The data path's event loop: descriptors that are ready, and timers.

An own loop over epoll and not asyncio's, because the relay must see what transports hide: a reset
after a half-close, an answer still unread when writing fails, a connection that may not be accepted
yet.  It costs no more than uvloop's and less memory.  It refuses to know what a descriptor is for.
"""

import heapq
import logging
import select
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from modelmonitor_sidecar.proxy.kernel_poll import KernelPoll, kernel_poll

# epoll's events have the same values, and not every machine has epoll.
READ: Final = select.POLLIN
WRITE: Final = select.POLLOUT
ERROR: Final = select.POLLERR
BROKEN: Final = ERROR | select.POLLHUP
"""Always reported, whatever was asked for."""

EVENTS_A_ROUND: Final = 128
FOREVER: Final = -1.0

_log = logging.getLogger(__name__)


class Ready(Protocol):
    """Whoever owns a descriptor."""

    def ready(self, events: int) -> None:
        """Something can be done now; must not wait."""


class Closable(Protocol):
    """What can be closed."""

    def close(self) -> None:
        """Free it."""


class Timer:
    """One call in the future, or none if cancelled."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Do not call."""
        self.callback = None


class Poller:
    """Runs callbacks in one thread until `stop`.

    Invariant: no exception of a callback ends the loop, and no descriptor is closed while events of
    the same round may name it (`close_later`), so an event never reaches a descriptor's successor.
    """

    def __init__(self, kernel: KernelPoll | None = None) -> None:
        self._kernel = kernel or kernel_poll()
        self._owners: dict[int, Ready] = {}
        self._timers: list[tuple[float, int, Timer]] = []
        self._timers_made = 0
        self._closing: list[Closable] = []
        self._stopped = False
        self.failures = 0
        """Exceptions on the data path; each is a fault of ours."""

    def watch(self, descriptor: int, owner: Ready, events: int) -> None:
        """Begin to report `events` (and `BROKEN`) of a descriptor."""
        self._kernel.register(descriptor, events)
        self._owners[descriptor] = owner

    def change(self, descriptor: int, events: int) -> None:
        """Report these events instead."""
        self._kernel.modify(descriptor, events)

    def forget(self, descriptor: int) -> None:
        """Report nothing any more; harmless for what is not watched."""
        if self._owners.pop(descriptor, None) is not None:
            with suppress(OSError):
                self._kernel.unregister(descriptor)

    def close_later(self, closing: Closable) -> None:
        """Close at the end of this round."""
        self._closing.append(closing)

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call once, not before `seconds` have passed."""
        timer = Timer(callback)
        self._timers_made += 1  # equal times in the order of asking
        heapq.heappush(self._timers, (time.monotonic() + seconds, self._timers_made, timer))
        return timer

    def stop(self) -> None:
        """Leave `run` at the end of this round."""
        self._stopped = True

    def run(self) -> None:
        """Work until `stop`."""
        self._stopped = False
        now = time.monotonic()
        while not self._stopped:
            timers = self._timers
            self.round(max(0.0, timers[0][0] - now) if timers else FOREVER)
            now = time.monotonic()
            if timers and timers[0][0] <= now:
                self._run_timers(now)

    def round(self, timeout: float) -> None:
        """Wait at most `timeout` seconds for events and handle those there are."""
        owners = self._owners
        for descriptor, events in self._kernel.poll(timeout, EVENTS_A_ROUND):
            owner = owners.get(descriptor)
            if owner is not None:
                try:
                    owner.ready(events)
                except Exception:
                    self.failed("a callback failed")
        if self._closing:
            self._close_all()

    def close(self) -> None:
        """Free the loop's own descriptor."""
        self._close_all()
        self._kernel.close()

    def _run_timers(self, now: float) -> None:
        while self._timers and self._timers[0][0] <= now:
            callback = heapq.heappop(self._timers)[2].callback
            if callback is not None:
                try:
                    callback()
                except Exception:
                    self.failed("a callback failed")
        if self._closing:
            self._close_all()

    def _close_all(self) -> None:
        closing, self._closing = self._closing, []
        for one in closing:
            with suppress(OSError):
                one.close()

    def failed(self, what: str) -> None:
        """Count the exception that is being handled, and log the 1st, 2nd, 4th, 8th..."""
        self.failures += 1
        if self.failures & (self.failures - 1) == 0:
            _log.exception("%s (failure %d of the data path)", what, self.failures)
