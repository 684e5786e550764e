"""The clients of the model: a few keep-alive connections, one or a few rows a request."""

import asyncio
import contextlib
import json
import random
import statistics
import time
from collections.abc import AsyncIterator
from typing import Any, Final

import aiohttp

from demo.rows import Row, Source

CONNECTIONS: Final = 4
ROWS_A_REQUEST: Final = (1, 1, 2, 3, 5, 8)
PAIRS_TO_COMPARE: Final = 100


class Clients:
    """Sends rows for as long as it is open.  `rows` and `requests` were answered well."""

    def __init__(self, url: str, source: Source, seed: int = 3) -> None:
        self._url = url
        self._source = source
        self._chance = random.Random(seed)
        self._tasks: list[asyncio.Task[None]] = []
        self._pause_seconds = 0.0
        self.rows = 0
        self.requests = 0
        self.failed = 0

    @contextlib.asynccontextmanager
    async def sending(self, pause_seconds: float = 0.0) -> AsyncIterator[None]:
        """Send meanwhile on every connection, with a pause behind each request."""
        await self._start(pause_seconds)
        try:
            yield
        finally:
            await self._stop()

    def pace(self) -> str:
        """What was sent so far, and how fast."""
        seconds = max(time.monotonic() - self._started, 1e-3)
        lately = (self.requests - self._requests_at_start) / seconds
        failed = f", {self.failed} FAILED" if self.failed else ""
        return (
            f"{self.requests:,} requests with {self.rows:,} rows answered, "
            f"{lately:,.0f} requests/s{failed}"
        )

    async def _start(self, pause_seconds: float) -> None:
        self._pause_seconds = pause_seconds
        self._session = _session()
        self._started, self._requests_at_start = time.monotonic(), self.requests
        self._tasks = [asyncio.create_task(self._send()) for _ in range(CONNECTIONS)]

    async def _stop(self) -> None:
        # Requests that began are finished.
        self._tasks, tasks = [], self._tasks
        await asyncio.gather(*tasks)
        await self._session.close()

    async def _send(self) -> None:
        while asyncio.current_task() in self._tasks:
            rows = self._source.take(self._chance.choice(ROWS_A_REQUEST))
            if await asked(self._session, self._url, rows):
                self.rows += len(rows)
                self.requests += 1
                await asyncio.sleep(self._pause_seconds)
            else:
                self.failed += 1
                await asyncio.sleep(0.1)


async def asked(session: aiohttp.ClientSession, url: str, rows: list[Row]) -> bool:
    """One request; whether each of its rows got a prediction."""
    body = json.dumps({"instances": rows}).encode()
    try:
        async with session.post(url, data=body) as response:
            answer: dict[str, Any] = await response.json() if response.ok else {}
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return False
    return len(answer.get("predictions", ())) == len(rows)


async def added_latency_seconds(direct: str, watched: str, source: Source) -> tuple[float, float]:
    """Median time of a request with one row: direct, and with the sidecar; taken in turns."""
    times: dict[str, list[float]] = {direct: [], watched: []}
    async with _session() as session:
        for _ in range(PAIRS_TO_COMPARE):
            for url, taken in times.items():
                rows = source.take(1)
                start = time.perf_counter()
                await asked(session, url, rows)
                taken.append(time.perf_counter() - start)
    return statistics.median(times[direct]), statistics.median(times[watched])


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        headers={"Content-Type": "application/json"}, timeout=aiohttp.ClientTimeout(total=30)
    )
