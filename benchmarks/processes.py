"""What processes cost, read from /proc: CPU time and proportional memory of whole trees."""

from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")
NANOSECONDS = 1e-9
KIBIBYTE = 1024


def tree(root: int) -> list[int]:
    """The process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for folder in PROC.iterdir():
        if folder.name.isdecimal():
            children.setdefault(_parent(folder), []).append(int(folder.name))
    found = [root]
    for pid in found:
        found += children.get(pid, ())
    return found


def _parent(folder: Path) -> int:
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of all their threads, to the nanosecond."""
    return sum(_run_time(pid) for pid in pids)


def _run_time(pid: int) -> float:
    tasks = (PROC / str(pid) / "task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) * NANOSECONDS


def pss_bytes(pids: Iterable[int]) -> int:
    """Proportional set size: pages that processes share are split between them."""
    return sum(_pss(pid) for pid in pids)


def _pss(pid: int) -> int:
    for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * KIBIBYTE
    return 0
