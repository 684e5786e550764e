"""One HTTP client: heads in, answers out, in order, until it or its patience ends.

One answer a round of the loop, however many requests came at once, so that frames are not kept
waiting.  Memory is one read and what the client has not taken of one answer: until it has, it is
neither answered nor read.
"""

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, cast

from modelmonitor_sidecar.expose.http import (
    MAX_HEAD_BYTES,
    BadRequestError,
    Request,
    Response,
    packed,
    parse_head,
    plain,
)

IDLE_SECONDS: Final = 75.0
"""Longer than the usual pause between two scrapes, so that they may share a connection."""
MAX_CONNECTIONS: Final = 256
_END: Final = b"\r\n\r\n"

log = logging.getLogger(__name__)


class HttpConnection(asyncio.Protocol):
    """Serves one client; `clients` are all of this server, the one idle longest first.

    That one makes room for a client too many: holding connections open keeps no scraper out.
    """

    def __init__(
        self, answer: Callable[[Request], Response], clients: dict["HttpConnection", None]
    ) -> None:
        self._answer = answer
        self._clients = clients
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._scheduled = self._full = self._unread = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass
        if len(self._clients) >= MAX_CONNECTIONS:
            next(iter(self._clients)).cut()
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Answer what is whole; what comes before its turn is the last that is read."""
        self._buffer += data
        if not (self._scheduled or self._full):
            self._answer_next()
        elif self._transport is not None and not self._unread:
            self._unread = True
            self._transport.pause_reading()

    def pause_writing(self) -> None:
        """It does not read: then it need not be answered."""
        self._full = True

    def resume_writing(self) -> None:
        """It reads again."""
        self._full = False
        self._schedule()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._clients.pop(self, None)
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()

    def cut(self) -> None:
        """End the connection at once, with all that it has not read."""
        self._clients.pop(self, None)
        if self._transport is not None:
            self._transport.abort()

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._answer_next)

    def _answer_next(self) -> None:
        self._scheduled = False
        transport = self._transport
        if transport is None or transport.is_closing() or self._full:
            return
        end = self._buffer.find(_END)
        if end >= 0:
            head = bytes(self._buffer[:end])
            del self._buffer[: end + len(_END)]
            self._serve(head)
            self._schedule()
        elif len(self._buffer) > MAX_HEAD_BYTES:
            self._send(plain(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "Headers too long."), None)
        elif self._unread:
            self._unread = False
            transport.resume_reading()

    def _serve(self, head: bytes) -> None:
        request = None
        try:
            request = parse_head(head)
            response = self._answered(request)
        except BadRequestError as error:
            response = plain(HTTPStatus.BAD_REQUEST, str(error))
        except Exception:
            log.exception("a page could not be made")
            response = plain(HTTPStatus.INTERNAL_SERVER_ERROR, "This page could not be made.")
        self._send(response, request)

    def _answered(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return plain(HTTPStatus.METHOD_NOT_ALLOWED, "Only GET and HEAD are served.")
        return self._answer(request)

    def _send(self, response: Response, request: Request | None) -> None:
        if self._transport is None:
            return
        self._transport.write(packed(response, request))
        if request is None or not request.keep_alive:
            self._transport.close()
        else:
            self._wait()

    def _wait(self) -> None:
        """Not for ever: a request must be whole, an answer read, before the patience ends."""
        self._clients.pop(self, None)
        self._clients[self] = None  # the last to be used
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, self.cut)
