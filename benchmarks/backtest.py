"""`modelmonitor backtest` over 1,000,000 rows by 30 features: seconds, rows a second, memory.

    .venv/bin/python benchmarks/backtest.py

24 numbers and 6 categories, as CSV and as Parquet, in windows of 5,000 rows, which also writes the
JSON.  The command runs in a process of its own; its start and imports count.
"""

import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as arrow_parquet
from results import Figure, Part, write

from modelmonitor_api.baseline import to_json
from modelmonitor_cli.baseline.building import build
from modelmonitor_cli.baseline.options import BuildOptions

NUMBERS, TEXTS = 24, 6
BLOCK_ROWS, BLOCKS = 100_000, 10
ROWS = BLOCK_ROWS * BLOCKS
MOST_SECONDS = 10.0
REPLAY = """
import sys
from pathlib import Path
from modelmonitor_cli.__main__ import main
status = main(sys.argv[1:])
held = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
print(held, file=sys.stderr)
sys.exit(status)
"""


@dataclass(frozen=True)
class Cost:
    """What one replay took."""

    seconds: float
    cpu_seconds: float
    peak_mebibytes: float


def block(chance: np.random.Generator) -> pa.Table:
    """Rows of full-precision and rounded numbers, categories of 3 to 300 values."""
    columns = {
        f"number {i}": chance.lognormal(size=BLOCK_ROWS)
        if i % 3 == 0
        else chance.normal(size=BLOCK_ROWS).round(6)
        for i in range(NUMBERS)
    }
    for i in range(TEXTS):
        size = (3, 10, 60, 300, 5, 20)[i]
        columns[f"text {i}"] = np.array([f"value {j}" for j in chance.zipf(1.3, BLOCK_ROWS) % size])
    return pa.table(columns)


def write_tables(folder: Path) -> tuple[Path, Path]:
    """The same rows as CSV and as Parquet."""
    csv, parquet = folder / "live.csv", folder / "live.parquet"
    chance = np.random.default_rng(1)
    first = block(chance)
    with (
        arrow_csv.CSVWriter(csv, first.schema) as as_text,
        arrow_parquet.ParquetWriter(parquet, first.schema) as as_parquet,
    ):
        for number in range(BLOCKS):
            table = first if number == 0 else block(chance)
            as_text.write_table(table)
            as_parquet.write_table(table)
    return csv, parquet


def replay(table: Path, baseline: Path) -> Cost:
    """Replay in a process of its own."""
    arguments = ["backtest", "--baseline", baseline, "--data", table, "--output", "/dev/null"]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, "-c", REPLAY, *map(str, arguments)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return Cost(seconds, cpu, int(ended.stderr.split()[-1]) / 1024)


def main() -> None:
    """Measure, print, write."""
    figures = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        tables = write_tables(folder)
        baseline = folder / "baseline.json"
        built = build(BuildOptions((tables[1],), time_ordered=True)).baseline
        baseline.write_text(to_json(built))
        for table in tables:
            kind, cost = table.suffix[1:].upper(), replay(table, baseline)
            sys.stdout.write(f"{kind}: {ROWS / cost.seconds:,.0f} rows/s, {cost}\n")
            note = f"{ROWS / cost.seconds:,.0f} rows/s; {cost.cpu_seconds:.1f} s of CPU"
            figures += [
                Figure(
                    f"{kind}: {ROWS:,} rows by {NUMBERS + TEXTS} features",
                    cost.seconds,
                    "s",
                    at_most=MOST_SECONDS,
                    note=note,
                ),
                Figure(f"{kind}: largest resident set", cost.peak_mebibytes, "MiB"),
            ]
    text = f"Windows of 5,000 rows and changes between them, {NUMBERS} numbers and {TEXTS} texts."
    write(Part("backtest", "Replaying a table", tuple(figures), text))


if __name__ == "__main__":
    main()
