"""Hours that a Prometheus has not lived through: rows of long windows' parts, filled in beforehand.

A day is summed from hours and an hour from five minutes, both recorded.  A fresh Prometheus has
none of them, and so would not be asked to do what it does for ever after the first day.
"""

import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from modelmonitor_api import names, recorded

PARTS = {"5m": (3_600, 300), "1h": (86_400, 3_600)}
"""Windows that longer ones are made of: for how long they are read, and at which multiples."""
ROWS_A_SECOND = 5
MARGIN_SECONDS = 600
"""What has just been is recorded by Prometheus itself."""
TESTS = (recorded.MISSING, recorded.INVALID, recorded.RANGE)
_LABELS = re.compile(r"\{(.*)\} ")


@dataclass(frozen=True)
class Depth:
    """`hours` of history, with a sample each `step_seconds`, or (0) only where it is read."""

    hours: int
    step_seconds: int = 0


def fill(folder: Path, promtool: Path, page: str, monitors: Sequence[str], depth: Depth) -> float:
    """Write blocks of `folder`/data; `page` is /metrics of a collector named churn.  Seconds."""
    began, text = time.monotonic(), folder / "history.txt"
    with text.open("w") as file:
        file.write(f"# TYPE {recorded.COUNTED_ROWS} gauge\n")
        for labels, value in _series(page):
            for monitor in monitors:
                file.write(_samples(labels.replace('"churn"', f'"{monitor}"', 1), value, depth))
        file.write("# EOF\n")
    command = [str(promtool), "tsdb", "create-blocks-from", "openmetrics", "--quiet"]
    command += ["--max-block-duration=24h", str(text), str(folder / "data")]
    subprocess.run(command, check=True, capture_output=True)
    text.unlink()
    return time.monotonic() - began


def _series(page: str) -> Iterator[tuple[str, float]]:
    """Labels of each series of a window, and its share of the rows."""
    for line in page.splitlines():
        found = _LABELS.search(line)
        if found is None:
            continue
        labels = f'{found[1]},namespace="bench"'
        if line.startswith(f"{names.FEATURE_CUMULATIVE_ROWS}{{"):
            yield labels, (int(re.findall(r'bin="(\d+)"', labels)[0]) + 1) / 10
        elif line.startswith(f"{names.FEATURE_MISSING_ROWS}{{"):
            yield from ((f'{labels},test="{test}"', 0.0) for test in TESTS)


def _samples(labels: str, share: float, depth: Depth) -> str:
    now = int(time.time())
    lines = []
    for window, (reach, multiple) in PARTS.items():
        rows = round(share * ROWS_A_SECOND * multiple)
        step = depth.step_seconds or multiple
        first = now - min(reach, depth.hours * 3_600)
        name = f'{recorded.COUNTED_ROWS}{{{labels},window="{window}"}}'
        lines += [
            f"{name} {rows} {moment}\n"
            for moment in range(first - first % step, now - MARGIN_SECONDS, step)
        ]
    return "".join(lines)
