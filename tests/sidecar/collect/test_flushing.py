"""When rows are counted, and in which order they are counted and acknowledged."""

import pytest

from modelmonitor_sidecar.collect.flushing import MAX_BYTES, MAX_ROWS, MAX_SECONDS, Flusher


class Timer:
    def __init__(self, seconds: float) -> None:
        self.seconds, self.cancelled = seconds, False

    def cancel(self) -> None:
        self.cancelled = True


class Watched:
    """A flusher, what it did, and the timers that it set."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.timers: list[Timer] = []
        self.flusher = Flusher(
            lambda: self.did.append("count"), lambda: self.did.append("acknowledge"), self._later
        )

    def _later(self, seconds: float, _callback: object) -> Timer:
        self.timers.append(Timer(seconds))
        return self.timers[-1]


def test_what_is_acknowledged_has_been_counted() -> None:
    watched = Watched()
    watched.flusher.flush()
    assert watched.did == ["count", "acknowledge"]


@pytest.mark.parametrize(
    ("rows", "size_bytes", "due"),
    [
        (MAX_ROWS - 1, 1, False),
        (MAX_ROWS, 1, True),
        (0, MAX_BYTES - 1, False),
        (0, MAX_BYTES, True),
    ],
)
def test_a_flush_is_due_at_the_bound_of_rows_or_of_bytes(
    rows: int, size_bytes: int, due: bool
) -> None:
    flusher = Watched().flusher
    flusher.added(rows, size_bytes)
    assert flusher.due is due


def test_nothing_is_flushed_before_the_frame_that_makes_it_due_is_noted() -> None:
    watched = Watched()
    watched.flusher.added(MAX_ROWS, 1)
    assert watched.did == []


def test_what_waits_is_flushed_in_time_by_one_timer() -> None:
    watched = Watched()
    for _ in range(3):
        watched.flusher.added(1, 100)
        watched.flusher.rest()
    assert [timer.seconds for timer in watched.timers] == [MAX_SECONDS]


def test_a_flush_leaves_no_timer_and_nothing_due() -> None:
    watched = Watched()
    watched.flusher.added(1, 100)
    watched.flusher.rest()
    watched.flusher.added(MAX_ROWS, 1)
    watched.flusher.flush()
    watched.flusher.rest()
    assert watched.timers[0].cancelled
    assert len(watched.timers) == 1
    assert not watched.flusher.due


def test_a_frame_without_rows_is_acknowledged_in_time_too() -> None:
    watched = Watched()
    watched.flusher.added(0, 200)
    watched.flusher.rest()
    assert len(watched.timers) == 1
