"""The proxy's own small HTTP server: metrics, probes, the order to drain.

A framework would be larger than the proxy.  It runs on the data path's loop, which makes one page a
round, however many are asked for, so that traffic waits for one page at most.  It speaks HTTP/1.0
and 1.1, reads heads and no bodies, and refuses to know what its pages say.
"""

import ipaddress
import logging
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from modelmonitor_sidecar.proxy.poller import BROKEN, READ, WRITE, Poller

PLAIN: Final = "text/plain; charset=utf-8"
MAX_HEAD_BYTES: Final = 8192
HEAD_SECONDS: Final = 5.0
"""A client that has not sent a whole head by then is closed."""
IDLE_SECONDS: Final = 75.0
"""Longer than any usual scrape interval, so that scrapers keep their connection."""
MAX_CONNECTIONS: Final = 64

_END_OF_HEAD: Final = b"\r\n\r\n"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """One answer."""

    status: int
    body: bytes
    content_type: str = PLAIN

    @classmethod
    def plain(cls, status: HTTPStatus, sentence: str) -> "Page":
        """One sentence of text."""
        return cls(status, sentence.encode() + b"\n")


@dataclass(frozen=True, slots=True)
class Pages:
    """What is served: pages to read, by anyone, and orders to post, from this machine only."""

    read: Mapping[str, Callable[[], Page]]
    orders: Mapping[str, Callable[[], Page]] = field(default_factory=dict)

    def answer(self, method: str, path: str, *, from_here: bool) -> Page:
        """The page for one request; a page that raises is an answer of 500, logged."""
        table = self.orders if path in self.orders else self.read
        if path not in table:
            return Page.plain(HTTPStatus.NOT_FOUND, f"there is no {path} here")
        if method not in self.methods(path):
            return Page.plain(HTTPStatus.METHOD_NOT_ALLOWED, f"{path} takes {self.methods(path)}")
        if table is self.orders and not from_here:
            return Page.plain(HTTPStatus.FORBIDDEN, f"{path} is for this machine's loopback only")
        try:
            return table[path]()
        except Exception:
            _log.exception("the page %s failed", path)
            return Page.plain(HTTPStatus.INTERNAL_SERVER_ERROR, f"{path} failed; see the log")

    def methods(self, path: str) -> str:
        """The methods that `path` takes, as the Allow header has them."""
        return "POST" if path in self.orders else "GET, HEAD"


@dataclass(frozen=True, slots=True)
class Request:
    """What a head asks for; `last` when the connection ends with its answer."""

    method: str
    path: str
    last: bool


class AdminServer:
    """Accepts, and bounds the number of connections: the one idle longest makes room."""

    def __init__(self, poller: Poller, listening: socket.socket, pages: Pages) -> None:
        self.pages = pages
        self.poller = poller
        self._listening = listening
        self._open: dict[AdminConnection, None] = {}
        self._asking: dict[AdminConnection, None] = {}
        listening.setblocking(False)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted ones inherit it
        poller.watch(listening.fileno(), self, READ)

    def ready(self, _events: int) -> None:
        """See `Ready`: a client is waiting; others are reported again."""
        try:
            accepted, peer = self._listening.accept()
        except OSError:  # it is gone already, or there is no descriptor left for it
            return
        accepted.setblocking(False)
        self.used(AdminConnection(self, accepted, from_here=is_loopback(peer)))

    def used(self, connection: "AdminConnection") -> None:
        """The connection opened or was used just now."""
        self._open.pop(connection, None)
        self._open[connection] = None
        if len(self._open) > MAX_CONNECTIONS:
            next(iter(self._open)).close()

    def asks(self, connection: "AdminConnection") -> None:
        """The connection has received something that nobody has looked at: let it have its turn."""
        if not self._asking:
            self.poller.call_later(0.0, self._next_turn)
        self._asking[connection] = None

    def _next_turn(self) -> None:
        connection = next(iter(self._asking))
        del self._asking[connection]
        try:
            if connection.work():
                self._asking[connection] = None
        finally:
            if self._asking:
                self.poller.call_later(0.0, self._next_turn)

    def closed(self, connection: "AdminConnection") -> None:
        """The connection is gone."""
        self._open.pop(connection, None)

    def close(self) -> None:
        """Accept no more, and close every connection."""
        self.poller.forget(self._listening.fileno())
        self._listening.close()
        for connection in list(self._open):
            connection.close()


class AdminConnection:
    """One client.  Answers one head after the other, and none while its answers are not read.

    After its last answer it half-closes and discards what still comes, until the client closes or
    its time is over: closing at once would reset the connection under the answer.
    """

    def __init__(self, server: AdminServer, own: socket.socket, *, from_here: bool) -> None:
        self._server = server
        self._socket = own
        self._from_here = from_here
        self._received = bytearray()
        self._unsent = b""
        self._last = self._client_ended = self._closed = False
        self._deadline = time.monotonic() + HEAD_SECONDS
        self._events = READ
        server.poller.watch(own.fileno(), self, READ)
        server.poller.call_later(HEAD_SECONDS, self._look_at_clock)

    def ready(self, events: int) -> None:
        """See `Ready`."""
        try:
            if events & (READ | BROKEN):
                self._receive()
            self._send_unsent()
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self.close()
        else:
            self._server.asks(self)
            self._watch(WRITE if self._unsent else 0)

    def work(self) -> bool:
        """Make one answer at most; whether it did, and needs another turn."""
        try:
            if not (self._closed or self._unsent or self._last) and self._answer_one():
                self._send_unsent()
                return True
        except OSError:
            self.close()
        if self._client_ended and not self._unsent:
            self.close()
        elif not self._closed:
            self._watch(WRITE if self._unsent else READ)
        return False

    def close(self) -> None:
        """Cut the connection."""
        if not self._closed:
            self._closed = True
            self._received.clear()  # its timer keeps us for a while
            self._unsent = b""
            self._server.poller.forget(self._socket.fileno())
            self._server.poller.close_later(self._socket)
            self._server.closed(self)

    def _receive(self) -> None:
        data = self._socket.recv(MAX_HEAD_BYTES)
        if not data:
            self._client_ended = True
        elif not self._last:
            self._received += data

    def _send_unsent(self) -> None:
        while self._unsent:
            try:
                sent = self._socket.send(self._unsent)
            except (BlockingIOError, InterruptedError):
                return
            self._unsent = self._unsent[sent:]
        if self._last:
            self._socket.shutdown(socket.SHUT_WR)

    def _answer_one(self) -> bool:
        end = self._received.find(_END_OF_HEAD)
        if end > MAX_HEAD_BYTES or (end < 0 and len(self._received) > MAX_HEAD_BYTES):
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            page = Page.plain(status, f"heads end within {MAX_HEAD_BYTES} bytes")
            self._answer(page, Request("GET", "", last=True))
            return True
        if end < 0:
            return False
        request = parse_head(self._received[:end].decode("latin-1"))
        del self._received[: end + len(_END_OF_HEAD)]
        if request is None:
            page = Page.plain(HTTPStatus.BAD_REQUEST, "that is no HTTP/1.x request")
            self._answer(page, Request("GET", "", last=True))
        else:
            page = self._server.pages.answer(
                request.method, request.path, from_here=self._from_here
            )
            self._answer(page, request)
        return True

    def _answer(self, page: Page, request: Request) -> None:
        allow = ""
        if page.status == HTTPStatus.METHOD_NOT_ALLOWED:
            allow = f"Allow: {self._server.pages.methods(request.path)}\r\n"
        head = (
            f"HTTP/1.1 {page.status} {HTTPStatus(page.status).phrase}\r\n"
            f"Content-Type: {page.content_type}\r\n"
            f"Content-Length: {len(page.body)}\r\n{allow}"
            f"Connection: {'close' if request.last else 'keep-alive'}\r\n\r\n"
        ).encode()
        self._unsent = head if request.method == "HEAD" else head + page.body
        self._last = request.last
        self._deadline = time.monotonic() + (HEAD_SECONDS if self._last else IDLE_SECONDS)
        if self._last:
            self._server.poller.call_later(HEAD_SECONDS, self._look_at_clock)
        self._server.used(self)

    def _watch(self, events: int) -> None:
        if events != self._events:
            self._events = events
            self._server.poller.change(self._socket.fileno(), events)

    def _look_at_clock(self) -> None:
        # One timer a connection, however often it is used: it looks, and comes back later.  Its
        # last answer brings the end nearer, with a timer of its own.
        left = self._deadline - time.monotonic()
        if left <= 0:
            self.close()
        elif not self._closed:
            self._server.poller.call_later(left, self._look_at_clock)


def parse_head(head: str) -> Request | None:
    """Read a head without its empty line; None: it is not HTTP/1.x.

    A request with a body is the connection's last, since bodies are not read.

    >>> parse_head("GET /metrics?x=1 HTTP/1.1\\r\\nHost: a")
    Request(method='GET', path='/metrics', last=False)
    """
    first, *lines = head.lstrip("\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or words[2] not in ("HTTP/1.0", "HTTP/1.1"):
        return None
    method, target, version = words
    fields = {}
    for text in lines:
        name, colon, value = text.partition(":")
        if not colon:
            return None
        fields[name.lower()] = value.strip().lower()
    body = fields.get("content-length", "0") != "0" or "transfer-encoding" in fields
    options = [option.strip() for option in fields.get("connection", "").split(",")]
    last = body or "close" in options or (version == "HTTP/1.0" and "keep-alive" not in options)
    return Request(method, target.partition("?")[0], last)


def is_loopback(peer: object) -> bool:
    """Whether a socket's peer (as asyncio names it) is this machine's loopback."""
    if not isinstance(peer, tuple) or not peer:
        return False
    try:
        address = ipaddress.ip_address(str(peer[0]).partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
