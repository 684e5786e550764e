"""Notices when somebody else changes an object back again and again.

Two controllers that both insist would write for ever; the one that counts gives way.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

from modelmonitor_operator.kinds import Reference

MOST: Final = 5
WITHIN_SECONDS: Final = 120.0


class Reverts:
    """Times at which each object was mended, of the last WITHIN_SECONDS."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._mended: dict[Reference, deque[float]] = {}

    def is_contested(self, reference: Reference) -> bool:
        """It has been mended MOST times lately."""
        times = self._mended.get(reference)
        if times is None:
            return False
        while times and times[0] < self._clock() - WITHIN_SECONDS:
            times.popleft()
        if not times:
            del self._mended[reference]
        return len(times) >= MOST

    def mended(self, reference: Reference) -> None:
        """It was not as it should be, and now is."""
        self._mended.setdefault(reference, deque(maxlen=MOST)).append(self._clock())
