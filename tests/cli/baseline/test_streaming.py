"""A table may be larger than the memory, and a person sees how far the reading has come."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from modelmonitor_cli.baseline.progress import progress_bar

MEASURE = """
import resource, sys
from pathlib import Path
from modelmonitor_cli.baseline import building, options, surveying
surveying.sample_capacity = lambda columns: 20_000
building.build(options.BuildOptions((Path(sys.argv[1]),), time_ordered=True))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
MEBIBYTE = 1 << 20


def peak_mebibytes(table: Path) -> int:
    command = [sys.executable, "-c", MEASURE, str(table)]
    return int(subprocess.run(command, check=True, capture_output=True, timeout=100).stdout)


def written(path: Path, times: int) -> Path:
    lines = "".join(f"{i / 7:.9f},{i % 91},word {i % 50},{i * 37 % 1000}\n" for i in range(20_000))
    with path.open("w") as file:
        file.write("a,b,c,d\n")
        file.writelines(lines for _ in range(times))
    return path


def test_memory_does_not_grow_with_the_table(tmp_path: Path) -> None:
    small, large = written(tmp_path / "s.csv", 20), written(tmp_path / "l.csv", 160)
    grown = (large.stat().st_size - small.stat().st_size) / MEBIBYTE
    assert grown > 60
    assert peak_mebibytes(large) - peak_mebibytes(small) < grown / 2


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal_and_nothing_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for stream, seen in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", stream)
        with progress_bar("counting", 1_000) as advance:
            advance(500)
        assert ("counting" in stream.getvalue()) is seen
