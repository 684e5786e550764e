"""Pods of one model that come, go, restart and are scraped: the input of tests of rules."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from modelmonitor_api.baseline import Baseline, BaselineFeature, Column, Derived, category_hash
from modelmonitor_api.names import CONFIG_FILE
from modelmonitor_sidecar.testing_baselines import categorical, numeric
from modelmonitor_sidecar.testing_collector import write_configuration
from modelmonitor_sidecar.testing_replicas import Replica
from modelmonitor_sidecar.testing_scrapes import Recording, Target

NAMESPACE: Final = "team-a"
ROWS: Final = 4_000
RHO: Final = {"1m": 0.004, "5m": 0.002, "1h": 0.001}
_BASELINE_SECONDS: Final = 120
_WORDS: Final = ("soup", "was", "hot", "the")

Rows = list[dict[str, Any]]
Source = Callable[[int, "Pod"], Rows]
"""The rows that a pod got between its last scrape and the one of this second."""


@dataclass(frozen=True, slots=True)
class Pod:
    """When a replica lives, is scraped and restarts; how many rows it gets between two scrapes.

    It is scraped from `first` to `last`, but not in the `gap`; it was started `age` seconds before.
    """

    name: str
    rows: int = 40
    scrape_seconds: int = 15
    first: int = 7
    last: int = 1 << 30
    age: int = 3_600
    restarts: tuple[int, ...] = ()
    gap: range = range(0)

    def is_scraped(self, now: int, every_seconds: int) -> bool:
        """At this second."""
        due = self.first <= now <= self.last and (now - self.first) % every_seconds == 0
        return due and now not in self.gap


def write_monitor(
    folder: Path, baseline: Baseline, namespace: str = NAMESPACE, **spec: Any
) -> Path:
    """The configuration of monitor `churn` of one model with one baseline."""
    folder.mkdir(exist_ok=True)
    given = {"models": [{"name": "churn"}], "windows": ["5m"], **spec}
    write_configuration(folder, [(None, baseline)], given, namespace=namespace)
    return folder


def fleet(
    folder: Path, pods: Sequence[Pod], end: int, rows: Source, into: Recording | None = None
) -> Recording:
    """What is scraped of pods until the end, along with what others left in `into`.

    Their namespace is the folder's.
    """
    recording = Recording() if into is None else into
    namespace = json.loads((folder / CONFIG_FILE).read_text())["namespace"]
    targets = {
        pod: recording.target(namespace, Replica(folder, pod.name, pod.first - pod.age))
        for pod in pods
    }
    for now in range(end + 1):
        for pod, target in targets.items():
            _live(recording, pod, target, now, rows)
    return recording


def _live(recording: Recording, pod: Pod, target: Target, now: int, rows: Source) -> None:
    if now in pod.restarts:
        target.replica.restart(now)
    if pod.is_scraped(now, _BASELINE_SECONDS):
        recording.scrape_baselines(target, now)
    if pod.is_scraped(now, pod.scrape_seconds):
        target.replica.tick(now)
        given = rows(now, pod)
        target.replica.take(given, [float(len(row)) for row in given])
        recording.scrape(target, now)
    if now == pod.last + 1:
        recording.gone(target, now)


def known() -> Baseline:
    """A feature of every kind."""
    chance = np.random.default_rng(0)
    present = ROWS - 100
    features = (
        numeric("age", chance.normal(40, 10, present)),
        numeric("visits", chance.poisson(2, present), bins=5, kind="discrete"),
        numeric("note", chance.integers(0, 60, present), kind="text"),
        numeric("note.words", chance.integers(0, 9, present)),
        numeric("note.unknown", chance.integers(0, 5, present) / 4),
        categorical("colour", {"red": 2_500, "blue": 1_450}, others={"teal": 30, "sand": 20}),
        categorical("member", {"true": 3_000, "false": 1_000}, kind="boolean"),
        numeric("prediction", chance.normal(5, 1, present), role="prediction"),
    )
    return _baseline(features, ("age", "visits", "note", "colour", "member"))


def small() -> Baseline:
    """A number and a category."""
    ages = np.random.default_rng(0).normal(40, 10, ROWS)
    features = (numeric("age", ages, bins=4), categorical("colour", {"red": 2_500, "blue": 1_500}))
    return _baseline(features, ("age", "colour"))


def source(seed: int, moved: float = 0.0) -> Source:
    """Rows by chance; all goes wrong that can, the more, the larger `moved` is."""
    chance = np.random.default_rng(seed)
    return lambda _, pod: [_row(chance, moved) for _ in range(pod.rows)]


def _baseline(features: Sequence[BaselineFeature], columns: Sequence[str]) -> Baseline:
    vocabulary = tuple(sorted(map(category_hash, _WORDS)))
    derived = {
        "note.words": Derived("note", "words"),
        "note.unknown": Derived("note", "unknownShare", vocabulary),
    }
    whole = tuple(_whole(feature, derived) for feature in features)
    return Baseline("churn", None, ROWS, tuple(map(Column, columns)), whole)


def _whole(feature: BaselineFeature, derived: Mapping[str, Derived]) -> BaselineFeature:
    """With as many rows as the baseline, rho, and a replay."""
    counted = sum(feature.counts.rows) + getattr(feature.counts, "other_rows", 0)
    return replace(
        feature,
        missing_rows=ROWS - counted,
        rho=RHO,
        derived=derived.get(feature.name),
        largest_change=4.0,
    )


def _row(chance: np.random.Generator, moved: float) -> dict[str, Any]:
    picks = chance.random(8)
    row: dict[str, Any] = {
        "age": 40 + 10 * (moved + 3 * (picks[0] - picks[1])),
        "visits": int(5 * picks[2] + moved),
        "note": " ".join((*_WORDS, "cold", "stew")[: int(7 * picks[3])]),
        "colour": ("red", "red", "red", "blue", "blue", "teal", "mauve")[int(6 * picks[4] + moved)],
        "member": bool(picks[5] < 0.7),
    }
    broken = list(row)[int(5 * picks[6])]
    if picks[7] < 0.05 + 0.2 * moved:
        row[broken] = (None, "?", float("inf"), 1e9)[int(80 * picks[7]) % 4]
    return row
