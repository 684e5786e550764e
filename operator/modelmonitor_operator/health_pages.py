"""The three pages of every process of the operator's image: /healthz, /readyz and /metrics.

It refuses to know what makes a process sick, unready, or worth counting.
"""

from collections.abc import Callable
from typing import Final

from aiohttp import web

METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Problem = Callable[[], str | None]
"""What is wrong now, in a sentence; None: nothing."""


def health_pages(sick: Problem, unready: Problem, metrics: Callable[[], bytes]) -> web.Application:
    """Each is asked anew for every request; a problem is answered with 503."""

    async def healthz(_: web.Request) -> web.Response:
        return _answer(sick())

    async def readyz(_: web.Request) -> web.Response:
        return _answer(unready())

    async def page(_: web.Request) -> web.Response:
        return web.Response(body=metrics(), headers={"Content-Type": METRICS_TYPE})

    app = web.Application()
    app.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz)])
    app.add_routes([web.get("/metrics", page)])
    return app


def _answer(problem: str | None) -> web.Response:
    return web.Response(text=problem or "ok", status=503 if problem else 200)
