"""The loop: events, timers, and nothing that ends it."""

import logging
import socket
from collections.abc import Callable, Iterator

import pytest

from modelmonitor_sidecar.proxy.kernel_poll import PlainPoll, kernel_poll
from modelmonitor_sidecar.proxy.poller import READ, WRITE, Poller
from modelmonitor_sidecar.proxy.wakeup import Wakeup


class Owner:
    """Calls back."""

    def __init__(self, callback: Callable[[int], None]) -> None:
        self.ready = callback


class Ends:
    """Two connected sockets."""

    def __init__(self) -> None:
        self.here, self.there = socket.socketpair()
        self.here.setblocking(False)

    def close(self) -> None:
        self.here.close()
        self.there.close()


@pytest.fixture(params=[kernel_poll, PlainPoll])
def poller(request: pytest.FixtureRequest) -> Iterator[Poller]:
    one = Poller(request.param())
    yield one
    one.close()


@pytest.fixture
def ends() -> Iterator[Ends]:
    one = Ends()
    yield one
    one.close()


def test_an_owner_is_told_what_its_descriptor_can_do(poller: Poller, ends: Ends) -> None:
    told: list[int] = []
    poller.watch(ends.here.fileno(), Owner(told.append), READ)
    poller.round(0)
    ends.there.send(b"x")
    poller.round(0)
    poller.change(ends.here.fileno(), READ | WRITE)
    poller.round(0)
    poller.forget(ends.here.fileno())
    poller.forget(ends.here.fileno())
    poller.round(0)
    assert told == [READ, READ | WRITE]


def test_timers_run_in_the_order_of_their_times(poller: Poller) -> None:
    ran: list[str] = []
    poller.call_later(0.002, lambda: ran.append("second"))
    poller.call_later(0.001, lambda: ran.append("first"))
    poller.call_later(0.0015, lambda: ran.append("cancelled")).cancel()
    poller.call_later(0.003, poller.stop)
    poller.run()
    assert ran == ["first", "second"]


def test_a_timer_may_set_timers(poller: Poller) -> None:
    ran: list[int] = []

    def again() -> None:
        ran.append(len(ran))
        if len(ran) == 3:
            poller.stop()
        else:
            poller.call_later(0, again)

    poller.call_later(0, again)
    poller.run()
    assert ran == [0, 1, 2]


def test_a_failing_owner_or_timer_ends_nothing_and_is_counted_and_logged(
    poller: Poller, ends: Ends, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_events: int = 0) -> None:
        ends.here.recv(1)
        raise RuntimeError("a fault of ours")

    def fail_too() -> None:
        raise RuntimeError("another")

    ends.there.send(b"x")
    poller.watch(ends.here.fileno(), Owner(fail), READ)
    poller.call_later(0, fail_too)
    poller.call_later(0.001, poller.stop)
    with caplog.at_level(logging.ERROR):
        poller.run()
    assert poller.failures == 2
    assert "a fault of ours" in caplog.text


def test_no_event_reaches_the_successor_of_a_closed_descriptor(poller: Poller) -> None:
    first, second = Ends(), Ends()
    told: list[str] = []

    def close_the_other(other: Ends) -> Callable[[int], None]:
        def ready(_events: int) -> None:
            told.append("closed the other")
            poller.forget(other.here.fileno())
            poller.close_later(other.here)
            assert other.here.fileno() >= 0  # its number is not free before the round ends

        return ready

    poller.watch(first.here.fileno(), Owner(close_the_other(second)), READ)
    poller.watch(second.here.fileno(), Owner(close_the_other(first)), READ)
    first.there.send(b"x")
    second.there.send(b"x")
    poller.round(0)
    assert told == ["closed the other"]
    first.close()
    second.close()


def test_an_order_from_outside_is_obeyed_in_the_loop(poller: Poller) -> None:
    obeyed: list[bool] = []

    def obey() -> None:
        obeyed.append(True)
        poller.stop()

    wakeup = Wakeup(poller, obey)
    for _ in range(3):
        wakeup.order()
    poller.run()
    wakeup.close()
    assert obeyed == [True]


def test_a_descriptor_of_which_nothing_is_asked_does_not_keep_the_loop_awake(ends: Ends) -> None:
    told: list[int] = []
    poller = Poller(PlainPoll())
    poller.watch(ends.here.fileno(), Owner(told.append), 0)
    ends.there.close()
    poller.round(0)
    assert told == []
    poller.change(ends.here.fileno(), READ)
    poller.round(0)
    assert len(told) == 1
    poller.change(ends.here.fileno(), 0)
    poller.forget(ends.here.fileno())
    poller.close()


def test_a_plain_poll_refuses_what_epoll_refuses(ends: Ends) -> None:
    for kernel in (kernel_poll(), PlainPoll()):
        with pytest.raises(FileNotFoundError):
            kernel.modify(ends.here.fileno(), READ)
        kernel.register(ends.here.fileno(), READ)
        with pytest.raises(FileExistsError):
            kernel.register(ends.here.fileno(), READ)
        kernel.close()
