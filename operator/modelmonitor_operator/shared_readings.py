"""Readings of the cluster that many ask for at the same moment, and that are made once.

It refuses to know what is read, and what time it is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(slots=True)
class _Reading(Generic[V]):
    """One that was begun; it is fresh for so long from its beginning."""

    begun: float
    task: asyncio.Future[V]
    fresh_seconds: float


class SharedReadings(Generic[K, V]):
    """One reading for all who ask while it is fresh; a failure is told them and forgotten.

    Whoever asks while one is under way waits for that one, and may give up without ending it.
    `fresh` says for how long a reading that took so many seconds is kept.
    """

    def __init__(
        self,
        read: Callable[[K], Awaitable[V]],
        clock: Callable[[], float],
        fresh: Callable[[float], float],
    ) -> None:
        self._read, self._clock, self._fresh = read, clock, fresh
        self._readings: dict[K, _Reading[V]] = {}

    async def get(self, key: K) -> V:
        """What was read; whatever error reading ended with."""
        self._drop_old()
        if key not in self._readings:
            task = asyncio.ensure_future(self._read(key))
            self._readings[key] = _Reading(self._clock(), task, self._fresh(0.0))
            task.add_done_callback(partial(self._finished, key))
        return await asyncio.shield(self._readings[key].task)

    def _finished(self, key: K, task: asyncio.Future[V]) -> None:
        if task.cancelled() or task.exception() is not None:
            self._readings.pop(key, None)
        elif key in self._readings:
            reading = self._readings[key]
            reading.fresh_seconds = self._fresh(self._clock() - reading.begun)

    def _drop_old(self) -> None:
        now = self._clock()
        for key, reading in list(self._readings.items()):
            if reading.task.done() and now - reading.begun > reading.fresh_seconds:
                del self._readings[key]
