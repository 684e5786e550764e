"""Is this process alive, is it ready: answered from what really happened lately.

Alive: the API server answered every watch within the limit; a hanging loop answers nobody at all.
Ready: it leads and has seen everything once, or it stands by and can read the Lease; and the API
server's definition of the resource is not older than the program.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from modelmonitor_operator.health_pages import health_pages
from modelmonitor_operator.own_metrics import OwnMetrics
from modelmonitor_operator.pulse import Pulse

LAG_SAMPLES: Final = 20


@dataclass(slots=True)
class Condition:
    """What the parts of the process say of themselves; `definition` is what is wrong with it."""

    pulse: Pulse
    silence_seconds: float
    lease_answered: Callable[[], float]
    clock: Callable[[], float] = time.monotonic
    nap_seconds: float = 0.5
    leading: bool = False
    definition: str | None = None
    synced: asyncio.Event = field(default_factory=asyncio.Event)
    _lags: deque[float] = field(default_factory=lambda: deque(maxlen=LAG_SAMPLES))

    def sick(self) -> str | None:
        """Why the process should be killed; None: it is well."""
        for plural, age in sorted(self.pulse.ages_seconds().items()):
            if self.leading and age > self.silence_seconds:
                return f"no answer to a watch of {plural} for {age:.0f} s"
        return None

    def unready(self) -> str | None:
        """Why it is not ready; None: it is."""
        if self.definition is not None:
            return self.definition
        if self.leading:
            return None if self.synced.is_set() else "not everything has been listed yet"
        silence = self.clock() - self.lease_answered()
        if silence > self.silence_seconds:
            return f"the Lease could not be read for {silence:.0f} s"
        return None

    def judge_definition(self, problem: str | None) -> None:
        """What is wrong with the resource's definition; None: nothing."""
        self.definition = problem

    async def measure_lag(self) -> None:
        """Until cancelled: by how much a nap of the event loop is too long."""
        while True:
            before = self.clock()
            await asyncio.sleep(self.nap_seconds)
            self._lags.append(max(0.0, self.clock() - before - self.nap_seconds))

    def lag_seconds(self) -> float:
        """The worst of the last ten seconds."""
        return max(self._lags, default=0.0)


def health_app(condition: Condition, metrics: OwnMetrics) -> web.Application:
    """/healthz, /readyz and /metrics."""

    def page() -> bytes:
        metrics.loop_lag.set(condition.lag_seconds())
        metrics.leader.set(condition.leading)
        metrics.definition_outdated.set(condition.definition is not None)
        metrics.watch_age.clear()
        for plural, age in condition.pulse.ages_seconds().items():
            metrics.watch_age.labels(plural).set(age)
        return metrics.page()

    return health_pages(condition.sick, condition.unready, page)
