"""Signals taken one by one, when asked for; between two waits they are held back.

So nothing is interrupted, and a fork never happens in the middle of a handler.  PID 1 gets even
those whose default is to end, because they are blocked, not ignored.  Refuses to know what a
signal means.
"""

import os
import select
import signal
from collections.abc import Sequence
from typing import Protocol


class HeldSignals(Protocol):
    """Signals that arrive by `wait` only."""

    mask: tuple[int, ...]
    """What was blocked before; a child gets it back."""

    def wait(self, seconds: float) -> int | None:
        """The next signal's number; None: none came in time."""


class Blocked:
    """By sigtimedwait (Linux): no handler, no descriptor."""

    def __init__(self, numbers: Sequence[signal.Signals]) -> None:
        self._numbers = numbers
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.mask = tuple(signal.pthread_sigmask(signal.SIG_BLOCK, numbers))

    def wait(self, seconds: float) -> int | None:
        """See `HeldSignals`."""
        arrived = signal.sigtimedwait(self._numbers, seconds)
        return None if arrived is None else arrived.si_signo


class Caught:
    """By handlers that do nothing and a pipe, where there is no sigtimedwait (macOS).

    A signal that is ignored by default, as SIGCHLD is, would get lost there while it is blocked;
    one that has a handler waits.
    """

    def __init__(self, numbers: Sequence[signal.Signals]) -> None:
        self._numbers = numbers
        self.mask = tuple(signal.pthread_sigmask(signal.SIG_BLOCK, numbers))
        self._pipe, into = os.pipe()
        for end in (self._pipe, into):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(into, warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, _nothing)

    def wait(self, seconds: float) -> int | None:
        """See `HeldSignals`."""
        signal.pthread_sigmask(signal.SIG_UNBLOCK, self._numbers)
        try:
            arrived, _, _ = select.select([self._pipe], [], [], seconds)
            return os.read(self._pipe, 1)[0] if arrived else None
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, self._numbers)


def held_signals(numbers: Sequence[signal.Signals]) -> HeldSignals:
    """Hold them back from now on, in the best way this machine has."""
    return Blocked(numbers) if hasattr(signal, "sigtimedwait") else Caught(numbers)


def _nothing(*_: object) -> None:
    """The pipe tells."""
