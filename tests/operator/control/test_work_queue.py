"""Each key once, never twice at a time, and again after a failure, for ever."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_operator.cluster import ConflictError, UnavailableError
from modelmonitor_operator.control.work_queue import Chance, WorkQueue

AT_ONCE = Chance(lambda low, high: 0.0)
LATEST = Chance(lambda low, high: high)


class Bench:
    """Work that a test watches: how often, how many at a time, and what it does."""

    def __init__(self, chance: Chance = AT_ONCE) -> None:
        self.queue = WorkQueue[str](self._work, self, chance)
        self.done = Counter[str]()
        self.failures: list[str | None] = []
        self.does: Callable[[str], float | None] = lambda key: None
        self.gate = asyncio.Event()
        self.gate.set()
        self.most_at_a_time = 0
        self._running = Counter[str]()

    def worked(self, seconds: float, failure: str | None) -> None:
        self.failures.append(failure)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while True:
                if holds():
                    return
                await asyncio.sleep(0)

    async def _work(self, key: str) -> float | None:
        self._running[key] += 1
        self.most_at_a_time = max(self.most_at_a_time, self._running[key])
        try:
            await self.gate.wait()
            self.done[key] += 1
            return self.does(key)
        finally:
            self._running[key] -= 1


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    work = asyncio.ensure_future(made.queue.run(workers=4))
    yield made
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


async def test_a_key_that_is_due_is_worked_on_once_however_often_it_was_asked_for() -> None:
    bench = Bench()
    for _ in range(100):
        bench.queue.add("a")
    assert bench.queue.depth() == 1

    work = asyncio.ensure_future(bench.queue.run(workers=4))
    await bench.until(lambda: bench.done["a"] == 1 and not bench.queue.is_running("a"))
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)

    assert bench.done == Counter(a=1)


async def test_what_is_asked_for_while_it_is_worked_on_is_worked_on_once_more(bench: Bench) -> None:
    bench.gate.clear()
    bench.queue.add("a")
    await bench.until(lambda: bench.queue.is_running("a"))

    for _ in range(10):
        bench.queue.add("a")
    bench.gate.set()
    await bench.until(lambda: bench.done["a"] == 2 and not bench.queue.is_running("a"))

    assert bench.most_at_a_time == 1
    assert bench.queue.depth() == 0


@given(st.lists(st.sampled_from("abc"), max_size=30))
async def test_no_key_is_ever_worked_on_twice_at_a_time(keys: list[str]) -> None:
    bench = Bench()
    work = asyncio.ensure_future(bench.queue.run(workers=4))
    for key in keys:
        bench.queue.add(key)
        await asyncio.sleep(0)
    await bench.until(
        lambda: bench.queue.depth() == 0 and not any(map(bench.queue.is_running, "abc"))
    )
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)

    assert bench.most_at_a_time <= 1
    assert bench.done.keys() == set(keys)


@pytest.mark.parametrize(
    ("error", "reason"),
    [(ConflictError("409"), "conflict"), (ZeroDivisionError("ours"), "bug")],
)
async def test_what_fails_comes_again_until_it_works(
    bench: Bench, error: Exception, reason: str
) -> None:
    def fails_thrice(key: str) -> None:
        if bench.done[key] <= 3:
            raise error

    bench.does = fails_thrice
    bench.queue.add("a")
    await bench.until(lambda: len(bench.failures) == 4)

    assert bench.failures == [reason] * 3 + [None]


async def test_a_failing_key_keeps_no_other_waiting(bench: Bench) -> None:
    def a_fails(key: str) -> None:
        if key == "a":
            raise ConflictError("409")

    bench.does = a_fails
    for key in "ab":
        bench.queue.add(key)
    await bench.until(lambda: bench.done["b"] == 1 and bench.done["a"] > 5)


async def test_what_succeeds_comes_again_when_it_said(bench: Bench) -> None:
    bench.does = lambda key: 60.0
    bench.queue.add("a")

    await bench.until(lambda: bench.done["a"] == 3)


async def test_each_failure_waits_twice_as_long_up_to_a_minute() -> None:
    waits = await waits_after([ConflictError("409")] * 10)

    assert waits == [1.2, 2.4, 4.8, 9.6, 19.2, 38.4, 72.0, 72.0, 72.0, 72.0]


async def test_it_does_not_come_before_the_api_server_said() -> None:
    waits = await waits_after([UnavailableError("429", 30.0), UnavailableError("503")])

    assert waits == [30.0, 2.4]


async def waits_after(errors: list[Exception]) -> list[float]:
    """With the latest jitter; the queue is told to come again at once, whatever it says."""
    waits: list[float] = []

    class Impatient(WorkQueue[str]):
        def add_after(self, key: str, seconds: float) -> None:
            waits.append(seconds)
            self.add(key)

    bench = Bench()
    remaining = list(errors)

    async def work(key: str) -> float | None:
        if remaining:
            raise remaining.pop(0)
        bench.done[key] += 1
        return None

    queue = Impatient(work, bench, LATEST)
    queue.add("a")
    running = asyncio.ensure_future(queue.run(workers=1))
    await bench.until(lambda: bench.done["a"] == 1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return [round(seconds, 6) for seconds in waits]


async def test_news_goes_before_what_is_merely_looked_at_again() -> None:
    bench, order = Bench(), list[str]()
    bench.does = lambda key: order.append(key)
    for key in "abc":
        bench.queue.add_after(key, 0)
    await bench.until(lambda: bench.queue.depth() == 3)
    for key in "dc":
        bench.queue.add(key)

    work = asyncio.ensure_future(bench.queue.run(workers=1))
    await bench.until(lambda: len(order) == 4)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)

    assert order == ["d", "c", "a", "b"]


async def test_the_earlier_of_two_times_holds() -> None:
    bench = Bench()
    work = asyncio.ensure_future(bench.queue.run(workers=1))

    bench.queue.add_after("a", 3_600)
    bench.queue.add_after("a", 0)
    bench.queue.add_after("a", 3_600)
    await bench.until(lambda: bench.done["a"] == 1)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
