"""The loop of PID 1: start, wait, reap, start again; end only when told."""

import os
import signal
import sys
import time
from collections import Counter
from typing import Final

from modelmonitor_sidecar.supervise.limits import (
    forbid_core_dumps,
    raise_descriptor_limit,
    thread_count,
)
from modelmonitor_sidecar.supervise.patience import LONGEST_DELAY_SECONDS, Patience
from modelmonitor_sidecar.supervise.plan import Life, Plan
from modelmonitor_sidecar.supervise.signals import HeldSignals, held_signals
from modelmonitor_sidecar.supervise.worker import flush, leave, preload

_ENDINGS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_SIGNALS: Final = (signal.SIGCHLD, *_ENDINGS)
_SILENT: Final = "silent"
_PULSE_LOOKS: Final = 4
"""Looks at the pulse within the silence that is allowed."""


def supervise(plan: Plan) -> int:
    """Keep the worker alive until SIGTERM, SIGINT or SIGHUP; returns the exit status.

    That is the last worker's own, or 128 and the signal that ended it, or 0 without a worker.
    Closes the plan's sockets when told to end.  Call it from a process with one thread.
    """
    signals = held_signals(_SIGNALS)
    raise_descriptor_limit()
    forbid_core_dumps()
    supervisor = Supervisor(plan, signals)
    if not preload(plan):
        supervisor.say(f"{plan.module} cannot be imported; each worker tries again")
    if (threads := thread_count()) > 1:
        supervisor.say(f"{plan.module} started {threads - 1} threads on import; workers may hang")
    return supervisor.run()


class Supervisor:
    """Keeps at most one worker; every method returns at once but `run`."""

    def __init__(self, plan: Plan, signals: HeldSignals) -> None:
        self._plan = plan
        self._signals = signals
        self._patience = Patience(plan.quick_seconds)
        self._deaths: Counter[str] = Counter()
        self._lives = 0
        self._pid: int | None = None
        self._started = 0.0
        self._due = 0.0
        self._deadline: float | None = None
        self._silenced = False
        self._status = 0

    def run(self) -> int:
        """Until told to end and the worker has."""
        while self._deadline is None or self._pid is not None:
            self._start_if_due()
            if self._signals.wait(self._wait_seconds()) in _ENDINGS:
                self._end()
            self._reap()
            self._kill_the_silent()
            self._kill_the_late()
        return self._status

    def say(self, sentence: str) -> None:
        """One line on standard error; a reader that is gone is no reason to end."""
        try:
            sys.stderr.write(f"{self._plan.name}: {sentence}\n")
        except (OSError, ValueError):
            return
        flush()

    def _start_if_due(self) -> None:
        if self._pid is not None or self._deadline is not None or time.monotonic() < self._due:
            return
        flush()
        if self._plan.pulse is not None:
            self._plan.pulse.beat()
        parent, life = os.getpid(), Life(self._lives + 1, dict(self._deaths))
        try:
            pid = os.fork()
        except OSError as error:
            self._due = time.monotonic() + LONGEST_DELAY_SECONDS
            self.say(f"cannot start a worker ({error.strerror}); trying again in a second")
            return
        if pid == 0:
            leave(self._plan, life, parent, self._signals.mask)
        self._pid, self._lives, self._started = pid, life.number, time.monotonic()
        self._silenced = False

    def _wait_seconds(self) -> float:
        now = time.monotonic()
        if self._deadline is not None:
            return max(0.0, self._deadline - now)
        if self._pid is None:
            return max(0.0, self._due - now)
        # Without a pulse nothing happens but signals; the long wait costs one wake-up an hour.
        return self._plan.silent_seconds / _PULSE_LOOKS if self._plan.pulse else 3600.0

    def _end(self) -> None:
        """Forward the order once; from here on, nobody waits in a backlog we hold."""
        if self._deadline is not None:
            return
        self._deadline = time.monotonic() + self._plan.grace_seconds
        for bound in self._plan.sockets:
            bound.close()
        if self._pid is not None:
            os.kill(self._pid, signal.SIGTERM)

    def _reap(self) -> None:
        """Collect every child that has ended: the worker, and orphans that PID 1 inherits."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._pid:
                self._bury(status)

    def _bury(self, status: int) -> None:
        self._pid = None
        code = os.waitstatus_to_exitcode(status)
        self._status = code if code >= 0 else 128 - code
        if self._deadline is not None:
            return
        cause = _SILENT if self._silenced else _cause(code)
        life_seconds = time.monotonic() - self._started
        self._deaths[cause] += 1
        if self._plan.recorder is not None:
            self._plan.recorder.settle()
        delay = self._patience.delay_seconds(life_seconds)
        self._due = time.monotonic() + delay
        when = f"in {delay:g} s" if delay else "at once"
        self.say(f"the worker ended ({cause}) after {life_seconds:.1f} s; the next starts {when}")

    def _kill_the_silent(self) -> None:
        pulse = self._plan.pulse
        if pulse is None or self._pid is None or self._deadline is not None or self._silenced:
            return
        if pulse.silent_seconds() > self._plan.silent_seconds:
            self._silenced = True
            os.kill(self._pid, signal.SIGKILL)

    def _kill_the_late(self) -> None:
        if self._deadline is None or self._pid is None or time.monotonic() < self._deadline:
            return
        self.say(f"the worker did not end within {self._plan.grace_seconds:g} s and is killed")
        os.kill(self._pid, signal.SIGKILL)
        # Its end arrives as SIGCHLD; until then there is nothing to repeat.
        self._deadline = time.monotonic() + 3600.0


def _cause(code: int) -> str:
    if code >= 0:
        return f"exit {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
