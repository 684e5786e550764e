"""The change detector on healthy rows and on broken ones: what it promises, and how soon it tells.

    .venv/bin/python benchmarks/changes.py

Rows are independent, of ten bins, in batches of 50.  The threshold is that of one false alarm in a
million rows of a feature.  Nothing here is a timing; the seed is fixed.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modelmonitor_sidecar.stats.change import BATCH_ROWS, MEMORY_RATIOS, Memory, remembered
from modelmonitor_sidecar.stats.change_detector import ChangeDetector
from modelmonitor_sidecar.stats.effect import Reference
from modelmonitor_sidecar.testing_baselines import numeric

STREAMS: Final = 50
BATCHES: Final = 20_000
TRIALS: Final = 100_000
THRESHOLD: Final = math.log(1_000_000 / BATCH_ROWS)
SHIFTS: Final = (0.1, 0.15, 0.25, 0.5, 1.0)
NORMAL: Final = np.random.default_rng(0).normal(size=1_000_000)

Shares = NDArray[np.float64]


def main() -> None:
    """Print the three tables."""
    print("mean of e to one batch's increment (promised: 1 at most; baseline known)")
    for ratio in MEMORY_RATIOS:
        mean, error = increment(ratio)
        print(f"  memory of {ratio:4} W: {mean:.4f} +- {error:.4f}")
    print(f"false alarms in 1,000,000 rows (promised: 1), {STREAMS * BATCHES * BATCH_ROWS:,} rows")
    for rows in (2_000, 10_000, 100_000):
        print(f"  baseline of {rows:7,} rows: {false_alarms(rows):.2f}")
    print("rows until a shift is told, median of 50 (baseline of 100,000 rows)")
    for shift in SHIFTS:
        print(f"  {shift:4} standard deviations: {delay(shift):,.0f}")


def reference(rows: int) -> Reference:
    """Ten bins of equal mass, counted on so many rows."""
    return Reference(numeric("x", NORMAL[:rows], bins=10))


def shares(of: Reference, shift: float = 0.0) -> Shares:
    """The true shares of the bins after all values have moved."""
    counts = of.feature.counts
    cells = np.searchsorted(counts.edges, NORMAL + shift)  # type: ignore[union-attr]
    return np.bincount(cells, minlength=len(of.shares)) / len(NORMAL)


def increment(ratio: float) -> tuple[float, float]:
    """Mean of e^increment over memories and batches of rows of the baseline, and its error."""
    one, chance = reference(100_000), np.random.default_rng(1)
    held = chance.multinomial(int(1_000 * ratio), one.shares, size=TRIALS).astype(np.float64)
    batches = chance.multinomial(BATCH_ROWS, one.shares, size=TRIALS)
    grown = np.array(
        [
            remembered(Memory(rows), batch, one, ratio).log_evidence
            for rows, batch in zip(held, batches, strict=True)
        ]
    )
    return float(np.exp(grown).mean()), float(np.exp(grown).std() / math.sqrt(TRIALS))


def false_alarms(baseline_rows: int) -> float:
    """Alarms in a million rows; an alarm restarts its stream."""
    one, chance, alarms = reference(baseline_rows), np.random.default_rng(2), 0
    detector, healthy = ChangeDetector([one] * STREAMS, [THRESHOLD] * STREAMS), shares(one)
    for _ in range(BATCHES):
        detector.feed(chance.multinomial(BATCH_ROWS, healthy, size=STREAMS).ravel())
        for stream in np.flatnonzero(detector.changed):
            alarms += 1
            detector.restart(int(stream))
    return alarms / (STREAMS * BATCHES * BATCH_ROWS / 1e6)


def delay(shift: float) -> float:
    """Median rows to the first score above the threshold, after 10,000 healthy rows."""
    one, chance = reference(100_000), np.random.default_rng(3)
    detector, told = ChangeDetector([one] * STREAMS, [THRESHOLD] * STREAMS), np.zeros(STREAMS)
    healthy, broken = shares(one), shares(one, shift)
    for _ in range(200):
        detector.feed(chance.multinomial(BATCH_ROWS, healthy, size=STREAMS).ravel())
    batch = 0
    while not told.all():
        batch += 1
        detector.feed(chance.multinomial(BATCH_ROWS, broken, size=STREAMS).ravel())
        told[(told == 0) & detector.changed] = batch * BATCH_ROWS
    return float(np.median(told))


if __name__ == "__main__":
    main()
