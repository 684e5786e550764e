"""When counted rows leave the buffers: often enough to be fresh, seldom enough to be cheap.

A flush is due at 1,024 rows, 1 MiB of frames, 100 ms after the first of them, or when somebody asks
(a scrape).  Then the statistics count their buffers, and afterwards the connections acknowledge: an
acknowledged frame is a counted frame.
"""

from collections.abc import Callable
from typing import Final, Protocol

MAX_ROWS: Final = 1_024
MAX_BYTES: Final = 1 << 20
MAX_SECONDS: Final = 0.1


class Timer(Protocol):
    """What `asyncio`'s `call_later` gives back."""

    def cancel(self) -> None:
        """Never call."""


class Flusher:
    """Knows what waits, and flushes in time.

    `count` counts the buffered rows, `acknowledge` tells the proxies; neither may raise.
    `call_later` is the loop's.  Nothing is flushed inside `added`: the frame that was added has to
    be noted for its acknowledgement first.  So who takes frames asks `due` after each, and calls
    `rest` when there are no more for now.
    """

    def __init__(
        self,
        count: Callable[[], None],
        acknowledge: Callable[[], None],
        call_later: Callable[[float, Callable[[], None]], Timer],
    ) -> None:
        self.due = False
        self._count = count
        self._acknowledge = acknowledge
        self._call_later = call_later
        self._timer: Timer | None = None
        self._rows = 0
        self._bytes = 0

    def added(self, rows: int, size_bytes: int) -> None:
        """One more frame was taken; each has at least one byte."""
        self._rows += rows
        self._bytes += size_bytes
        if self._rows >= MAX_ROWS or self._bytes >= MAX_BYTES:
            self.due = True

    def rest(self) -> None:
        """Nothing more comes for now: what waits is flushed in time."""
        if self._bytes and self._timer is None:
            self._timer = self._call_later(MAX_SECONDS, self.flush)

    def flush(self) -> None:
        """Count and acknowledge all that waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.due = False
        self._rows = self._bytes = 0
        self._count()
        self._acknowledge()
