"""The two sidecars as the kubelet would run them, for as long as the person wants.

The end of the proxy is the end of the run; a collector that ends is started again, because traffic
must not depend on it.
"""

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from modelmonitor_cli.run.addresses import Address, is_loopback
from modelmonitor_cli.run.children import Child

READY_SECONDS: Final = 20.0
ANSWER_SECONDS: Final = 2.0
POLL_SECONDS: Final = 0.05
RESTART_SECONDS: Final = 1.0
LINUX_SOURCE: Final = "127.0.0.2"
"""Web servers believe `X-Forwarded-*` from 127.0.0.1; the proxy's clients are not the server."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the pair listens and where it sends the traffic."""

    listen: Address
    upstream: Address
    proxy_metrics: Address
    collector: Address


async def run_pair(places: Places, folder: Path, announce: Callable[[], None]) -> int:
    """Run both until a signal or the proxy's end; 0 after a signal, 1 where a part failed.

    `announce` is called once, when both answer.
    """
    pair = _Pair(places, folder)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, pair.stop)
    try:
        await pair.start()
        if not await pair.ready():
            return 1
        announce()
        return await pair.until_end()
    finally:
        await pair.end()


class _Pair:
    """Both children and the wish to stop.  Invariant: `end` leaves no process behind."""

    def __init__(self, places: Places, folder: Path) -> None:
        self._places = places
        self._environment = {
            "MODELMONITOR_CONFIG_DIR": str(folder),
            "MODELMONITOR_LABELS_FILE": str(folder / "labels"),
            "MODELMONITOR_SOCKET": str(folder / "frames.sock"),
        }
        self._stopping = asyncio.Event()
        self._children: list[Child] = []

    def stop(self) -> None:
        """End in order; asked a second time, end at once."""
        if self._stopping.is_set():
            for child in self._children:
                child.kill()
        self._stopping.set()

    async def start(self) -> None:
        self._collector = await self._child("collector", _collector_command(self._places))
        self._proxy = await self._child("proxy", _proxy_command(self._places))

    async def ready(self) -> bool:
        """Both answer; False where one ended, a signal came, or time ran out."""
        try:
            async with asyncio.timeout(READY_SECONDS):
                for address, path in self._probes():
                    while not await _answers(address, path):
                        if self._failed_to_start() or self._stopping.is_set():
                            return self._stopping.is_set()
                        await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            _complain(f"the sidecars did not answer within {READY_SECONDS:g} s; start run again")
            return False
        return not self._failed_to_start()

    def _probes(self) -> tuple[tuple[Address, str], ...]:
        places = self._places
        return (places.proxy_metrics, "/startupz"), (places.collector, "/metrics")

    async def until_end(self) -> int:
        while True:
            await _first_of(self._stopping.wait(), self._proxy.wait(), self._collector.wait())
            if self._stopping.is_set():
                return 0
            if self._proxy.status is not None:
                _complain(f"the proxy ended with status {self._proxy.status}; start run again")
                return 1
            await self._restart_collector()

    async def end(self) -> None:
        """The proxy first: what it has in flight still reaches the collector."""
        for child in reversed(self._children):
            await child.end()

    async def _restart_collector(self) -> None:
        _complain(f"the collector ended with status {self._collector.status}; it is started again")
        self._children.remove(self._collector)
        await asyncio.sleep(RESTART_SECONDS)
        self._collector = await self._child("collector", _collector_command(self._places))

    async def _child(self, name: str, command: list[str]) -> Child:
        child = await Child.start(name, command, self._environment)
        self._children.append(child)
        self._children.sort(key=lambda one: one.name)  # collector, proxy
        return child

    def _failed_to_start(self) -> bool:
        failed = [child for child in self._children if child.status is not None]
        for child in failed:
            _complain(f"the {child.name} ended at its start with status {child.status}; see above")
        return bool(failed)


def _proxy_command(places: Places) -> list[str]:
    command = [sys.executable, "-m", "modelmonitor_sidecar.proxy"]
    command += ["--listen", str(places.listen), "--upstream", str(places.upstream)]
    command += ["--admin", str(places.proxy_metrics)]
    if sys.platform.startswith("linux") and is_loopback(places.upstream):
        command += ["--source", LINUX_SOURCE]
    return command


def _collector_command(places: Places) -> list[str]:
    command = [sys.executable, "-m", "modelmonitor_sidecar.collect"]
    return [*command, "--listen", str(places.collector)]


async def _first_of(*waits: Coroutine[Any, Any, object]) -> None:
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _answers(address: Address, path: str) -> bool:
    """A worker answers well.  That the port is open says nothing: its supervisor holds it."""
    request = f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(address.host, address.port)
            writer.write(request.encode())
            status_line = await reader.readline()
            writer.close()
    except (OSError, ValueError):  # ValueError: a line without end
        return False
    return b" 200 " in status_line


def _complain(sentence: str) -> None:
    print(f"modelmonitor run: {sentence}", file=sys.stderr, flush=True)
