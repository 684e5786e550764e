"""The small HTTP server: what it answers, what it refuses, when it closes."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_sidecar.expose import http_connection
from modelmonitor_sidecar.expose.http import (
    MAX_HEAD_BYTES,
    BadRequestError,
    Response,
    packed,
    parse_head,
)
from modelmonitor_sidecar.expose.server import (
    Pages,
    Route,
    is_local,
    metrics_routes,
    serve,
    status_routes,
)

LONG = "x" * 5_000
PAGES = Pages(
    metrics=lambda: LONG,
    baselines=lambda: "baseline",
    status=lambda window, opened: f"page of {window}, {opened}",
    status_document=lambda: b"{}",
)


def failing() -> str:
    raise ArithmeticError("broken")


class Site:
    """Asks one running server."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def ask(self, *requests: bytes) -> bytes:
        """Send everything, then read until the server closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(b"".join(requests))
        async with asyncio.timeout(10):
            answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer

    async def get(self, path: str, host: str = "localhost", *more: str) -> tuple[int, bytes, bytes]:
        """Status, head and body of one page."""
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close", *more, "", ""]
        head, _, body = (await self.ask("\r\n".join(lines).encode())).partition(b"\r\n\r\n")
        return int(head.split()[1]), head, body


async def started(routes: Mapping[str, Route]) -> tuple[asyncio.Server, Site]:
    bound = socket.create_server(("127.0.0.1", 0))
    return await serve(routes, bound), Site(bound.getsockname()[1])


@pytest.fixture
async def status() -> AsyncIterator[Site]:
    server, site = await started(status_routes(PAGES))
    yield site
    server.close()


@pytest.fixture
async def metrics() -> AsyncIterator[Site]:
    server, site = await started(metrics_routes(PAGES))
    yield site
    server.close()


async def test_pages_are_served_with_their_types(status: Site) -> None:
    code, head, body = await status.get("/metrics")
    assert (code, body.decode()) == (200, LONG)
    assert b"text/plain; version=0.0.4" in head
    code, head, body = await status.get("/?window=5m&feature=f-0-1")
    assert (code, body) == (200, b"page of 5m, f-0-1")
    assert b"Content-Security-Policy: default-src 'none'" in head
    assert (await status.get("/api/status"))[2] == b"{}"
    assert (await status.get("/metrics/baseline"))[2] == b"baseline"


async def test_a_scrape_that_accepts_gzip_gets_it(status: Site) -> None:
    _, head, body = await status.get("/metrics", "localhost", "Accept-Encoding: gzip")
    assert b"Content-Encoding: gzip" in head
    assert gzip.decompress(body).decode() == LONG


async def test_the_status_is_not_where_only_metrics_are(metrics: Site) -> None:
    for path in ("/", "/api/status", "/nothing"):
        assert (await metrics.get(path))[0] == 404
    assert (await metrics.get("/metrics", "10.1.2.3:24090"))[0] == 200


@pytest.mark.parametrize("host", ["localhost:24090", "127.0.0.1", "127.1.2.3:1", "[::1]:24090"])
async def test_the_status_is_for_this_machine(status: Site, host: str) -> None:
    assert (await status.get("/", host))[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", ""]
)
async def test_a_name_that_was_bound_to_this_machine_gets_nothing(status: Site, host: str) -> None:
    code, _, body = await status.get("/api/status", host)
    assert code == 421
    assert b"http://localhost" in body
    assert not is_local(host)


async def test_requests_on_one_connection_are_answered_in_order(metrics: Site) -> None:
    one = b"GET /metrics/baseline HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = await metrics.ask(one, one, last)
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.index(b"404 Not Found") > answer.rindex(b"200 OK")


async def test_http_1_0_and_head_are_understood(metrics: Site) -> None:
    assert (await metrics.ask(b"GET /metrics HTTP/1.0\r\n\r\n")).endswith(LONG.encode())
    head = await metrics.ask(b"HEAD /metrics HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert b"Content-Length: 5000" in head
    assert head.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("request_bytes", "code"),
    [
        (b"\x16\x03\x01 nonsense\r\n\r\n", 400),
        (b"GET /metrics\r\n\r\n", 400),
        (b"POST /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", 400),
        (b"GET /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"GET /metrics HTTP/1.1\r\nbroken header\r\n\r\n", 400),
        (b"GET /?" + b"&".join(b"a=1" for _ in range(99)) + b" HTTP/1.1\r\n\r\n", 400),
        (b"DELETE /metrics HTTP/1.1\r\nConnection: close\r\n\r\n", 405),
        (b"GET /metrics HTTP/1.1\r\nX: " + b"x" * MAX_HEAD_BYTES, 431),
    ],
)
async def test_what_cannot_be_answered_is_refused_and_closed(
    metrics: Site, request_bytes: bytes, code: int
) -> None:
    answer = await metrics.ask(request_bytes)
    assert int(answer.split()[1]) == code
    assert b"Connection: close" in answer


async def test_a_page_that_fails_is_an_error_and_no_end(caplog: pytest.LogCaptureFixture) -> None:
    broken = Pages(failing, PAGES.baselines, PAGES.status, PAGES.status_document)
    server, site = await started(metrics_routes(broken))
    code, _, body = await site.get("/metrics")
    assert (code, body) == (500, b"This page could not be made.\n")
    assert (await site.get("/metrics/baseline"))[0] == 200
    assert "a page could not be made" in caplog.text
    server.close()


async def test_an_idle_client_is_sent_away(metrics: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_connection, "IDLE_SECONDS", 0.05)
    assert await metrics.ask(b"GET /met") == b""


async def test_the_client_idle_longest_makes_room_for_the_newest(
    metrics: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_connection, "MAX_CONNECTIONS", 2)
    idle, busy = [await asyncio.open_connection("127.0.0.1", metrics.port) for _ in range(2)]
    busy[1].write(b"GET /metrics/baseline HTTP/1.1\r\n\r\n")
    await busy[0].readuntil(b"baseline")
    assert (await metrics.get("/metrics/baseline"))[0] == 200
    async with asyncio.timeout(10):
        assert await idle[0].read() == b""
    busy[1].write(b"GET /metrics/baseline HTTP/1.0\r\n\r\n")
    assert (await busy[0].read()).endswith(b"baseline")
    for _, writer in (idle, busy):
        writer.close()


async def test_a_client_that_asks_and_does_not_read_costs_a_few_pages() -> None:
    made: list[int] = []

    def page() -> str:
        made.append(1)
        return "x" * (1 << 20)

    server, site = await started(metrics_routes(replace(PAGES, metrics=page)))
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port, limit=1024)
    writer.write(b"GET /metrics HTTP/1.1\r\n\r\n" * 100)
    async with asyncio.timeout(20):
        await reader.readuntil(b"\r\n\r\n")
        for _ in range(500):  # rounds of the loop: enough for a hundred pages
            await asyncio.sleep(0)
        waited_with = len(made)
        await reader.readexactly(1 << 20)
        for _ in range(99):
            await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(1 << 20)
    assert waited_with < 30
    assert len(made) == 100
    writer.close()
    server.close()


async def test_between_two_answers_others_have_their_turn() -> None:
    happened: list[str] = []

    def page() -> str:
        asyncio.get_running_loop().call_soon(happened.append, "other")
        happened.append("page")
        return "x"

    server, site = await started(metrics_routes(replace(PAGES, metrics=page)))
    last = b"GET /metrics HTTP/1.0\r\n\r\n"
    await site.ask(b"GET /metrics HTTP/1.1\r\n\r\n" * 3 + last)
    assert happened == ["page", "other"] * 4
    server.close()


@given(st.binary(max_size=300))
def test_no_head_raises_anything_else(head: bytes) -> None:
    try:
        request = parse_head(head)
    except BadRequestError:
        return
    assert request.path.startswith("/")


def test_an_answer_says_how_long_it_is() -> None:
    answer = packed(Response(b"abc", status=HTTPStatus.OK), None)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Length: 3\r\n" in answer
    assert answer.endswith(b"\r\n\r\nabc")
