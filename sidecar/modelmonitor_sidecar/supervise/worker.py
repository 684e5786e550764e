"""The child's side of the fork: from a copy of the supervisor to a worker, and to its end."""

import gc
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Iterable
from typing import Final

from modelmonitor_sidecar.supervise.limits import end_with_parent, limit_memory
from modelmonitor_sidecar.supervise.plan import Life, Plan

CRASHED: Final = 1
"""Exit status of a worker whose `main` raised."""


def become_worker(plan: Plan, life: Life, parent_pid: int, mask: Iterable[int]) -> int:
    """Run the worker's `main` in this (forked) process; returns the exit status."""
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    # Ctrl-C reaches the whole process group; the supervisor turns it into one orderly SIGTERM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.set_wakeup_fd(-1)
    end_with_parent(parent_pid)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    if plan.memory_bytes is not None:
        limit_memory(plan.memory_bytes)
    main = importlib.import_module(plan.module).main
    status = main(*plan.sockets, *plan.arguments, life)
    return status if isinstance(status, int) else 0


def leave(plan: Plan, life: Life, parent_pid: int, mask: Iterable[int]) -> None:
    """`become_worker`, and never return into the supervisor's copied stack."""
    status = CRASHED
    try:
        status = become_worker(plan, life, parent_pid, mask)
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else CRASHED
    except BaseException:
        traceback.print_exc()
    finally:
        flush()
        os._exit(status)


def preload(plan: Plan) -> bool:
    """Import the worker's module here, so that every worker starts with it; False: it cannot be.

    A child tries first: a module that crashes its process must not take the supervisor along.
    One that is loaded already has not.
    """
    if plan.module not in sys.modules and not _survives_import(plan.module):
        return False
    importlib.import_module(plan.module)
    # What is alive now stays: leave it out of the collector's sight, and its pages shared.
    gc.collect()
    gc.freeze()
    return True


def flush() -> None:
    """Write out what the process has printed, if there is still somebody to read it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue


def _survives_import(module: str) -> bool:
    flush()
    pid = os.fork()
    if pid == 0:
        status = CRASHED
        try:
            importlib.import_module(module)
            status = 0
        except BaseException:
            status = CRASHED
        finally:
            os._exit(status)
    return os.waitpid(pid, 0)[1] == 0
