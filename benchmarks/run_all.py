"""`make bench`: every part in its turn, each bounded in time, then the report.

    .venv/bin/python benchmarks/run_all.py [bench | bench-rules | bench-peers | bench-operator]

A part is a program of this folder that writes .cache/bench/<part>.json, or <part>-*.json.
"""

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from results import forget

HERE = Path(__file__).resolve().parent
PARTS: Mapping[str, Mapping[str, int]] = {
    "bench": {
        "proxies.py": 420,
        "memory.py": 120,
        "restarts.py": 90,
        "baselines.py": 120,
        "backtest.py": 90,
        "recall.py": 240,
        "counting.py": 240,
        "exposition.py": 90,
        "texts.py": 90,
        "false_alarms_windows.py": 90,
        "false_alarms_months.py": 1_800,
        "false_alarms_delays.py": 1_800,
    },
    "bench-rules": {
        "rules_load.py": 5_400,
        "rules_costs.py": 900,
        "false_alarms_scrapes.py": 1_000,
    },
    "bench-peers": {"false_alarms_peers.py": 3_600},
    "bench-operator": {"operator_policy.py": 600, "operator_load.py": 5_400},
}
"""By word of the Makefile, the longest time of each in seconds; a part that takes longer is ended
and fails.
"""


def main(word: str = "bench") -> int:
    """Exit status 1 where a part failed; the others are reported all the same."""
    for part in PARTS[word]:
        forget(name_of(part))
    failed = [part for part, seconds in PARTS[word].items() if not _run(part, seconds)]
    report = [sys.executable, str(HERE / "report.py"), word]
    reported = subprocess.run(report, check=False).returncode
    if failed:
        sys.stderr.write(f"these parts failed: {', '.join(failed)}\n")
    return int(bool(failed) or reported)


def name_of(part: str) -> str:
    """Of what it writes, or the beginning of it.

    >>> name_of("rules_load.py")
    'rules-load'
    """
    return part.removesuffix(".py").replace("_", "-")


def _run(part: str, seconds: int) -> bool:
    sys.stdout.write(f"=== {part}\n")
    sys.stdout.flush()
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, str(HERE / part)])
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"{part} took longer than {seconds} s\n")
        process.terminate()
    sys.stdout.write(f"    {time.monotonic() - began:.0f} s\n")
    return process.wait() == 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
