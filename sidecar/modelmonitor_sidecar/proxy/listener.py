"""Accepts clients, dials the server for each, and joins the two.

Its own accept loop: when descriptors run out, connections stay in the kernel's backlog and are
accepted when others end, never accepted and dropped.
"""

import errno
import logging
import resource
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from modelmonitor_sidecar.proxy.dial import Dialer
from modelmonitor_sidecar.proxy.poller import READ, Poller
from modelmonitor_sidecar.proxy.relay import RESET, Pair, Tap

RESERVED_DESCRIPTORS: Final = 96
"""For probes, scrapes, the collector and files: what keeps a full proxy alive."""
ACCEPTS_A_ROUND: Final = 64
RETRY_SECONDS: Final = 0.05
_EXHAUSTED: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

_log = logging.getLogger(__name__)


class Unobserved:
    """A tap that sees nothing, for a connection whose own could not be made."""

    idle = False

    def request_bytes(self, data: bytes) -> None:
        """See `Tap`."""

    def response_bytes(self, data: bytes) -> None:
        """See `Tap`."""

    def response_end(self) -> None:
        """See `Tap`."""

    def lost(self) -> None:
        """See `Tap`."""

    def fail(self) -> None:
        """See `Tap`."""


class Listener:
    """Invariant: a client is accepted only when a socket for the server is in hand, so running out
    of descriptors never costs an accepted connection.
    """

    def __init__(
        self, poller: Poller, traffic: socket.socket, dialer: Dialer, tap: Callable[[], Tap]
    ) -> None:
        self._poller = poller
        self._traffic = traffic
        self._dialer = dialer
        self._tap = tap
        self._spare: socket.socket | None = None
        self._dialling = 0
        self._paused = True
        self._closed = False
        self.pairs: dict[Pair, None] = {}
        self.exhausted = 0
        """How often accepting had to wait for descriptors."""
        self.failures = 0
        """Connections for which no tap could be made."""
        traffic.setblocking(False)
        # Inherited by what is accepted.
        traffic.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.most_pairs = _most_pairs()
        self._resume()

    @property
    def connections(self) -> int:
        """Clients accepted and not yet gone."""
        return len(self.pairs) + self._dialling

    def ready(self, _events: int) -> None:
        """See `Ready`: clients are waiting."""
        for _ in range(ACCEPTS_A_ROUND):
            if self.connections >= self.most_pairs:
                self._pause()
                return
            try:
                spare = self._spare or self._new_spare()
                client, _ = self._traffic.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self._pause()
                    return
                continue  # the client is gone already
            self._spare = None
            self._welcome(client, spare)

    def close(self) -> None:
        """Accept no more."""
        self._closed = True
        self._poller.forget(self._traffic.fileno())
        self._traffic.close()
        if self._spare is not None:
            self._spare.close()
            self._spare = None

    def _new_spare(self) -> socket.socket:
        self._spare = socket.socket(self._dialer.family, socket.SOCK_STREAM)
        self._spare.setblocking(False)
        return self._spare

    def _welcome(self, client: socket.socket, spare: socket.socket) -> None:
        client.setblocking(False)
        self._dialling += 1

        def connected(server: socket.socket) -> None:
            self._dialling -= 1
            pair = Pair(self._poller, client, server, self._new_tap(), self._ended)
            self.pairs[pair] = None
            pair.start()

        def refused() -> None:
            self._dialling -= 1
            with suppress(OSError):  # BSD kernels set no option of who is gone already
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            client.close()
            self._resume()

        self._dialer.dial(spare, connected, refused)

    def _new_tap(self) -> Tap:
        try:
            return self._tap()
        except Exception:
            self.failures += 1
            if self.failures & (self.failures - 1) == 0:  # the 1st, 2nd, 4th, 8th...
                _log.exception("a connection goes on unobserved")
            return Unobserved()

    def _ended(self, pair: Pair) -> None:
        self.pairs.pop(pair, None)
        if self._paused:
            self._resume()

    def _pause(self) -> None:
        if not self._paused:
            self._paused = True
            self.exhausted += 1
            self._poller.forget(self._traffic.fileno())
            self._poller.call_later(RETRY_SECONDS, self._resume)

    def _resume(self) -> None:
        if self._paused and not self._closed:
            self._paused = False
            self._poller.watch(self._traffic.fileno(), self, READ)


def _most_pairs() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(1, (soft - RESERVED_DESCRIPTORS) // 2)
