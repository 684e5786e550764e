"""One HTTP client: heads in, answers out, in order, until it or its patience ends.

Answers are made at once, so there is nothing to queue: memory is one head and what the client has
not read yet, which also stops it from being read.
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
    """Serves one client; `clients` holds all that are connected to this server now."""

    def __init__(
        self, answer: Callable[[Request], Response], clients: set["HttpConnection"]
    ) -> None:
        self._answer = answer
        self._clients = clients
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came; one too many is sent away."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass
        if len(self._clients) >= MAX_CONNECTIONS:
            self.close()
            return
        self._clients.add(self)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._buffer += data
        while self._transport is not None and not self._transport.is_closing():
            end = self._buffer.find(_END)
            if end < 0:
                break
            head = bytes(self._buffer[:end])
            del self._buffer[: end + len(_END)]
            self._serve(head)
        if len(self._buffer) > MAX_HEAD_BYTES:
            self._send(plain(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "Headers too long."), None)

    def pause_writing(self) -> None:
        """It does not read: then it need not be read."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """It reads again."""
        if self._transport is not None:
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._clients.discard(self)
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()

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
        """Not for ever: a request must be whole before the patience ends."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, self.close)
