"""When the API server last answered a list or watch of each kind.

A watch that has died is silent, just like one with nothing to say; but it asks anew at least once
a minute, and an answer to that is a sign of life.
"""

import time
from collections.abc import Callable, Iterable
from types import SimpleNamespace

import aiohttp

OK = 200


class Pulse:
    """Times by plural name of the kind."""

    def __init__(self, plurals: Iterable[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wanted = frozenset(plurals)
        self._beats: dict[str, float] = {}

    def beat(self, plural: str) -> None:
        """An answer came."""
        if plural in self._wanted:
            self._beats[plural] = self._clock()

    def forget(self, plural: str) -> None:
        """The kind is not served any more: its silence means nothing."""
        self._beats.pop(plural, None)

    def ages_seconds(self) -> dict[str, float]:
        """Of every kind that was ever heard of."""
        now = self._clock()
        return {plural: now - beat for plural, beat in self._beats.items()}

    def traces(self) -> aiohttp.TraceConfig:
        """What a session has to be opened with, so that its answers are heard."""

        async def ended(
            _: aiohttp.ClientSession,
            __: SimpleNamespace,
            end: aiohttp.TraceRequestEndParams,
        ) -> None:
            if end.response.status == OK:
                self.beat(end.url.path.rpartition("/")[2])

        traces = aiohttp.TraceConfig()
        traces.on_request_end.append(ended)
        return traces
