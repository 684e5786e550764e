"""What the kernel grants a process: descriptors, memory, core dumps.

Refuses to choose the figures; whoever plans a worker does.
"""

import ctypes
import os
import resource
import signal
from contextlib import suppress
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_OPEN_MAX: Final = 10_240
_CGROUPS: Final = Path("/sys/fs/cgroup")


def raise_descriptor_limit() -> int:
    """Lift the soft limit of open files to the hard one; returns what is in force now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Some kernels call the hard limit infinite and grant OPEN_MAX.
    for wanted in (hard, _OPEN_MAX):
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            return wanted
    return soft


def forbid_core_dumps() -> None:
    """See to it that no payload reaches a disk when this process or a child of it crashes.

    A limit of one byte stops both ways a kernel dumps: no file is written, and a handler behind a
    pipe is not started (zero would not stop the latter).  Where the hard limit is already zero,
    the empty filter leaves a dump without memory.
    """
    for limit in (1, 0):
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))
            break
    with suppress(OSError):
        Path("/proc/self/coredump_filter").write_text("0")


def limit_memory(limit_bytes: int) -> None:
    """Let allocations beyond `limit_bytes` of private memory fail in this process alone."""
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (limit_bytes, limit_bytes))


def container_memory_bytes(root: Path = _CGROUPS) -> int | None:
    """What the container may use, from its cgroup (version 2, else 1); None: no limit is known."""
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):
            limit = int((root / name).read_text())
            # Version 1 writes "no limit" as a number near 2**63.
            return limit if limit < 1 << 60 else None
    return None


def end_with_parent(parent_pid: int) -> None:
    """Ask for SIGTERM when the parent dies, however it dies (Linux; elsewhere nothing happens)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent_pid:  # it died before we asked
        os.kill(os.getpid(), signal.SIGTERM)


def thread_count() -> int:
    """Threads of this process as the kernel counts them (1 where it does not say)."""
    try:
        return sum(1 for _ in Path("/proc/self/task").iterdir())
    except OSError:
        return 1
