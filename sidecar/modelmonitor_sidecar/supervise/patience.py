"""How long to wait before the next worker: not at all, unless they die as soon as they start."""

from dataclasses import dataclass
from typing import Final

QUICK_SECONDS: Final = 0.5
"""Well below the second at which somebody might kill workers on purpose, to try us."""
FREE_RESTARTS: Final = 3
FIRST_DELAY_SECONDS: Final = 0.05
LONGEST_DELAY_SECONDS: Final = 1.0


@dataclass(slots=True)
class Patience:
    """Counts failed starts in a row: lives shorter than `quick_seconds`.

    The first `FREE_RESTARTS` cost nothing, then 50 ms doubled each time, at most one second; any
    longer life starts the count again.
    """

    quick_seconds: float = QUICK_SECONDS
    failed_starts: int = 0

    def delay_seconds(self, life_seconds: float) -> float:
        """What to wait after a life of this length.

        >>> patience = Patience()
        >>> [patience.delay_seconds(0.1) for _ in range(9)]
        [0.0, 0.0, 0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.0]
        >>> patience.delay_seconds(60.0)
        0.0
        """
        self.failed_starts = self.failed_starts + 1 if life_seconds < self.quick_seconds else 0
        paid = self.failed_starts - FREE_RESTARTS
        if paid <= 0:
            return 0.0
        return min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2.0 ** min(paid - 1, 10))
