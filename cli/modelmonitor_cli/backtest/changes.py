"""Watches for changes batch by batch, between the ends of windows.

A change alarms when its score exceeds the threshold and its rows exceed, as those of a window
would, the smallest effect that matters and what healthy rows differ by.  It restarts the feature's
detector.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from modelmonitor_cli.backtest.results import ReplayedFeature
from modelmonitor_cli.baseline.values import Integers
from modelmonitor_sidecar.stats.change import BATCH_ROWS, threshold_of, z_as_rare
from modelmonitor_sidecar.stats.change_detector import ChangeDetector
from modelmonitor_sidecar.stats.effect import Effect
from modelmonitor_sidecar.stats.verdict import Bar


@dataclass(frozen=True, slots=True)
class Change:
    """A feature changed: `row` is the last of the batch that told it, `onset_row` the estimate."""

    feature: int
    row: int
    onset_row: int
    score: float
    threshold: float
    effect: Effect


@dataclass(frozen=True, slots=True)
class Crossing:
    """A score exceeded its threshold, whatever the effect."""

    row: int
    onset_row: int


class ChangeWatch:
    """One detector over all features, fed with the cells of each batch of rows."""

    def __init__(self, features: Sequence[ReplayedFeature], budget_threshold: float) -> None:
        references = [feature.reference for feature in features]
        thresholds = [threshold_of(one.feature, budget_threshold) for one in references]
        least_z = z_as_rare(budget_threshold)
        self._bars = [Bar(one.bar.minimum_effect, least_z) for one in features]
        places = [np.arange(one.cells.start, one.cells.stop) for one in features]
        self._places = np.concatenate(places)
        self._detector = ChangeDetector(references, np.array(thresholds))
        self._crossings: list[list[Crossing]] = [[] for _ in features]
        self._over = np.zeros(len(features), dtype=np.bool_)

    def feed(self, cells: Integers) -> list[Change]:
        """The changes that the next batch completes."""
        self._detector.feed(cells[self._places])
        changed = self._detector.changed
        fresh = changed & ~self._over
        self._over = changed
        for feature in np.flatnonzero(fresh):
            self._crossings[feature].append(Crossing(self._row, self._onset_row(int(feature))))
        return [self._change(feature) for feature in self._detector.alarms(self._bars)]

    def onset(self, feature: int, first_row: int, last_row: int) -> int | None:
        """The onset of the first crossing between two rows, not before `first_row`."""
        for crossing in self._crossings[feature]:
            if first_row <= crossing.row <= last_row:
                return max(crossing.onset_row, first_row)
        return None

    def forget(self, feature: int, before_row: int) -> None:
        """Drop crossings that no later window will ask for."""
        kept = [one for one in self._crossings[feature] if one.row >= before_row]
        self._crossings[feature] = kept

    @property
    def _row(self) -> int:
        return self._detector.batches * BATCH_ROWS - 1

    def _onset_row(self, feature: int) -> int:
        return self._detector.onset(feature) * BATCH_ROWS

    def _change(self, feature: int) -> Change:
        found = self._detector.verdict(feature, self._bars[feature])
        assert found.effect is not None
        assert found.effect_measure is not None
        change = Change(
            feature=feature,
            row=self._row,
            onset_row=self._onset_row(feature),
            score=float(self._detector.scores[feature]),
            threshold=float(self._detector.thresholds[feature]),
            effect=Effect(found.effect_measure, found.effect),
        )
        self._detector.restart(feature)
        self._over[feature] = False
        return change
