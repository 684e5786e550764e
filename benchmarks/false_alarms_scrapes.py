"""Healthy counts that went through a real Prometheus: is chi-square still what it is?

    .venv/bin/python benchmarks/false_alarms_scrapes.py

800 independent features of ten bins in one collector that counts about five rows a second, scraped
each 15, 30 and 60 s at once by every Prometheus that there is (2.42 on the path, 3 where
MODELMONITOR_PROMETHEUS3 names its folder).  The product's rules count the rows of windows; beside
them the same windows by `increase()`.  chi2/df against the true shares has a mean of 1 where counts
are what they ought to be.  Takes 13 minutes of waiting and hardly any work.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from false_alarms_traffic import shifted_shares
from results import Figure, Part, write
from rules_load import free_port, sidecars
from rules_prometheus import Prometheus, Target, binaries, write_configuration
from rules_sidecars import training_sample

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.checked_rules import rule_document
from modelmonitor_operator.render.rules.alerts.annotations import Links
from modelmonitor_operator.render.rules.groups import shared_groups
from modelmonitor_operator.render.rules.rule import Group
from modelmonitor_sidecar.testing_baselines import numeric

FEATURES = 800
MONITORS = {15: "each-15", 30: "each-30", 60: "each-60"}
"""By seconds between scrapes."""
WINDOWS = ((15, "1m"), (15, "5m"), (30, "5m"), (60, "5m"))
LENGTH_SECONDS = {"1m": 60, "5m": 300}
FILLING_SECONDS = 420
"""Until five minutes are full at a minute between scrapes, and the baseline's page was scraped."""
WATCHED_SECONDS = 305
NOISE = 4.0
"""Standard errors by which a mean may be off."""
NEEDED = (recorded.RHO, recorded.CONTINUITY, recorded.CELL_ROWS)

Counts = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class Found:
    """chi2/df of many windows and features, as the rules count and as `increase()` does."""

    exact: list[float]
    extrapolated: list[float]


def needed_rules() -> Mapping[str, Any]:
    """Of the product's rules those that count, up to the rows of each cell."""
    return rule_document([_needed(group) for group in shared_groups(Links())[:2]])


def _needed(group: Group) -> Group:
    wanted = (*NEEDED, recorded.COUNTED_ROWS)
    rules = tuple(
        rule
        for rule in group.rules
        if rule.name in wanted
        and getattr(rule, "labels", {}).get("window") not in ("1h", "24h", "7d")
    )
    return replace(group, rules=rules, interval="15s")


def watch(running: Sequence[Prometheus]) -> list[dict[tuple[int, str], Found]]:
    """Wait for windows to be full, then take each window that ends in the next five minutes."""
    found = [{case: Found([], []) for case in WINDOWS} for _ in running]
    time.sleep(FILLING_SECONDS)
    began = time.time()
    for elapsed in range(0, WATCHED_SECONDS, 60):
        time.sleep(max(0.0, began + elapsed - time.time()))
        for prometheus, cases in zip(running, found, strict=True):
            for (seconds, window), kept in cases.items():
                if elapsed % LENGTH_SECONDS[window] == 0:
                    _take(prometheus, seconds, window, kept)
    return found


def _take(prometheus: Prometheus, seconds: int, window: str, kept: Found) -> None:
    shares, at = true_shares(), time.time()
    monitor = f'modelmonitor="{MONITORS[seconds]}"'
    cells = f'{recorded.CELL_ROWS}{{{monitor},window="{window}"}}'
    kept.exact += _chi_squares(_counts(prometheus, cells, at), shares)
    raw = f"increase({names.FEATURE_CUMULATIVE_ROWS}{{{monitor}}}[{window}])"
    cumulated = _counts(prometheus, raw, at)
    kept.extrapolated += _chi_squares(np.diff(cumulated, prepend=0.0, axis=1), shares)


def _counts(prometheus: Prometheus, expression: str, at: float) -> Counts:
    """By feature and bin."""
    by_feature: dict[str, dict[str, float]] = {}
    for sample in prometheus.query(expression, at):
        labels, value = sample["metric"], float(sample["value"][1])
        by_feature.setdefault(labels[names.L_FEATURE], {})[labels[names.L_BIN]] = value
    if len(by_feature) < FEATURES:
        raise RuntimeError(f"{len(by_feature)} of {FEATURES} features have {expression}")
    return np.array([[row[key] for key in sorted(row)] for row in by_feature.values()])


def _chi_squares(counts: Counts, shares: Counts) -> list[float]:
    expected = counts.sum(axis=1, keepdims=True) * shares
    statistic = ((counts - expected) ** 2 / expected).sum(axis=1) / (len(shares) - 1)
    return [float(value) for value in statistic]


def true_shares() -> Counts:
    """Of the bins that the baseline has."""
    return np.asarray(shifted_shares(numeric("x", training_sample()), 0.0, 1.0))


def measure() -> list[tuple[str, dict[tuple[int, str], Found]]]:
    """By version of Prometheus."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        port, found = free_port(), list(binaries())
        targets = [Target(name, seconds=seconds) for seconds, name in MONITORS.items()]
        spec = {"models": [{"name": "churn"}], "windows": ["1m", "5m"]}
        with sidecars(port, FEATURES, spec):
            running = [
                Prometheus(binary, Path(folder) / str(place), free_port())
                for place, binary in enumerate(found)
            ]
            rules = {"counting": needed_rules()}
            for prometheus in running:
                write_configuration(prometheus.folder, f"127.0.0.1:{port}", targets, rules)
                prometheus.start()
            try:
                watched = watch(running)
            finally:
                for prometheus in running:
                    prometheus.stop()
    return [(Prometheus.version_of(one), cases) for one, cases in zip(found, watched, strict=True)]


def figures(version: str, cases: Mapping[tuple[int, str], Found]) -> Iterator[Figure]:
    """Means, with the noise that they have."""
    for (seconds, window), found in cases.items():
        error = float(np.std(found.exact) / np.sqrt(len(found.exact)))
        name = f"chi2/df, {window} scraped each {seconds} s, Prometheus {version}"
        note = f"{len(found.exact):,} windows, +- {error:.3f}"
        low, high = 1.0 - NOISE * error, 1.0 + NOISE * error
        yield Figure(f"{name}: rules", float(np.mean(found.exact)), "", high, low, note)
        yield Figure(f"{name}: increase()", float(np.mean(found.extrapolated)), "")


def main() -> None:
    """Measure, print, write."""
    found = [figure for version, cases in measure() for figure in figures(version, cases)]
    for figure in found:
        sys.stdout.write(f"  {figure.name}: {figure.value:.4f} {figure.note}\n")
    text = "800 independent features of ten bins, five rows a second, in a real Prometheus."
    write(Part("false-alarms-scrapes", "False alarms: counts that were scraped", found, text))


if __name__ == "__main__":
    main()
