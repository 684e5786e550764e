"""A way to the API server that `KUBECONFIG` names, on which answers are lost, delayed and forged.

Whoever comes by it needs no login: it has that of the kubeconfig.
"""

import asyncio
import contextlib
import json
import os
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web

from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_operator import OperatorProcess, running_operator
from modelmonitor_operator.access import open_session
from modelmonitor_operator.app import find_access

Fault = Callable[[web.Request], Awaitable[web.StreamResponse | None]]
"""What is answered instead; None: what the API server answers."""

START_SECONDS: Final = 120.0
CLOSING_SECONDS: Final = 0.25
_PASSED: Final = ("Accept", "Content-Type")


async def no_fault(_: web.Request) -> None:
    """Everything passes."""


def is_watch(request: web.Request) -> bool:
    """A request whose answer has no end."""
    return request.query.get("watch") == "true"


def refusal(code: int, message: str, **headers: str) -> web.Response:
    """As an API server refuses."""
    status = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}
    body = {**status, "code": code, "message": message}
    return web.json_response(body, status=code, headers=headers)


class FaultyWay:
    """`fault` may be set at any time; `met` counts by method how often there was one."""

    def __init__(self, port: int, loop: asyncio.AbstractEventLoop) -> None:
        self.port, self._loop = port, loop
        self.fault: Fault = no_fault
        self.met: Counter[str] = Counter()
        self.gone = False
        self.travellers: dict[asyncio.Task[Any], asyncio.Transport] = {}

    def cut(self) -> None:
        """As if the API server went: nobody gets through, and who is under way is thrown out."""
        self.gone = True
        self._loop.call_soon_threadsafe(self._throw_out)

    def mend(self) -> None:
        """It is back, without a fault."""
        self.gone, self.fault = False, no_fault

    def kubeconfig(self, folder: Path) -> Path:
        """A file that leads here."""
        parts = {
            "clusters": [{"name": "w", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}],
            "contexts": [{"name": "w", "context": {"cluster": "w", "user": "w"}}],
            "users": [{"name": "w", "user": {"token": "none"}}],
        }
        file = folder / "way.json"
        envelope = {"apiVersion": "v1", "kind": "Config", "current-context": "w"}
        file.write_text(json.dumps({**envelope, **parts}))
        return file

    def _throw_out(self) -> None:
        for task, transport in list(self.travellers.items()):
            transport.abort()
            task.cancel()


@contextlib.contextmanager
def faulty_way() -> Iterator[FaultyWay]:
    """Open while the block runs, in a thread of its own."""
    opened: list[FaultyWay] = []
    ready, stop = threading.Event(), asyncio.Event()

    async def keep_open() -> None:
        async with _open(asyncio.get_running_loop()) as way:
            opened.append(way)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(keep_open()), daemon=True)
    thread.start()
    assert ready.wait(START_SECONDS), "the way could not be opened"
    try:
        yield opened[0]
    finally:
        opened[0].cut()
        opened[0]._loop.call_soon_threadsafe(stop.set)
        thread.join(START_SECONDS)


@contextlib.contextmanager
def operator_on(
    way: FaultyWay, folder: Path, namespace: str, **operator: int
) -> Iterator[OperatorProcess]:
    """Leading and ready, by this way; `operator` are values of the chart."""
    values = {"unsettledSeconds": 1, "resyncSeconds": 10, **operator}
    known = os.environ["KUBECONFIG"]
    os.environ["KUBECONFIG"] = str(way.kubeconfig(folder))
    starting = running_operator(folder, namespace, operator=values)
    with contextlib.ExitStack() as stack:
        try:
            started = stack.enter_context(starting)
        finally:
            os.environ["KUBECONFIG"] = known
        assert eventually(lambda: _leads(started), START_SECONDS), started.log.read_text()
        yield started


def _leads(operator: OperatorProcess) -> bool:
    """Who stands by is ready, too."""
    return operator.is_ready() and operator.counted("modelmonitor_operator_leader") == 1


@contextlib.asynccontextmanager
async def _open(loop: asyncio.AbstractEventLoop) -> AsyncIterator[FaultyWay]:
    way = FaultyWay(0, loop)
    access = find_access(os.environ)
    async with open_session(access) as session:
        app = web.Application(client_max_size=16 << 20)

        async def handle(request: web.Request) -> web.StreamResponse:
            return await _answer(way, session, access.server, request)

        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        way.port = runner.addresses[0][1]
        yield way
        await runner.cleanup()
    # aiohttp does not wait for the end of TLS on what it closes.
    await asyncio.sleep(CLOSING_SECONDS)


async def _answer(
    way: FaultyWay, session: aiohttp.ClientSession, server: str, request: web.Request
) -> web.StreamResponse:
    transport, task = request.transport, asyncio.current_task()
    assert transport is not None
    assert task is not None
    if way.gone:
        transport.abort()
        return web.Response()
    way.travellers[task] = transport
    try:
        forged = await way.fault(request)
        if forged is None:
            return await _passed(session, server, request)
        way.met[request.method] += 1
        return forged
    except ConnectionError:
        return web.Response()
    finally:
        way.travellers.pop(task, None)


async def _passed(
    session: aiohttp.ClientSession, server: str, request: web.Request
) -> web.StreamResponse:
    """What the API server answers, as it comes: watches have no end."""
    headers = {key: request.headers[key] for key in _PASSED if key in request.headers}
    limit = aiohttp.ClientTimeout(total=None)
    url = server + request.raw_path
    data = await request.read()
    how: dict[str, Any] = {"data": data or None, "headers": headers, "timeout": limit}
    async with session.request(request.method, url, **how) as answer:
        kind = {"Content-Type": answer.headers.get("Content-Type", "application/json")}
        response = web.StreamResponse(status=answer.status, headers=kind)
        await response.prepare(request)
        async for chunk in answer.content.iter_any():
            await response.write(chunk)
        return response
