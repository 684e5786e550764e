"""`make bench`: every part in its turn, each bounded in time, then the report.

A part is a program of this folder that writes .cache/bench/<part>.json.
"""

import subprocess
import sys
import time
from pathlib import Path

from results import FOLDER

HERE = Path(__file__).resolve().parent
PARTS = {
    "proxies.py": 420,
    "memory.py": 120,
    "restarts.py": 90,
    "baselines.py": 120,
    "backtest.py": 90,
    "recall.py": 240,
    "counting.py": 240,
    "exposition.py": 90,
    "texts.py": 90,
}
"""Longest time of each in seconds; a part that takes longer is ended and fails."""


def main() -> int:
    """Exit status 1 where a part failed; the others are reported all the same."""
    for old in FOLDER.glob("*.json"):
        old.unlink()
    failed = [part for part in PARTS if (HERE / part).exists() and not _run(part)]
    reported = subprocess.run([sys.executable, str(HERE / "report.py")], check=False).returncode
    if failed:
        sys.stderr.write(f"these parts failed: {', '.join(failed)}\n")
    return int(bool(failed) or reported)


def _run(part: str) -> bool:
    sys.stdout.write(f"=== {part}\n")
    sys.stdout.flush()
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, str(HERE / part)])
    try:
        process.wait(PARTS[part])
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"{part} took longer than {PARTS[part]} s\n")
        process.terminate()
    sys.stdout.write(f"    {time.monotonic() - began:.0f} s\n")
    return process.wait() == 0


if __name__ == "__main__":
    sys.exit(main())
