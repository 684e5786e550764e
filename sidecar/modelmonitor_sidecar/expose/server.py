"""The collector's HTTP: metrics for everyone who may scrape, the status for localhost only.

The status page shows what is in the traffic, so it is served on a loopback socket alone, and only
to requests that say so in their Host header: a web page elsewhere that has its name resolve to
127.0.0.1 gets nothing.  It refuses to know where texts come from.
"""

import re
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from modelmonitor_sidecar.expose.page import CONTENT_SECURITY_POLICY
from modelmonitor_sidecar.exposition import CONTENT_TYPE

GZIP_LEVEL: Final = 1
_GZIP_WINDOW: Final = 31
_WORTH_GZIP_BYTES: Final = 1_024
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
_ELSEWHERE: Final = "The status page is for this machine only; open it as http://localhost\n"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Pages:
    """Who makes the texts.  `status` takes the window and the opened feature of the address."""

    metrics: Callable[[], str]
    baselines: Callable[[], str]
    status: Callable[[str | None, str | None], str]
    status_document: Callable[[], bytes]


def metrics_application(pages: Pages) -> web.Application:
    """The two metrics pages."""
    application = web.Application()
    application.add_routes(_metrics_routes(pages))
    return application


def status_application(pages: Pages) -> web.Application:
    """The status page and its JSON; with the metrics pages, to which it links."""
    application = web.Application(middlewares=[_local_only])
    application.add_routes(
        [
            *_metrics_routes(pages),
            web.get("/", _page(pages)),
            web.get("/api/status", _document(pages)),
        ]
    )
    return application


def is_local(host: str | None) -> bool:
    """Whether a Host header names this machine as only this machine would.

    >>> is_local("localhost:24090"), is_local("[::1]"), is_local("rebound.example:24090")
    (True, True, False)
    """
    return host is not None and _LOCAL_HOST.fullmatch(host) is not None


def _metrics_routes(pages: Pages) -> list[web.RouteDef]:
    return [
        web.get("/metrics", _exposition(pages.metrics)),
        web.get("/metrics/baseline", _exposition(pages.baselines)),
    ]


def _exposition(make: Callable[[], str]) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        return _response(request, make().encode(), {"Content-Type": CONTENT_TYPE})

    return handler


def _page(pages: Pages) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        document = pages.status(request.query.get("window"), request.query.get("feature"))
        headers = {"Content-Type": "text/html; charset=utf-8", **_STATUS_HEADERS}
        return _response(request, document.encode(), headers)

    return handler


def _document(pages: Pages) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        headers = {"Content-Type": "application/json", **_STATUS_HEADERS}
        return _response(request, pages.status_document(), headers)

    return handler


def _response(request: web.Request, body: bytes, headers: Mapping[str, str]) -> web.Response:
    headers = {**headers, "Vary": "Accept-Encoding"}
    accepted = request.headers.get("Accept-Encoding", "")
    if "gzip" in accepted and len(body) >= _WORTH_GZIP_BYTES:
        body = zlib.compress(body, GZIP_LEVEL, wbits=_GZIP_WINDOW)
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=body, headers=headers)


@web.middleware
async def _local_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not request.path.startswith("/metrics") and not is_local(request.headers.get("Host")):
        return web.Response(status=421, text=_ELSEWHERE)
    return await handler(request)
