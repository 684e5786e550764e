"""How soon is a real change told?  By windows of each length, and by the change detector.

    .venv/bin/python benchmarks/false_alarms_delays.py

A feature of a monitor of 40, with the default budget, against 100,000 independent rows; at 1, 10
and 100 rows a second.  Windows and the detector are looked at each minute (the rules look at
windows each 2.5), two windows in a row up to an hour; a change alarm needs a window that drifts.
The median of 41 changes at random moments of an hour, in minutes; what is not told within 30 hours
counts as never.

Nothing is a timing, and the seed is fixed.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from false_alarms_judging import Flags, judge_windows
from false_alarms_months import (
    FEATURES,
    LENGTH_MINUTES,
    MINIMUM_EFFECT,
    PROMISED,
    by_minute,
    confirmed,
    summed,
)
from false_alarms_traffic import Chance, Floats, Integers, shifted_shares
from results import Figure, Part, write

from modelmonitor_api.baseline import BaselineFeature
from modelmonitor_api.spec import DEFAULT_WINDOWS
from modelmonitor_sidecar.stats.budget import MONTH_SECONDS, Budget
from modelmonitor_sidecar.stats.change import threshold_of
from modelmonitor_sidecar.stats.change_detector import ChangeDetector
from modelmonitor_sidecar.stats.effect import Reference
from modelmonitor_sidecar.stats.verdict import Bar
from modelmonitor_sidecar.testing_baselines import numeric

BASELINE_ROWS = 100_000
CHANGES = 41
BEFORE_MINUTES = 1_500
"""More than a day, so that every window is full of healthy rows."""
AFTER_MINUTES = 1_800
RATES = (1, 10, 100)
"""Rows a second."""
TOP_BIN_MASS = 0.05
CHANGE = "change"


@dataclass(frozen=True)
class Broken:
    """How a normal feature breaks."""

    name: str
    shift: float = 0.0
    scale: float = 1.0
    to_top: float = 0.0

    def shares(self, feature: BaselineFeature) -> Floats:
        """Of the bins, afterwards."""
        shares = (1 - self.to_top) * shifted_shares(feature, self.shift, self.scale)
        shares[-1] += self.to_top
        return shares


BREAKS = (
    *(Broken(f"shift of {shift:g} sd", shift=shift) for shift in (0.1, 0.25, 0.5, 1.0)),
    *(Broken(f"spread x {scale:g}", scale=scale) for scale in (1.25, 1.5)),
    Broken("5 % of the rows to the top bin", to_top=TOP_BIN_MASS),
)


def delays(broken: Broken, rate: int, chance: Chance) -> dict[str, float]:
    """Median minutes until an alarm, by window and detector; infinite: never."""
    feature = numeric("x", chance.normal(size=BASELINE_ROWS))
    found: dict[str, list[float]] = {name: [] for name in (*DEFAULT_WINDOWS, CHANGE)}
    for _ in range(CHANGES):
        onset = BEFORE_MINUTES + int(chance.integers(60))
        minutes = _minutes(broken, feature, rate * 60, onset, chance)
        alarming, drifting = {}, np.zeros(len(minutes), dtype=bool)
        for window in DEFAULT_WINDOWS:
            alarming[window], drifts = _windows(minutes, feature, window)
            drifting |= drifts
        alarming[CHANGE] = _changed(minutes, feature) & drifting
        for name, flags in alarming.items():
            told = np.flatnonzero(flags[onset:])
            found[name].append(float(told[0]) + 1 if len(told) else np.inf)
    return {name: float(np.median(seen)) for name, seen in found.items()}


def _minutes(
    broken: Broken, feature: BaselineFeature, rows: int, onset: int, chance: Chance
) -> Integers:
    healthy = chance.multinomial(rows, shifted_shares(feature, 0.0, 1.0), size=onset)
    return np.vstack([healthy, chance.multinomial(rows, broken.shares(feature), AFTER_MINUTES)])


def _windows(minutes: Integers, feature: BaselineFeature, window: str) -> tuple[Flags, Flags]:
    """In which minutes there is an alarm, and in which a verdict of drift."""
    budget = Budget(PROMISED, models=1, features=FEATURES, windows=len(DEFAULT_WINDOWS))
    bar = Bar(MINIMUM_EFFECT, budget.z_threshold(window))
    drift = judge_windows(summed(minutes, window), feature, window).drift(bar)
    late = 0 if window == "24h" else LENGTH_MINUTES[window]
    alarm = by_minute(confirmed(drift, window), window, len(minutes), late)
    return alarm, by_minute(drift, window, len(minutes))


def _changed(minutes: Integers, feature: BaselineFeature) -> Flags:
    budget = Budget(PROMISED, models=1, features=FEATURES, windows=len(DEFAULT_WINDOWS))
    threshold = threshold_of(feature, budget.change_threshold(MONTH_SECONDS / 60))
    detector = ChangeDetector([Reference(feature)], [threshold])
    return np.array([bool(detector.feed(batch)[0] > threshold) for batch in minutes])


def table(found: Sequence[tuple[Broken, int, dict[str, float]]]) -> Iterator[str]:
    """A line for each break and rate."""
    yield f"| change | rows a second | {' | '.join(DEFAULT_WINDOWS)} | change detector |"
    yield f"|---|---:|{'---:|' * (len(DEFAULT_WINDOWS) + 1)}"
    for broken, rate, told in found:
        yield f"| {broken.name} | {rate} | {' | '.join(map(_minutes_text, told.values()))} |"


def _minutes_text(minutes: float) -> str:
    if np.isinf(minutes):
        return "never"
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"


def main() -> None:
    """Measure, print, write."""
    chance = np.random.default_rng(3)
    found = []
    for broken in BREAKS:
        for rate in RATES:
            found.append((broken, rate, delays(broken, rate, chance)))
            sys.stdout.write(f"  {broken.name}, {rate} rows/s: {found[-1][2]}\n")
            sys.stdout.flush()
    text = "\n".join(table(found))
    sys.stdout.write(f"{text}\n")
    figures = [
        Figure(f"{broken.name}, {rate} rows/s: first alarm", min(told.values()), "minutes")
        for broken, rate, told in found
        if not np.isinf(min(told.values()))
    ]
    title = "Delays: how soon a change is told"
    write(Part("false-alarms-delays", title, tuple(figures), text))


if __name__ == "__main__":
    main()
