"""Healthy months: how many false alarms come of a budget of one in ten months?

    .venv/bin/python benchmarks/false_alarms_months.py

A monitor of 40 features, windows of 5m (judged each minute: oftener than the rules do), 1h (each
five minutes) and 24h (each hour), two in a row up to an hour; missing and out-of-range values; the
change detector each minute.  Baselines are built by the product from a table in order of time.  The
last run judges ten rows a second by what a hundredth of them taught.

Nothing is a timing, and seeds are fixed.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from false_alarms_judging import Flags, judge_shares, judge_windows
from false_alarms_traffic import (
    DAYS,
    INDEPENDENT,
    Chance,
    Integers,
    Minutes,
    Traffic,
    autoregressive,
    inputs,
    learned,
    minutes_of,
)
from results import Figure, Part, write

from modelmonitor_api.baseline import BaselineFeature
from modelmonitor_api.spec import DEFAULT_WINDOWS
from modelmonitor_sidecar.stats.budget import KINDS_OF_TEST, MONTH_SECONDS, Budget
from modelmonitor_sidecar.stats.change import threshold_of
from modelmonitor_sidecar.stats.change_detector import ChangeDetector
from modelmonitor_sidecar.stats.effect import Reference
from modelmonitor_sidecar.stats.verdict import Bar

FEATURES = 40
PROMISED = 0.1
LOUD = 1_000.0
"""A budget so large that what it promises can be counted."""
MINIMUM_EFFECT = 0.1
MONTH_DAYS = 30
STEP_MINUTES = {"5m": 1, "1h": 5, "24h": 60}
"""How often the rules have something new to judge."""
LENGTH_MINUTES = {"5m": 5, "1h": 60, "24h": 1_440}
DRIFT_SHARE = 1 / len(KINDS_OF_TEST)
"""Of the budget is for drift."""


@dataclass(frozen=True)
class Run:
    """One kind of healthy traffic: what is learned from, and what is judged."""

    title: str
    traffic: Traffic
    months: int
    training_days: int
    training_rows: int
    rows_a_minute: int = 60


RUNS = (
    Run("independent rows", INDEPENDENT, 6, 28, 100_000),
    Run("days that differ", DAYS, 6, 28, 100_000),
    Run("autoregressive, 0.6", autoregressive(0.6), 2, 1, 86_400),
    Run("autoregressive, 0.9", autoregressive(0.9), 2, 1, 86_400),
    Run("days that differ, learned on 1 %", DAYS, 3, 28, 241_920, rows_a_minute=600),
)


@dataclass
class Alarms:
    """Counted over all features and windows; one that lasts counts once.

    `unconfirmed`: drift verdicts.  `evidence`: what the z of drift alone would have told, whatever
    the effect; `loud` the same at the budget of `LOUD`; `change_evidence` the change detector's.
    """

    drift: int = 0
    shares: int = 0
    change: int = 0
    unconfirmed: int = 0
    evidence: int = 0
    loud: int = 0
    change_evidence: int = 0

    @property
    def told(self) -> int:
        """Of which somebody would have heard."""
        return self.drift + self.shares + self.change


def months(run: Run) -> Alarms:
    """All months of a run; its baseline is learned once for each."""
    alarms = Alarms()
    for number in range(run.months):
        chance = np.random.default_rng([2, number])
        trained = learned(run.traffic, chance, FEATURES, run.training_days, run.training_rows)
        _month(run, inputs(trained), chance, alarms)
    return alarms


def _month(run: Run, features: Sequence[BaselineFeature], chance: Chance, alarms: Alarms) -> None:
    drifting = np.zeros((len(features), MONTH_DAYS * 1_440), dtype=bool)
    cells = []
    for place, feature in enumerate(features):
        live = minutes_of(run.traffic, chance, feature, MONTH_DAYS, run.rows_a_minute)
        cells.append(live.cells.astype(np.int32))
        for window in DEFAULT_WINDOWS:
            drifting[place] |= _judge(live, feature, window, alarms)
    _changes(features, np.hstack(cells), drifting, alarms)


def _judge(live: Minutes, feature: BaselineFeature, window: str, alarms: Alarms) -> Flags:
    """Count the alarms of one feature in one window; in which minutes it drifts."""
    bar, loud = (Bar(MINIMUM_EFFECT, _z(window, budget)) for budget in (PROMISED, LOUD))
    counts, missing, beyond = (
        summed(one, window) for one in (live.cells, live.missing, live.beyond)
    )
    rows = counts.sum(axis=1) + missing
    drift = judge_windows(counts, feature, window)
    shares = [
        judge_shares(missing, rows, "missing", feature, window),
        judge_shares(beyond, rows, "range", feature, window),
    ]
    alarms.drift += _episodes(confirmed(drift.drift(bar), window))
    alarms.shares += sum(_episodes(confirmed(one.drift(bar), window)) for one in shares)
    alarms.unconfirmed += _episodes(drift.drift(bar))
    alarms.evidence += _episodes(drift.evidence(bar))
    alarms.loud += _episodes(drift.evidence(loud))
    return by_minute(drift.drift(bar), window, len(live.missing))


def _changes(
    features: Sequence[BaselineFeature], cells: Integers, drifting: Flags, alarms: Alarms
) -> None:
    """A change is told while its score is over the threshold and a window of the feature drifts."""
    budget = _budget().change_threshold(MONTH_SECONDS / 60)
    thresholds = np.array([threshold_of(feature, budget) for feature in features])
    detector = ChangeDetector([Reference(feature) for feature in features], thresholds)
    over = np.array([detector.feed(batch) > thresholds for batch in cells]).T
    alarms.change += sum(map(_episodes, over & drifting))
    alarms.change_evidence += sum(map(_episodes, over))


def summed(minutes: Integers, window: str) -> Integers:
    """Sums over the window, at each moment at which there is something new to judge."""
    length, step = LENGTH_MINUTES[window], STEP_MINUTES[window]
    total = np.concatenate([np.zeros_like(minutes[:1]), np.cumsum(minutes, axis=0)])
    ends = np.arange(length, len(minutes) + 1, step)
    return np.asarray(total[ends] - total[ends - length])


def confirmed(drift: Flags, window: str) -> Flags:
    """Two windows laid end to end both drift; those longer than an hour need one."""
    apart = LENGTH_MINUTES[window] // STEP_MINUTES[window]
    return drift if window == "24h" else drift[apart:] & drift[:-apart]


def by_minute(flags: Flags, window: str, minutes: int, late: int = 0) -> Flags:
    """The same for each minute: what was judged holds until it is judged again.

    `late`: minutes after the end of the first window from which there are flags.
    """
    spread = np.repeat(flags, STEP_MINUTES[window])
    found = np.zeros(minutes, dtype=bool)
    first = LENGTH_MINUTES[window] - 1 + late
    found[first : first + len(spread)] = spread[: minutes - first]
    return found


def _episodes(flags: Flags) -> int:
    return int(flags[:1].sum() + (flags[1:] & ~flags[:-1]).sum())


def _budget(alarms: float = PROMISED) -> Budget:
    return Budget(alarms, models=1, features=FEATURES, windows=len(DEFAULT_WINDOWS))


def _z(window: str, alarms: float) -> float:
    return _budget(alarms).z_threshold(window)


def table(found: Sequence[tuple[Run, Alarms]]) -> Iterator[str]:
    """A line for each run; what evidence alone says beside what was told."""
    yield (
        "| healthy traffic | months | alarms: drift | shares | change | a month | drift verdicts "
        f"| z alone | z alone, a month, of a budget of {LOUD:,.0f} | change, evidence alone |"
    )
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for run, alarms in found:
        yield (
            f"| {run.title} | {run.months} | {alarms.drift} | {alarms.shares} | {alarms.change} "
            f"| {alarms.told / run.months:.2g} | {alarms.unconfirmed} | {alarms.evidence} "
            f"| {alarms.loud / run.months:.0f} of {LOUD * DRIFT_SHARE:.0f} "
            f"| {alarms.change_evidence} |"
        )


def figures(found: Sequence[tuple[Run, Alarms]]) -> Iterator[Figure]:
    """What was promised."""
    for run, alarms in found:
        note = f"{alarms.told} in {run.months} months of 40 features"
        name = f"false alarms a month: {run.title}"
        yield Figure(name, alarms.told / run.months, "", at_most=PROMISED, note=note)
        name = f"evidence alone, in its share of the budget: {run.title}"
        share = alarms.loud / run.months / (LOUD * DRIFT_SHARE)
        most = None if run.traffic.shares is None else 1.0
        yield Figure(name, share, "times", at_most=most, note=f"budget {LOUD:,.0f} a month")


def main() -> None:
    """Measure, print, write."""
    found = []
    for run in RUNS:
        found.append((run, months(run)))
        sys.stdout.write(f"  {run.title}: {found[-1][1]}\n")
        sys.stdout.flush()
    text = "\n".join(table(found))
    sys.stdout.write(f"{text}\n")
    title = "False alarms: healthy months"
    write(Part("false-alarms-months", title, tuple(figures(found)), text))


if __name__ == "__main__":
    main()
