"""The supervisor where there is no sigtimedwait, as on macOS: the same promises."""

import json
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from modelmonitor_sidecar.supervise.signals import Blocked, Caught, HeldSignals

WITHOUT_SIGTIMEDWAIT = "import signal; del signal.sigtimedwait\n"
ECHO = """
def main(listening, life):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
    serve(listening, life, lambda life: [os.getpid(), life.number])
"""

Start = Callable[..., Any]


def test_killed_workers_are_replaced_and_an_order_to_end_is_forwarded(start: Start) -> None:
    supervised = start(ECHO, before=WITHOUT_SIGTIMEDWAIT)
    for number in range(1, 11):
        pid, life = json.loads(supervised.ask())
        assert life == number
        supervised.kill_and_wait(pid)
    supervised.ask()

    assert supervised.end() == 7


def test_a_worker_that_will_not_end_is_killed_after_its_grace(start: Start) -> None:
    stubborn = ECHO.replace("lambda *_: sys.exit(7)", "signal.SIG_IGN")
    supervised = start(stubborn, "{'grace_seconds': 0.1}", WITHOUT_SIGTIMEDWAIT)
    supervised.ask()

    assert supervised.end() == 128 + signal.SIGKILL


@pytest.mark.parametrize("kind", [Blocked, Caught])
def test_signals_between_two_waits_are_told_by_the_next(
    kind: Callable[[tuple[signal.Signals, ...]], HeldSignals],
) -> None:
    pid = os.fork()
    if pid == 0:  # not in the tests' own process, whose signals these are
        status = 1
        try:
            held = kind((signal.SIGCHLD, signal.SIGTERM))
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGCHLD)
            told = {held.wait(5.0), held.wait(5.0)}
            silence = held.wait(0.0)
            status = int(told != {signal.SIGCHLD, signal.SIGTERM} or silence is not None)
        finally:
            os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0
