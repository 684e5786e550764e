"""The collector's worker: builds the parts, joins them, and runs until it is told to end.

The supervisor imports this module once and forks; nothing happens on import.
"""

import asyncio
import gc
import logging
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Final

import orjson
import uvloop

from modelmonitor_sidecar.collect.allocator import give_memory_back
from modelmonitor_sidecar.collect.configuration import Configuration
from modelmonitor_sidecar.collect.connection import Connections, FrameConnection
from modelmonitor_sidecar.collect.flushing import Flusher
from modelmonitor_sidecar.collect.intake import FrameIntake, longest_frame_bytes
from modelmonitor_sidecar.collect.metrics_pages import MetricsPages
from modelmonitor_sidecar.collect.models import CountedModels
from modelmonitor_sidecar.collect.process_metrics import ProcessMetrics
from modelmonitor_sidecar.collect.series import Series
from modelmonitor_sidecar.collect.settings import Settings
from modelmonitor_sidecar.collect.status_report import StatusReport
from modelmonitor_sidecar.decode.registry import decode
from modelmonitor_sidecar.expose.page import status_page
from modelmonitor_sidecar.expose.server import Pages, metrics_routes, serve, status_routes
from modelmonitor_sidecar.expose.status import Status
from modelmonitor_sidecar.expose.status_document import status_document
from modelmonitor_sidecar.supervise.plan import Life
from modelmonitor_sidecar.supervise.pulse import Pulse
from modelmonitor_sidecar.supervise.recorder import FlightRecorder

TICK_SECONDS: Final = 1.0
GARBAGE_THRESHOLDS: Final = (20_000, 20, 100)
"""Rows that wait are many small lists, and none of them is part of a cycle."""

log = logging.getLogger(__name__)


def main(  # noqa: PLR0913 - what the supervisor hands over
    frames: socket.socket,
    metrics: socket.socket,
    status: socket.socket | None,
    settings: Settings,
    pulse: Pulse,
    recorder: FlightRecorder,
    life: Life,
) -> int:
    """Run one life of the worker; returns its exit status."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="modelmonitor-collector: %(message)s"
    )
    recorder.refresh()
    give_memory_back()
    gc.freeze()  # what the supervisor has imported stays shared
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    worker = Worker(settings, pulse, recorder, life)
    uvloop.run(worker.serve(frames, metrics, status))
    return 0


class Worker:
    """All parts of one life, joined; `serve` is the life."""

    def __init__(
        self, settings: Settings, pulse: Pulse, recorder: FlightRecorder, life: Life
    ) -> None:
        self._pulse = pulse
        self._configuration = Configuration(
            settings.config_dir, settings.labels_file, settings.monitor
        )
        self._models = CountedModels(self._configuration, time.time)
        self._connections = Connections()
        self._flusher = Flusher(self._count, self._connections.acknowledge, _call_later)
        self._intake = FrameIntake(self._models, recorder, decode, self._flusher)
        self._process = ProcessMetrics(self._connections, self._configuration, life.deaths)
        self._series = Series(self._configuration, self._models)
        self._report = StatusReport(
            self._configuration, self._models, self._connections, self._process, self._series
        )

    async def serve(
        self, frames: socket.socket, metrics: socket.socket, status: socket.socket | None
    ) -> None:
        """Until SIGTERM; then what waits is counted and acknowledged."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, ended.set)
        async with AsyncExitStack() as stack:
            await _listen_http(stack, self._pages(), metrics, status)
            server = await loop.create_unix_server(self._connection, sock=frames)
            stack.callback(server.close)
            self._tick(loop)
            await ended.wait()
            self._flusher.flush()

    def _connection(self) -> FrameConnection:
        return FrameConnection(self._connections, self._intake, self._flusher)

    def _count(self) -> None:
        with self._intake.flushing():
            self._models.flush()

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        """Each second: a sign of life, a look at the files, the windows moved on."""
        self._pulse.beat()
        loop.call_later(TICK_SECONDS, self._tick, loop)
        try:
            if self._configuration.poll():
                self._models.follow()
            self._intake.longest_frame_bytes = longest_frame_bytes(
                self._configuration.current.max_payload_bytes
            )
            self._models.tick()
            self._report.note_activity(time.time())
        except Exception:
            self._models.errors += 1
            log.exception("the collector's own clock failed; it goes on")

    def _pages(self) -> Pages:
        pages = MetricsPages(self._series, self._models, self._process, self._flusher.flush)
        return Pages(
            metrics=pages.metrics,
            baselines=pages.baselines,
            status=lambda window, opened: status_page(self._status(), window, opened),
            status_document=lambda: orjson.dumps(status_document(self._status())),
        )

    def _status(self) -> Status:
        self._flusher.flush()
        return self._report.status(time.time())


def _call_later(seconds: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(seconds, callback)


async def _listen_http(
    stack: AsyncExitStack, pages: Pages, metrics: socket.socket, status: socket.socket | None
) -> None:
    """Without a status socket of its own, the status is served where the metrics are."""
    if status is None:
        stack.callback((await serve(status_routes(pages), metrics)).close)
        return
    stack.callback((await serve(metrics_routes(pages), metrics)).close)
    stack.callback((await serve(status_routes(pages), status)).close)
