"""Windows over the rows of one model: of time, sliding by twelfths, and of rows, one after another.

Windows of time are aligned to UTC: a window of length W consists of 12 buckets, each beginning at a
whole multiple of W/12 seconds since 1970.  Windows of rows are aligned to the first row.  Clock
values are arguments; memory is bounded by the number of windows, never by traffic.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from .counts import Counts
from .dispersion import window_length
from .draft import Counted
from .tally import Packed, Tally

BUCKETS: Final = 12


@dataclass(frozen=True, slots=True)
class Span:
    """From where to where a window reaches, in seconds since 1970 or in rows; end exclusive."""

    start: float
    end: float


class SlidingWindow:
    """One window of time: up to twelve closed buckets, and one that fills."""

    def __init__(self, name: str, empty: Tally) -> None:
        self.name = name
        self.length_seconds = window_length(name)
        self.step_seconds = self.length_seconds // BUCKETS
        self._closed: deque[tuple[int, Packed]] = deque(maxlen=BUCKETS)
        self._open, self._start = empty, 0

    def absorb(self, start: int, tally: Tally) -> None:
        """Add the finest bucket that began at `start`; it never spans two of this window's."""
        own = start - start % self.step_seconds
        if own != self._start:
            self.close(own)
        self._open.absorb(tally)

    def ended(self, now_seconds: float) -> float | None:
        """Put the open bucket away if it has ended with rows in it; when it ended."""
        end = self._start + self.step_seconds
        if now_seconds < end or not self._open.counts.rows:
            return None
        self.close(end)
        return end

    def close(self, start: int) -> None:
        """Put the open bucket away and begin the one at `start`."""
        if self._open.counts.rows:
            self._closed.append((self._start, self._open.packed()))
            self._open = self._open.fresh()
        self._start = start

    def total(self, now_seconds: float, finest: Tally) -> tuple[Span, Tally]:
        """All that the window holds at `now`; `finest` is what it was not yet given."""
        whole = finest.fresh()
        whole.absorb(finest)
        starts = []
        for start, part in self._parts(now_seconds):
            whole.absorb(part)
            starts.append(start)
        oldest = now_seconds - self.length_seconds
        oldest += -oldest % self.step_seconds
        return Span(max(oldest, min(starts, default=oldest)), now_seconds), whole

    def counts(self, now_seconds: float, empty: Counts) -> Counts:
        """The counters alone, of the buckets that were given, added to `empty`."""
        for _, part in self._parts(now_seconds):
            empty.add(part.counts)
        return empty

    def _parts(self, now_seconds: float) -> Iterator[tuple[int, Tally | Packed]]:
        """The buckets that began within the window's length, with their starts."""
        buckets: list[tuple[int, Tally | Packed]] = [*self._closed, (self._start, self._open)]
        for start, part in buckets:
            if start >= now_seconds - self.length_seconds:
                yield start, part


class SlidingWindows:
    """All windows of time of one model, fed from one finest bucket."""

    def __init__(self, names: Sequence[str], empty: Tally) -> None:
        self.windows = {name: SlidingWindow(name, empty.fresh()) for name in names}
        self._finest = empty
        self._step = min((w.step_seconds for w in self.windows.values()), default=0)
        self._start = 0

    def count(self, counted: Counted) -> None:
        """Add rows to the present bucket."""
        if self.windows:
            self._finest.count(counted)

    def advance(self, now_seconds: float) -> tuple[tuple[str, float], ...]:
        """Move to `now`; the windows of which a bucket with rows has ended, and when it did.

        A clock that steps back a little changes nothing; if it steps back by more than a bucket,
        rows count from the new time on.
        """
        if not self.windows:
            return ()
        start = int(now_seconds) - int(now_seconds) % self._step
        if start == self._start or 0 < self._start - start <= self._step:
            return ()
        before, self._start = self._start, start
        if self._finest.counts.rows:
            for window in self.windows.values():
                window.absorb(before, self._finest)
            self._finest = self._finest.fresh()
        ends = ((name, window.ended(start)) for name, window in self.windows.items())
        return tuple((name, end) for name, end in ends if end is not None)

    def total(self, name: str, now_seconds: float) -> tuple[Span, Tally]:
        """All that one window holds."""
        return self.windows[name].total(now_seconds, self._finest)


@dataclass(frozen=True, slots=True)
class FullWindow:
    """A window of rows that is full; what was counted in it is handed on, not kept."""

    index: int
    span: Span
    tally: Tally


class RowWindow:
    """Windows of so many rows, one after another from the first row on.

    `room` rows fit into the present one; who counts must cut there.
    """

    def __init__(self, name: str, empty: Tally) -> None:
        self.name = name
        self.length_rows = window_length(name)
        self._present, self._index = empty, 0

    @property
    def room(self) -> int:
        """Rows that the present window still takes."""
        return self.length_rows - self._present.counts.rows

    def count(self, counted: Counted) -> FullWindow | None:
        """Add rows, at most `room`; the window if it is full now."""
        self._present.count(counted)
        if self.room > 0:
            return None
        full = FullWindow(self._index, self.span, self._present)
        self._present, self._index = self._present.fresh(), self._index + 1
        return full

    @property
    def span(self) -> Span:
        """The rows of the present window so far; the first row of all is 0."""
        start = self._index * self.length_rows
        return Span(start, start + self._present.counts.rows)

    @property
    def present(self) -> Tally:
        """What the present window holds so far."""
        return self._present
