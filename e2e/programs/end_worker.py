"""Runs in a sidecar: ends the worker of process 1 so many times, each time when a new one lives.

python - kill TIMES < end_worker.py      by a signal
python - exhaust TIMES < end_worker.py   by the kernel, as the container is out of memory

Prints how often the kernel killed for want of memory.  Standard library only.
"""

import os
import signal
import socket
import struct
import sys
import time
from pathlib import Path

LIFE_SECONDS = 0.7  # shorter lives count as failed starts, after which the supervisor waits
PATIENCE_SECONDS = 30.0
CHUNK = bytes(2 << 20)
CGROUPS = Path("/sys/fs/cgroup")
FRAMES_SOCKET = "/run/modelmonitor/frames.sock"
PREAMBLE = b"MMFRAME\x01"
HALF_FRAME_BYTES = 3 << 20  # the collector takes frames of twice as much
HALF_FRAMES = 6


def kill(pid: int) -> None:
    """By a signal."""
    os.kill(pid, signal.SIGKILL)


def exhaust(pid: int) -> None:
    """Let the worker grow, and fill the rest of the container's memory, until the kernel kills it.

    It grows by frames that never end.  The rest is a file that is not mapped: its memory is the
    container's and no process's, so the worker is what the kernel finds worth killing.
    """
    refuse_where_all_die()
    Path(f"/proc/{pid}/oom_score_adj").write_text("1000")
    file, proxies = os.memfd_create("rest"), [half_a_frame() for _ in range(HALF_FRAMES)]
    before = killed_for_memory()
    try:
        while killed_for_memory() == before:  # a step more, and the supervisor would be next
            os.write(file, CHUNK)
    finally:
        os.close(file)
        for one in proxies:
            one.close()


def half_a_frame() -> socket.socket:
    """A proxy's connection on which the rest of a frame is still to come."""
    proxy = socket.socket(socket.AF_UNIX)
    proxy.connect(FRAMES_SOCKET)
    proxy.sendall(PREAMBLE + struct.pack("<I", 2 * HALF_FRAME_BYTES) + bytes(HALF_FRAME_BYTES))
    return proxy


def refuse_where_all_die() -> None:
    """Such a kernel spares no supervisor: it shows nothing of what a worker's death does."""
    if _read(CGROUPS / "memory.oom.group").strip() == "1":
        sys.exit(
            "this node kills all of a container that is out of memory: "
            "set singleProcessOOMKill: true in its kubelet's configuration"
        )


def killed_for_memory() -> int:
    """How often the kernel has done so in this container, by either version of cgroups."""
    told = _read(CGROUPS / "memory.events") or _read(CGROUPS / "memory/memory.oom_control")
    return next(int(one.split()[1]) for one in told.splitlines() if one.startswith("oom_kill "))


def next_worker(last: int) -> int:
    """The process that process 1 started after that one."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = [pid for pid in workers() if pid != last]
        if found:
            return found[0]
        time.sleep(0.02)
    sys.exit("there is no new worker")


def workers() -> list[int]:
    """Children of process 1 that live."""
    stats = [_read(path) for path in Path("/proc").glob("[0-9]*/stat")]
    fields = [(one.partition(" ")[0], *one.rpartition(") ")[2].split()[:2]) for one in stats if one]
    return [int(pid) for pid, state, parent in fields if parent == "1" and state not in "ZX"]


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # a process has just ended, or the kernel has another version
        return ""


if __name__ == "__main__":
    end = {"kill": kill, "exhaust": exhaust}[sys.argv[1]]
    before, last = killed_for_memory(), 0
    for _ in range(int(sys.argv[2])):
        last = next_worker(last)
        time.sleep(LIFE_SECONDS)
        end(last)
    next_worker(last)
    print(killed_for_memory() - before)
