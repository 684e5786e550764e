"""`baseline build` over a table of 0.5 GB: values a second of one core, and memory.

    .venv/bin/python benchmarks/baselines.py

A process builds one baseline from CSV and one from Parquet; its CPU time and its largest resident
set are the system's own figures.
"""

import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as arrow_parquet
from results import Figure, Part, write

NUMBERS, TEXTS = 18, 4
BLOCK_ROWS, BLOCKS = 200_000, 11
LEAST_VALUES_A_SECOND = 1_000_000
BUILD = """
import sys
from pathlib import Path
from modelmonitor_cli.baseline.building import build
from modelmonitor_cli.baseline.options import BuildOptions
build(BuildOptions((Path(sys.argv[1]),), time_ordered=True))
"""


@dataclass(frozen=True)
class Cost:
    """What one build took."""

    cpu_seconds: float
    peak_mebibytes: float


def block() -> pa.Table:
    """Rows of full-precision and rounded numbers, categories of 3 to 300 values."""
    random = np.random.default_rng(1)
    columns = {
        f"number {i}": random.lognormal(size=BLOCK_ROWS)
        if i % 3 == 0
        else random.normal(size=BLOCK_ROWS).round(6)
        for i in range(NUMBERS)
    }
    for i in range(TEXTS):
        size = (3, 10, 60, 300)[i]
        columns[f"text {i}"] = np.array([f"value {j}" for j in random.zipf(1.3, BLOCK_ROWS) % size])
    return pa.table(columns)


def write_tables(folder: Path) -> tuple[Path, Path]:
    """The same rows as CSV and as Parquet."""
    csv, parquet = folder / "train.csv", folder / "train.parquet"
    table = block()
    with (
        arrow_csv.CSVWriter(csv, table.schema) as as_text,
        arrow_parquet.ParquetWriter(parquet, table.schema) as as_parquet,
    ):
        for _ in range(BLOCKS):
            as_text.write_table(table)
            as_parquet.write_table(table)
    return csv, parquet


def build(table: Path) -> Cost:
    """Build in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = BUILD + "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    command = [sys.executable, "-c", code, str(table)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return Cost(seconds, int(ended.stdout) / 1024)


def main() -> None:
    """Measure and write."""
    figures = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        tables = write_tables(Path(name))
        values = BLOCK_ROWS * BLOCKS * (NUMBERS + TEXTS)
        for table in tables:
            kind, size = table.suffix[1:].upper(), table.stat().st_size / 1e9
            cost = build(table)
            note = f"{size:.2f} GB, {cost.cpu_seconds:.1f} s of CPU with start and imports"
            figures += [
                Figure(
                    f"{kind}: values a second of one core",
                    values / cost.cpu_seconds,
                    "/s",
                    at_least=LEAST_VALUES_A_SECOND,
                    note=note,
                ),
                Figure(f"{kind}: largest resident set", cost.peak_mebibytes, "MiB"),
            ]
    text = (
        f"{BLOCK_ROWS * BLOCKS:,} rows of {NUMBERS} numeric and {TEXTS} categorical columns, read "
        "twice: kinds and edges, then exact counts, moments and rho for windows of rows."
    )
    write(Part("baselines", "Building a baseline", tuple(figures), text))


if __name__ == "__main__":
    main()
