"""The proxy's own HTTP server, on real sockets, with clients good and bad."""

import asyncio
import contextlib
import re
import socket
import threading
from collections.abc import Iterator

import pytest

from modelmonitor_sidecar.proxy import admin
from modelmonitor_sidecar.proxy.admin import AdminServer, Page, Pages, is_loopback, parse_head
from modelmonitor_sidecar.proxy.poller import Poller
from modelmonitor_sidecar.proxy.wakeup import Wakeup

DEADLINE_SECONDS = 10.0


def broken() -> Page:
    raise RuntimeError("a page that fails")


class Drain:
    """An order that counts how often it was given."""

    given = 0

    def __call__(self) -> Page:
        self.given += 1
        return Page(200, b"draining\n")


@pytest.fixture
def drain() -> Drain:
    return Drain()


@pytest.fixture
def port(drain: Drain) -> Iterator[int]:
    """A server on a loop of its own, in a thread."""
    pages = Pages(
        {
            "/metrics": lambda: Page(200, b"a_total 1\n", "text/plain; version=0.0.4"),
            "/large": lambda: Page(200, b"x" * (1 << 20)),
            "/broken": broken,
        },
        {"/drain": drain},
    )
    poller = Poller()
    listening = socket.create_server(("127.0.0.1", 0))
    server = AdminServer(poller, listening, pages)
    wakeup = Wakeup(poller, poller.stop)
    thread = threading.Thread(target=poller.run)
    thread.start()
    yield listening.getsockname()[1]
    wakeup.order()
    thread.join()
    server.close()
    wakeup.close()
    poller.close()
    assert poller.failures == 0


async def talk(port: int, sent: bytes) -> bytes:
    """Send, half-close, and read to the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    with contextlib.suppress(OSError):  # a server that has hung up already
        writer.write_eof()
    async with asyncio.timeout(DEADLINE_SECONDS):
        answer = await reader.read()
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return answer


async def test_a_page_is_served_with_its_length_and_type(port: int) -> None:
    assert await talk(port, b"GET /metrics?name=x HTTP/1.1\r\nHost: a\r\n\r\n") == (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: 10\r\n"
        b"Connection: keep-alive\r\n\r\na_total 1\n"
    )


async def test_head_has_the_length_and_no_body(port: int) -> None:
    answer = await talk(port, b"HEAD /metrics HTTP/1.1\r\n\r\n")

    assert answer.endswith(b"Content-Length: 10\r\nConnection: keep-alive\r\n\r\n")


@pytest.mark.parametrize(
    ("request_", "status", "text"),
    [
        (b"GET /nothing HTTP/1.1\r\n\r\n", b"404 Not Found", b"there is no /nothing here\n"),
        (b"POST /metrics HTTP/1.1\r\n\r\n", b"405 Method Not Allowed", b"Allow: GET, HEAD\r\n"),
        (b"GET /drain HTTP/1.1\r\n\r\n", b"405 Method Not Allowed", b"Allow: POST\r\n"),
        (b"GET /broken HTTP/1.1\r\n\r\n", b"500 Internal Server Error", b"see the log"),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", b"400 Bad Request", b"no HTTP/1.x"),
        (b"GET /metrics\r\n\r\n", b"400 Bad Request", b"no HTTP/1.x"),
        (b"GET /metrics HTTP/2.0\r\n\r\n", b"400 Bad Request", b"no HTTP/1.x"),
        (b"GET /metrics HTTP/1.1\r\nno colon\r\n\r\n", b"400 Bad Request", b"no HTTP/1.x"),
        (b"GET /metrics HTTP/1.1\r\nA: " + b"x" * 9000, b"431 ", b"heads end within 8192"),
        (b"x" * 9000 + b"\r\n\r\n", b"431 ", b"heads end within 8192"),
    ],
)
async def test_what_it_cannot_serve_is_refused_in_words(
    port: int, request_: bytes, status: bytes, text: bytes
) -> None:
    answer = await talk(port, request_)

    assert answer.startswith(b"HTTP/1.1 " + status)
    assert text in answer


async def test_requests_on_one_connection_are_answered_in_order(port: int) -> None:
    answer = await talk(port, b"GET /metrics HTTP/1.1\r\n\r\n" * 2 + b"GET /no HTTP/1.1\r\n\r\n")

    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"200", b"200", b"404"]


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /metrics HTTP/1.0\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nConnection: foo, Close\r\n\r\n",
        b"POST /drain HTTP/1.1\r\nContent-Length: 2\r\n\r\n",
        b"POST /drain HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
async def test_it_closes_where_the_client_asks_or_a_body_follows(
    port: int, request_: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request_)
    async with asyncio.timeout(DEADLINE_SECONDS):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()

    assert b"200 OK" in answer
    assert b"Connection: close" in answer


async def test_a_head_that_arrives_byte_by_byte_is_answered(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, 1, 1)
    for byte in b"GET /metrics HTTP/1.0\r\n\r\n":
        writer.write(bytes([byte]))
        await asyncio.sleep(0)
    async with asyncio.timeout(DEADLINE_SECONDS):
        assert (await reader.read()).endswith(b"a_total 1\n")
    writer.close()


async def test_an_order_is_taken_from_this_machine(port: int, drain: Drain) -> None:
    answer = await talk(port, b"POST /drain HTTP/1.1\r\nContent-Length: 0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert drain.given == 1


def test_an_order_from_another_machine_is_refused(drain: Drain) -> None:
    pages = Pages({}, {"/drain": drain})

    assert pages.answer("POST", "/drain", from_here=False).status == 403
    assert drain.given == 0


@pytest.mark.parametrize(
    ("peer", "here"),
    [
        (("127.0.0.1", 1), True),
        (("127.8.8.8", 1), True),
        (("::1", 1, 0, 0), True),
        (("::ffff:127.0.0.1", 1, 0, 0), True),
        (("::ffff:10.0.0.1", 1, 0, 0), False),
        (("fe80::1%eth0", 1, 0, 2), False),
        (("10.0.0.1", 1), False),
        (("", 1), False),
        ((), False),
        (None, False),
    ],
)
def test_loopback_is_known_in_all_its_spellings(peer: object, here: bool) -> None:
    assert is_loopback(peer) is here


async def test_a_client_that_asks_and_does_not_read_costs_bounded_memory(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(b"GET /large HTTP/1.1\r\n\r\n" * 50)
    async with asyncio.timeout(DEADLINE_SECONDS):
        for _ in range(50):
            head = await reader.readuntil(b"\r\n\r\n")
            assert b"Content-Length: 1048576" in head
            assert await reader.readexactly(1 << 20) == b"x" * (1 << 20)
    writer.close()


def test_traffic_has_its_turn_between_two_pages() -> None:
    poller = Poller()
    happened: list[str] = []

    def page() -> Page:
        happened.append("page")
        poller.call_later(0.0, lambda: happened.append("traffic"))
        if happened.count("page") == 6:
            poller.call_later(0.05, poller.stop)
        return Page(200, b"x")

    listening = socket.create_server(("127.0.0.1", 0))
    server = AdminServer(poller, listening, Pages({"/metrics": page}))
    clients = [socket.create_connection(listening.getsockname()) for _ in range(2)]
    for client in clients:
        client.sendall(b"GET /metrics HTTP/1.1\r\n\r\n" * 3)
    poller.call_later(DEADLINE_SECONDS, poller.stop)
    poller.run()
    assert happened == ["page", "traffic"] * 6
    for client in clients:
        assert client.recv(4096).count(b"HTTP/1.1 200") == 3
        client.close()
    server.close()
    poller.close()


async def test_an_answer_outlives_a_body_that_nobody_reads(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /drain HTTP/1.1\r\nContent-Length: 4000000\r\n\r\n")
    async with asyncio.timeout(DEADLINE_SECONDS):
        writer.write(b"x" * 4_000_000)
        await writer.drain()
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()

    assert answer.endswith(b"draining\n")


async def test_a_client_without_a_head_is_closed(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin, "HEAD_SECONDS", 0.01)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(DEADLINE_SECONDS):
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
    writer.close()


async def test_the_connection_idle_longest_makes_room_for_the_newest(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin, "MAX_CONNECTIONS", 2)
    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
    async with asyncio.timeout(DEADLINE_SECONDS):
        with contextlib.suppress(ConnectionResetError):
            assert await streams[0][0].read() == b""
        for reader, writer in streams[1:]:
            writer.write(b"GET /metrics HTTP/1.0\r\n\r\n")
            assert (await reader.read()).endswith(b"a_total 1\n")
    for _, writer in streams:
        writer.close()


def test_a_head_may_follow_empty_lines() -> None:
    request = parse_head("\r\nGET / HTTP/1.1")

    assert request is not None
    assert request.path == "/"
