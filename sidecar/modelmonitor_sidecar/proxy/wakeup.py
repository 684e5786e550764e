"""Orders from outside the loop: from signal handlers and from other threads."""

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from modelmonitor_sidecar.proxy.poller import READ, Poller

_ORDER: Final = b"\0"


class Wakeup:
    """`order` may be called from anywhere; `obey` then runs soon, in the loop's thread."""

    def __init__(self, poller: Poller, obey: Callable[[], None]) -> None:
        self._poller = poller
        self._obey = obey
        self._here, self.there = socket.socketpair()
        self._here.setblocking(False)
        self.there.setblocking(False)
        poller.watch(self._here.fileno(), self, READ)

    def order(self) -> None:
        """Ask the loop to obey."""
        with suppress(OSError):
            self.there.send(_ORDER)

    def ready(self, _events: int) -> None:
        """See `Ready`."""
        with suppress(BlockingIOError):
            self._here.recv(64)
        self._obey()

    def close(self) -> None:
        """Free both ends."""
        self._poller.forget(self._here.fileno())
        self._here.close()
        self.there.close()
