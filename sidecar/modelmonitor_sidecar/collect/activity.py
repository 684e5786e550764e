"""What came in lately, in steps of five seconds over five minutes: does something flow?"""

from collections import deque
from typing import Final

from modelmonitor_sidecar.expose.status import Flow

STEP_SECONDS: Final = 5
STEPS: Final = 60


class Activity:
    """Differences of two growing totals, step by step; two short rows of numbers in memory."""

    def __init__(self) -> None:
        self._payloads: deque[int] = deque([0] * STEPS, maxlen=STEPS)
        self._rows: deque[int] = deque([0] * STEPS, maxlen=STEPS)
        self._step: int | None = None
        self._seen = (0, 0)

    def note(self, now: float, payloads: int, rows: int) -> None:
        """The totals as of now; totals that fell (others are counted now) start again."""
        step = int(now) // STEP_SECONDS
        passed = STEPS if self._step is None else min(max(step - self._step, 0), STEPS)
        self._payloads.extend([0] * passed)
        self._rows.extend([0] * passed)
        self._step = step
        self._payloads[-1] += max(payloads - self._seen[0], 0)
        self._rows[-1] += max(rows - self._seen[1], 0)
        self._seen = (payloads, rows)

    def flow(self) -> Flow:
        """The steps, oldest first."""
        return Flow(STEP_SECONDS, tuple(self._payloads), tuple(self._rows))
