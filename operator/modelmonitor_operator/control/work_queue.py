"""Keys to be worked on: each once however often it was asked for, never two at a time.

News goes before what is merely looked at again, so that a thousand quiet keys keep no new one
waiting.  What fails comes again, later and later, with jitter, for ever; what succeeds says when it
wants to come again.  It refuses to know what a key is and what the work is.  Cost: O(log n) an
addition.
"""

import asyncio
import itertools
import logging
import random
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from modelmonitor_operator.cluster import ClusterError, UnavailableError

logger = logging.getLogger(__name__)

FIRST_BACKOFF_SECONDS: Final = 0.5
LONGEST_BACKOFF_SECONDS: Final = 60.0
JITTER: Final = 0.2
NEWS, AGAIN = 0, 1
"""Ranks of what is due."""
BUG: Final = "bug"
"""The reason of a failure that is ours."""

K = TypeVar("K", bound=Hashable)
Work = Callable[[K], Awaitable[float | None]]
"""Seconds until the key is due again; None: not by itself."""


class Witness(Protocol):
    """Who counts."""

    def worked(self, seconds: float, failure: str | None) -> None:
        """A key was worked on; `failure` is a reason in one word."""


@dataclass(frozen=True, slots=True)
class Chance:
    """Where jitter comes from; a test brings its own."""

    uniform: Callable[[float, float], float] = random.uniform


class WorkQueue(Generic[K]):
    """One for each kind of key.  Everything happens in one event loop."""

    def __init__(self, work: Work[K], witness: Witness, chance: Chance | None = None) -> None:
        self._work, self._witness, self._chance = work, witness, chance or Chance()
        self._ready: asyncio.PriorityQueue[tuple[int, int, K]] = asyncio.PriorityQueue()
        self._numbers = itertools.count()
        self._waiting: dict[K, int] = {}
        self._running: set[K] = set()
        self._again: set[K] = set()
        self._failures: dict[K, int] = {}
        self._timers: dict[K, asyncio.TimerHandle] = {}

    def add(self, key: K) -> None:
        """Due now.  While it is worked on, it is due once more afterwards."""
        self._put(key, NEWS)

    def add_after(self, key: K, seconds: float) -> None:
        """Due after so long, unless it is due before."""
        loop = asyncio.get_running_loop()
        due, timer = loop.time() + seconds, self._timers.get(key)
        if key in self._waiting or (timer is not None and timer.when() <= due):
            return
        self._cancel_timer(key)
        self._timers[key] = loop.call_at(due, self._due, key)

    def is_running(self, key: K) -> bool:
        """Somebody works on it at this moment."""
        return key in self._running

    def depth(self) -> int:
        """How many are due."""
        return len(self._waiting)

    async def run(self, workers: int) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(self._worker())

    async def _worker(self) -> None:
        while True:
            rank, _, key = await self._ready.get()
            if self._waiting.get(key) != rank:
                continue  # it came to a better rank meanwhile, and was worked on by that
            del self._waiting[key]
            self._running.add(key)
            try:
                delay = await self._attempt(key)
            finally:
                self._running.discard(key)
            self._next(key, delay)

    async def _attempt(self, key: K) -> float | None:
        """Seconds until the next one.  The loop has to survive whatever the work raises."""
        begun = asyncio.get_running_loop().time()
        failure: str | None = None
        try:
            delay = await self._work(key)
            self._failures.pop(key, None)
            return None if delay is None else self._jittered(delay)
        except ClusterError as error:
            failure = error.reason
            logger.warning("%s: %s: %s", key, failure, error)
            return self._backoff(key, error)
        except Exception as error:
            failure = BUG
            logger.exception("%s: a bug", key)
            return self._backoff(key, error)
        finally:
            self._witness.worked(asyncio.get_running_loop().time() - begun, failure)

    def _next(self, key: K, delay: float | None) -> None:
        if key in self._again:
            self._again.discard(key)
            if key not in self._failures:
                self.add(key)
                return
        if delay is not None:
            self.add_after(key, delay)

    def _backoff(self, key: K, error: Exception) -> float:
        """Twice as long each time; not before the API server said."""
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        longest = FIRST_BACKOFF_SECONDS * 2.0 ** min(failures, 16)
        seconds = self._jittered(min(longest, LONGEST_BACKOFF_SECONDS))
        asked = error.retry_after_seconds if isinstance(error, UnavailableError) else None
        return max(seconds, asked or 0.0)

    def _jittered(self, seconds: float) -> float:
        return seconds * self._chance.uniform(1 - JITTER, 1 + JITTER)

    def _due(self, key: K) -> None:
        self._timers.pop(key, None)
        self._put(key, AGAIN)

    def _put(self, key: K, rank: int) -> None:
        self._cancel_timer(key)
        if key in self._running:
            self._again.add(key)
        elif rank < self._waiting.get(key, rank + 1):
            self._waiting[key] = rank
            self._ready.put_nowait((rank, next(self._numbers), key))

    def _cancel_timer(self, key: K) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
