"""Finds the model server: its places in turn, from a source address that is not loopback's.

Web servers believe `X-Forwarded-*` from 127.0.0.1, so the server must not take clients for itself.
It refuses to know what is relayed.
"""

import errno
import logging
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from modelmonitor_sidecar.proxy.poller import WRITE, Poller
from modelmonitor_sidecar.proxy.settings import Upstream

# Linux: choose the port when connecting, so that one port serves many destinations.
_IP_BIND_ADDRESS_NO_PORT: Final = 24
_LINUX: Final = sys.platform.startswith("linux")

_log = logging.getLogger(__name__)

Connected = Callable[[socket.socket], None]
Refused = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Place:
    """One address of the server, resolved."""

    family: int
    address: tuple[object, ...]
    source: str | None


@dataclass(slots=True)
class DialCounts:
    """What became of dialling.  `plain` counts connections made without a source address."""

    connected: int = 0
    plain: int = 0
    refused: int = 0


class Dialer:
    """Makes connections to the server; remembers which place answered last and starts there."""

    def __init__(self, poller: Poller, upstreams: Sequence[Upstream]) -> None:
        self._poller = poller
        self._upstreams = upstreams
        self._places: list[Place] = []
        self.counts = DialCounts()
        self.resolve()

    def resolve(self) -> None:
        """Look names up, where they are not yet known."""
        if not self._places:
            self._places = [place for one in self._upstreams for place in _places(one)]

    @property
    def family(self) -> int:
        """Of the place that is tried first."""
        return self._places[0].family if self._places else socket.AF_INET

    def dial(self, first: socket.socket, connected: Connected, refused: Refused) -> None:
        """Connect, with `first` if it fits the first place.  Exactly one of the two is called."""
        Attempt(self, self._poller, list(self._places), connected, refused).next(first)

    def succeeded(self, place: Place) -> None:
        """Start there the next time."""
        self.counts.connected += 1
        if self._places and self._places[0] is not place and place in self._places:
            self._places.remove(place)
            self._places.insert(0, place)


class Attempt:
    """One connection in the making, place after place."""

    __slots__ = (
        "_connected", "_dialer", "_place", "_places", "_plain", "_poller", "_refused", "_socket",
    )  # fmt: skip

    def __init__(
        self,
        dialer: Dialer,
        poller: Poller,
        places: list[Place],
        connected: Connected,
        refused: Refused,
    ) -> None:
        self._dialer = dialer
        self._poller = poller
        self._places = places
        self._connected = connected
        self._refused = refused

    def next(self, spare: socket.socket | None = None) -> None:
        """Try the next place; without one, it is refused."""
        while self._places:
            self._place = self._places.pop(0)
            try:
                self._socket = self._prepared(spare)
                spare = None
                problem = self._socket.connect_ex(self._place.address)
            except OSError as error:
                problem = error.errno or errno.EIO
            if problem == 0:
                self._done()
                return
            if problem == errno.EINPROGRESS:
                self._poller.watch(self._socket.fileno(), self, WRITE)
                return
            self._socket.close()
        if spare is not None:
            spare.close()
        self._dialer.counts.refused += 1
        self._refused()

    def ready(self, events: int) -> None:
        """See `Ready`: connected, or not."""
        self._poller.forget(self._socket.fileno())
        if self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._poller.close_later(self._socket)
            self.next()
        else:
            self._done()

    def _done(self) -> None:
        self._dialer.succeeded(self._place)
        if self._plain:
            self._dialer.counts.plain += 1
        self._connected(self._socket)

    def _prepared(self, spare: socket.socket | None) -> socket.socket:
        if spare is not None and spare.family == self._place.family:
            own = spare
        else:
            if spare is not None:
                spare.close()
            own = socket.socket(self._place.family, socket.SOCK_STREAM)
            own.setblocking(False)
        own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._bind(own)
        return own

    def _bind(self, own: socket.socket) -> None:
        self._plain = self._place.source is None
        if self._place.source is not None:
            try:
                if _LINUX:
                    own.setsockopt(socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
                own.bind((self._place.source, 0))
            except OSError:
                self._plain = True
                _log.debug("cannot dial from %s", self._place.source)


def _places(upstream: Upstream) -> list[Place]:
    try:
        found = socket.getaddrinfo(upstream.host, upstream.port, type=socket.SOCK_STREAM)
    except OSError as error:
        _log.warning("the model server's host %s cannot be found: %s", upstream.host, error)
        return []
    return [
        Place(family, address, upstream.source)
        for family, _kind, _protocol, _name, address in found
        if upstream.source is None or (family == socket.AF_INET6) == (":" in upstream.source)
    ]
