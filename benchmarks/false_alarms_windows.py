"""Healthy windows of a fixed number of rows: how many are called drift, and is z what it says?

    .venv/bin/python benchmarks/false_alarms_windows.py

40 features of ten bins against 10,000 rows, 1,000 windows each of 50 to 5,000 rows, with the
default budget and without `confirm`; 20,000 windows for the calibration of z and of the PSI that is
expected without drift.  Nothing is a timing, and seeds are fixed.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from false_alarms_judging import judge_windows
from false_alarms_traffic import Chance, bins_of, shifted_shares
from results import Figure, Part, write

from modelmonitor_sidecar.stats.budget import Budget
from modelmonitor_sidecar.stats.verdict import Bar
from modelmonitor_sidecar.testing_baselines import numeric

FEATURES = 40
BINS = 10
BASELINE_ROWS = 10_000
PROMISED = 0.1
MINIMUM_EFFECT = 0.1
ROWS_OF_WINDOWS = (50, 200, 1_000, 5_000)
NULL_WINDOWS = 1_000
CALIBRATION_WINDOWS = 20_000
BASELINES = 200
"""Drawn anew, as chi-square of two samples has it."""
SHARE_BEYOND = (0.0005, 0.002)
"""Of z above 3.09, where a normal score has 0.001."""


def drifted_windows(rows: int, chance: Chance) -> float:
    """The share of healthy windows in which any of 40 features drifts."""
    budget = Budget(PROMISED, models=1, features=FEATURES, windows=1)
    bar = Bar(MINIMUM_EFFECT, budget.z_threshold(f"{rows}r"))
    drifted = np.zeros(NULL_WINDOWS, dtype=bool)
    for _ in range(FEATURES):
        feature = numeric("x", chance.normal(size=BASELINE_ROWS))
        counts = chance.multinomial(rows, shifted_shares(feature, 0.0, 1.0), size=NULL_WINDOWS)
        drifted |= judge_windows(counts, feature, f"{rows}r").drift(bar)
    return float(drifted.mean())


def calibration(rows: int, chance: Chance) -> tuple[float, float]:
    """The share of z above 3.09, and the mean PSI over the expected one."""
    beyond, psi, expected = [], [], []
    feature = numeric("x", chance.normal(size=BASELINE_ROWS))
    for _ in range(BASELINES):
        drawn = chance.multinomial(BASELINE_ROWS, np.full(BINS, 1 / BINS))
        base = replace(feature, counts=replace(bins_of(feature), rows=tuple(drawn.tolist())))
        windows = CALIBRATION_WINDOWS // BASELINES
        live = chance.multinomial(rows, np.full(BINS, 1 / BINS), size=windows)
        judged = judge_windows(live, base, f"{rows}r")
        assert judged.psi is not None
        assert judged.expected is not None
        beyond.append(np.mean(judged.z > 3.09))
        psi.append(judged.psi.mean())
        expected.append(judged.expected.mean())
    return float(np.mean(beyond)), float(np.mean(psi) / np.mean(expected))


def figures() -> Iterator[Figure]:
    """All of both."""
    chance = np.random.default_rng(1)
    for rows in ROWS_OF_WINDOWS:
        share = 100 * drifted_windows(rows, chance)
        yield Figure(
            f"healthy windows of {rows:,} rows with a drift verdict", share, "%", at_most=0.2
        )
    for rows in ROWS_OF_WINDOWS[1:]:
        share, ratio = calibration(rows, chance)
        low, high = SHARE_BEYOND
        yield Figure(f"share of z above 3.09, {rows:,} rows", share, "", high, low)
        yield Figure(f"mean PSI over the expected, {rows:,} rows", ratio, "", 1.05, 0.95)


def main() -> None:
    """Measure, print, write."""
    found = []
    for figure in figures():
        sys.stdout.write(f"  {figure.name}: {figure.value:.5f} {figure.unit}\n")
        found.append(figure)
    text = "40 features, ten bins, 10,000 baseline rows; 1,000 windows, 20,000 for calibration."
    write(Part("false-alarms-windows", "False alarms: windows of rows", tuple(found), text))


if __name__ == "__main__":
    main()
