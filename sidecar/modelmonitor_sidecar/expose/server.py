"""The collector's pages: metrics for everyone who may scrape, the status for localhost only.

The status page shows what is in the traffic, so it is served on a loopback socket alone, and only
to requests that say so in their Host header: a web page elsewhere that has its name resolve to
127.0.0.1 gets nothing.  It refuses to know where texts come from.
"""

import asyncio
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from modelmonitor_sidecar.expose.http import Request, Response, plain
from modelmonitor_sidecar.expose.http_connection import HttpConnection
from modelmonitor_sidecar.expose.page import CONTENT_SECURITY_POLICY
from modelmonitor_sidecar.exposition import CONTENT_TYPE

_LOCAL_HOST: Final = re.compile(
    r"(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE
)
_STATUS_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_NOT_FOUND: Final = plain(HTTPStatus.NOT_FOUND, "There is no such page.")
_ELSEWHERE: Final = plain(
    HTTPStatus.MISDIRECTED_REQUEST,
    "The status page is for this machine only; open it as http://localhost",
)

Route = Callable[[Request], Response]


@dataclass(frozen=True, slots=True)
class Pages:
    """Who makes the texts.  `status` takes the window and the opened feature of the address."""

    metrics: Callable[[], str]
    baselines: Callable[[], str]
    status: Callable[[str | None, str | None], str]
    status_document: Callable[[], bytes]


def metrics_routes(pages: Pages) -> Mapping[str, Route]:
    """The two metrics pages."""
    return {
        "/metrics": lambda _: _exposition(pages.metrics()),
        "/metrics/baseline": lambda _: _exposition(pages.baselines()),
    }


def status_routes(pages: Pages) -> Mapping[str, Route]:
    """The status page and its JSON; with the metrics pages, to which it links."""
    return {
        **metrics_routes(pages),
        "/": _for_this_machine(lambda request: _page(pages, request)),
        "/api/status": _for_this_machine(lambda _: _document(pages.status_document())),
    }


async def serve(routes: Mapping[str, Route], bound: socket.socket) -> asyncio.Server:
    """Accept clients from a listening socket; nobody is turned away but by number."""
    clients: dict[HttpConnection, None] = {}

    def answer(request: Request) -> Response:
        route = routes.get(request.path)
        return _NOT_FOUND if route is None else route(request)

    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: HttpConnection(answer, clients), sock=bound)


def is_local(host: str | None) -> bool:
    """Whether a Host header names this machine as only this machine would.

    >>> is_local("localhost:24090"), is_local("[::1]"), is_local("rebound.example:24090")
    (True, True, False)
    """
    return host is not None and _LOCAL_HOST.fullmatch(host) is not None


def _for_this_machine(route: Route) -> Route:
    return lambda request: route(request) if is_local(request.headers.get("host")) else _ELSEWHERE


def _exposition(text: str) -> Response:
    return Response(text.encode(), CONTENT_TYPE)


def _page(pages: Pages, request: Request) -> Response:
    document = pages.status(request.query.get("window"), request.query.get("feature"))
    return Response(document.encode(), "text/html; charset=utf-8", headers=_STATUS_HEADERS)


def _document(body: bytes) -> Response:
    return Response(body, "application/json", headers=_STATUS_HEADERS)
