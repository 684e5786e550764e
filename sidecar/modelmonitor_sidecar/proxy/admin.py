"""The proxy's own small HTTP server: metrics, probes, the order to drain.

A few hundred lines of a framework would be larger than the proxy.  It speaks HTTP/1.0 and 1.1,
reads heads and no bodies, and refuses to know what its pages say.
"""

import asyncio
import ipaddress
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, cast

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


class AdminServer:
    """Makes connections and bounds their number: the one that is idle longest makes room."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self._open: dict[AdminConnection, None] = {}

    def connection(self) -> "AdminConnection":
        """The protocol factory for `create_server`."""
        return AdminConnection(self)

    def used(self, connection: "AdminConnection") -> None:
        """The connection opened or was used just now."""
        self._open.pop(connection, None)
        self._open[connection] = None
        if len(self._open) > MAX_CONNECTIONS:
            next(iter(self._open)).close()

    def closed(self, connection: "AdminConnection") -> None:
        """The connection is gone."""
        self._open.pop(connection, None)

    def close(self) -> None:
        """Close every connection."""
        for connection in list(self._open):
            connection.close()


class AdminConnection(asyncio.Protocol):
    """One client.  Answers one head after the other, and none while its answers are not read."""

    _transport: asyncio.Transport
    _timer: asyncio.TimerHandle

    def __init__(self, server: AdminServer) -> None:
        self._server = server
        self._buffer = bytearray()
        self._paused = False
        self._from_here = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the clock for the first head."""
        # A cast, not a check: uvloop's transports do not inherit from asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._from_here = is_loopback(transport.get_extra_info("peername"))
        self._timer = asyncio.get_running_loop().call_later(HEAD_SECONDS, self.close)
        self._server.used(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._timer.cancel()
        self._server.closed(self)

    def data_received(self, data: bytes) -> None:
        """Answer every head that is complete."""
        self._buffer += data
        self._answer_all()

    def pause_writing(self) -> None:
        """The client reads slower than it asks: ask it nothing more."""
        self._paused = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """It has read; go on with what it asked meanwhile."""
        self._paused = False
        self._transport.resume_reading()
        self._answer_all()

    def close(self) -> None:
        """Cut the connection."""
        self._transport.abort()
        self._server.closed(self)

    def _answer_all(self) -> None:
        while not (self._paused or self._transport.is_closing()):
            end = self._buffer.find(_END_OF_HEAD)
            if end < 0 or end > MAX_HEAD_BYTES:
                break
            head = self._buffer[:end].decode("latin-1")
            del self._buffer[: end + len(_END_OF_HEAD)]
            self._answer(head)
        if len(self._buffer) > MAX_HEAD_BYTES and not self._paused:
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            self._send(Page.plain(status, f"heads end within {MAX_HEAD_BYTES} bytes"), last=True)

    def _answer(self, head: str) -> None:
        request = parse_head(head)
        if request is None:
            page = Page.plain(HTTPStatus.BAD_REQUEST, "that is no HTTP/1.x request")
            self._send(page, last=True)
            return
        page = self._server.pages.answer(request.method, request.path, from_here=self._from_here)
        self._send(page, last=request.last, only_head=request.method == "HEAD", path=request.path)

    def _send(
        self, page: Page, *, last: bool, only_head: bool = False, path: str | None = None
    ) -> None:
        allow = ""
        if page.status == HTTPStatus.METHOD_NOT_ALLOWED and path is not None:
            allow = f"Allow: {self._server.pages.methods(path)}\r\n"
        head = (
            f"HTTP/1.1 {page.status} {HTTPStatus(page.status).phrase}\r\n"
            f"Content-Type: {page.content_type}\r\n"
            f"Content-Length: {len(page.body)}\r\n{allow}"
            f"Connection: {'close' if last else 'keep-alive'}\r\n\r\n"
        ).encode()
        self._transport.write(head if only_head else head + page.body)
        if last:
            self._transport.close()
        self._restart_clock()

    def _restart_clock(self) -> None:
        self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, self.close)
        self._server.used(self)


@dataclass(frozen=True, slots=True)
class Request:
    """What a head asks for; `last` when the connection ends with its answer."""

    method: str
    path: str
    last: bool


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
