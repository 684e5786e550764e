"""Does `modelmonitor backtest` find breaks, and does it keep silent where there is none?

    .venv/bin/python benchmarks/recall.py

Rows are those of the demo: its held-out meet results with the model's predictions, against the
baseline of its training rows.  40 tables with one break each, drawn by seed: kind, column, row of
the onset, of twice the minimum effect.  200 shuffles of the held-out rows without a break.
Writes its figures for `make bench` and prints the table of docs/backtest.md.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import joblib
import numpy as np
import polars
from random_breaks import KINDS, Break, Column, break_of
from results import Figure, Part, write

from modelmonitor_api.baseline import Baseline, to_json
from modelmonitor_cli.backtest.options import BacktestOptions
from modelmonitor_cli.backtest.results import Backtest
from modelmonitor_cli.backtest.running import backtest
from modelmonitor_cli.baseline.building import build
from modelmonitor_cli.baseline.options import BuildOptions

ROOT = Path(__file__).resolve().parent.parent
SEEDS = 40
SHUFFLES = 200
WINDOWS = (1_000, 5_000)
TIMES_MINIMUM = 2.0
MINIMUM_EFFECT = 0.1
ROWS_BEFORE = (5_000, 15_000)
ROWS_AFTER = (5_000, 15_000)
SAMPLE_ROWS = 100_000


@dataclass(frozen=True)
class Found:
    """What one break came to: rows from the onset to the first alarm about its column, or None.

    `off_rows`: how far the estimated onset is from the true one.  `others`: alarms about other
    columns, or before the onset.
    """

    broken: Break
    window: int
    delay_rows: int | None
    off_rows: int | None
    others: int


def main() -> None:
    """Measure, print, write."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        heldout, baseline = prepared(folder)
        found = list(breaks(folder, heldout, baseline))
        false_alarms = [
            (window, sum(shuffled(folder, heldout, seed, window) for seed in range(SHUFFLES)))
            for window in WINDOWS
        ]
    table = report(found, false_alarms)
    sys.stdout.write(table)
    write(Part("recall", "Breaks found by a backtest", tuple(figures(found, false_alarms)), table))


def prepared(folder: Path) -> tuple[polars.DataFrame, Baseline]:
    """Held-out rows with predictions; the baseline of the training rows, in a file."""
    train = [sys.executable, str(ROOT / "demo" / "train.py"), str(folder)]
    subprocess.run(train, check=True, capture_output=True)
    sys.path.insert(0, str(ROOT))
    from demo.train import CATEGORIES, NUMBERS

    heldout = polars.read_parquet(folder / "heldout.parquet").select(*CATEGORIES, *NUMBERS)
    model = joblib.load(folder / "model.joblib")
    predictions = model.predict(np.array(heldout.rows(), dtype=object))
    options = BuildOptions(
        (folder / "train.parquet",),
        prediction="prediction",
        label="best3deadlift_kg",
        time_ordered=True,  # the rows are shuffled, and so will be those to come
    )
    built = build(options).baseline
    (folder / "baseline.json").write_text(to_json(built))
    return heldout.with_columns(prediction=np.round(predictions, 1)), built


def breaks(folder: Path, heldout: polars.DataFrame, baseline: Baseline) -> Iterator[Found]:
    """Each seed's break, in windows of each length."""
    sample = columns(heldout.sample(SAMPLE_ROWS, with_replacement=True, seed=0))
    for seed in range(SEEDS):
        chance = np.random.default_rng(seed)
        kind = KINDS[seed % len(KINDS)]
        column = str(chance.choice(kind.columns))
        broken = break_of(kind, column, TIMES_MINIMUM * MINIMUM_EFFECT, sample, baseline)
        onset, after = int(chance.integers(*ROWS_BEFORE)), int(chance.integers(*ROWS_AFTER))
        rows = heldout.sample(onset + after, with_replacement=True, seed=seed)
        values = columns(rows)[column]
        values[onset:] = broken.of(values[onset:], chance)
        file = folder / "live.parquet"
        rows.with_columns(polars.Series(column, values, strict=False)).write_parquet(file)
        for window in WINDOWS:
            yield judged(replayed(folder, file, window), broken, onset, window)


def columns(rows: polars.DataFrame) -> dict[str, Column]:
    """Numbers as floats (NaN: missing), texts as objects."""
    return {
        one.name: np.array(one.to_list(), dtype=object)
        if one.dtype == polars.String
        else one.cast(polars.Float64).to_numpy(writable=True)
        for one in rows
    }


def replayed(folder: Path, file: Path, window: int) -> Backtest:
    """One run of the command."""
    baseline = str(folder / "baseline.json")
    return backtest(BacktestOptions((file,), (baseline,), window=f"{window}r"))


def judged(found: Backtest, broken: Break, onset: int, window: int) -> Found:
    """Whether and when the break was found."""
    hits = [a for a in found.alarms if a.feature.name == broken.column and a.row >= onset]
    first = min(hits, key=lambda alarm: alarm.row, default=None)
    return Found(
        broken,
        window,
        None if first is None else first.row - onset + 1,
        None if first is None else abs(first.onset_row - onset),
        len(found.alarms) - len(hits),
    )


def shuffled(folder: Path, heldout: polars.DataFrame, seed: int, window: int) -> int:
    """Alarms among all held-out rows in a random order."""
    file = folder / "shuffled.parquet"
    heldout.sample(fraction=1.0, shuffle=True, seed=seed).write_parquet(file)
    return len(replayed(folder, file, window).alarms)


def report(found: list[Found], false_alarms: list[tuple[int, int]]) -> str:
    """The table of the documentation."""
    lines = [
        "| break | windows of | found | median delay, rows | onset off by, rows (median) |",
        "| --- | --- | --- | --- | --- |",
    ]
    for window in WINDOWS:
        lines += [
            _line(kind.name, window, [one for one in found if one.broken.kind is kind])
            for kind in KINDS
        ]
        lines.append(_line("**all**", window, found))
    others = sum(one.others for one in found)
    lines += [
        "",
        f"Alarms about columns that were not broken, or before the onset: {others}.",
        *(
            f"{count} alarms in {SHUFFLES} shuffles without a break, in windows of {window:,} rows."
            for window, count in false_alarms
        ),
    ]
    return "\n".join(lines) + "\n"


def _line(name: str, window: int, found: list[Found]) -> str:
    mine = [one for one in found if one.window == window]
    delays = [one.delay_rows for one in mine if one.delay_rows is not None]
    offs = [one.off_rows for one in mine if one.off_rows is not None]
    numbers = (f"{median(delays):,.0f}", f"{median(offs):,.0f}") if delays else ("", "")
    return f"| {name} | {window:,} | {len(delays)} of {len(mine)} | {numbers[0]} | {numbers[1]} |"


def figures(found: list[Found], false_alarms: list[tuple[int, int]]) -> Iterator[Figure]:
    """What was promised."""
    for window, count in false_alarms:
        mine = [one for one in found if one.window == window]
        delays = [one.delay_rows for one in mine if one.delay_rows is not None]
        told = f"windows of {window:,} rows"
        yield Figure(f"recall, {told}", len(delays) / len(mine), "", at_least=0.9)
        delay = median(delays) / window if delays else None
        yield Figure(f"median delay, {told}", delay, "windows", at_most=2.0)
        yield Figure(f"alarms in {SHUFFLES} shuffles, {told}", count, "", at_most=0.0)


if __name__ == "__main__":
    main()
