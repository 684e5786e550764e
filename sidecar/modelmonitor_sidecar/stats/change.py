"""Has it changed since a moment ago?  A sequential test that may be looked at after every batch.

Windows answer late: a break must fill one first.  Here evidence grows batch by batch and is
compared with a threshold at each of them.  e-CUSUM on the counts of a feature's cells, with three
memories.  For a memory of R rows, which holds M_i rows in cell i (N together), for a batch of d_i
rows (n together) and the baseline's smoothed shares p_i:

    phi = max(1, 1 + (N + n - 1) rho, n / R)      no batch weighs more than the memory
    q_i = (K p_i + M_i / phi) / (K + N / phi)     what the memory expects; fixed before the batch
    L   = min(max(L, 0) + sum_i d_i ln(q_i / p_i) / phi, 2 threshold)
    M_i = exp(-n / R) M_i + d_i

    score = ln((e^L_short + e^L_medium + e^L_long) / 3)

For independent rows and a baseline known without error, e to the increment of L has a mean of 1 at
most, and so it takes at least e^threshold batches on average until a false alarm.  Rows that
resemble each other are allowed for by phi, and what phi does not see by a replay of the training
rows (`threshold_of`).  L has a ceiling so that it comes down soon after a change is mended.

Evidence alone is no alarm.  Where healthy stretches of rows (hours, days) differ, L adds up what
many rows of one stretch have in common, and exceeds any threshold if only they are many.  So the
rows since the onset, or those remembered, must also have an effect that matters, and be unlike the
baseline by more than as many rows of one stretch are (`matters`), as in a window.

J. Shin, A. Ramdas, A. Rinaldo, "E-detectors: a nonparametric framework for sequential change
detection", 2024.  It refuses to know clocks: who feeds it decides what a batch is.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modelmonitor_api.baseline import DEFAULT_RHO, BaselineFeature

from .dispersion import dispersion
from .effect import Effect, Reference, all_distances, largest_effect
from .verdict import Bar, Verdict, judge_with

BATCH_SECONDS: Final = 60
"""A batch where there is a clock."""
BATCH_ROWS: Final = 50
"""A batch where there is none."""

PRIOR_ROWS: Final = 50.0
"""K: as many rows of the baseline are mixed into what the memory expects."""
SHORT, MEDIUM, LONG = range(3)
"""Places of the memories."""
MEMORY_RATIOS: Final = (0.25, 1.0, 4.0)
"""Lengths of the memories, in medium memories."""
LONGEST_MEDIUM_ROWS: Final = 1_000.0
SHORTEST_MEDIUM_ROWS: Final = 5.0
REPLAY_MARGIN: Final = 1.5
"""The threshold is at least so many times what the training rows themselves reached."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Memory:
    """One memory of one feature: the rows by cell that it still holds, and its L."""

    rows: Floats
    log_evidence: float = 0.0


def remembered(
    memory: Memory, batch: ArrayLike, reference: Reference, ratio: float, cap: float = math.inf
) -> Memory:
    """The memory after one batch of rows by cell; the formula of this module, for one feature.

    `ratio` is one of `MEMORY_RATIOS`.  A batch without rows changes nothing.
    """
    d = np.asarray(batch, dtype=np.float64)
    p, n, held = reference.shares, float(d.sum()), float(memory.rows.sum())
    if n == 0:
        return memory
    length = ratio * medium_memory_rows(reference.rows)
    phi = max(1.0, 1.0 + (held + n - 1.0) * largest_rho(reference.feature), n / length)
    q = (PRIOR_ROWS * p + memory.rows / phi) / (PRIOR_ROWS + held / phi)
    grown = max(memory.log_evidence, 0.0) + float(np.dot(d, np.log(q / p))) / phi
    return Memory(math.exp(-n / length) * memory.rows + d, min(grown, cap))


def change_score(log_evidence: ArrayLike) -> Floats:
    """ln of the mean of e^L over the memories (first axis); finite whatever L is.

    >>> float(change_score([0.0, 0.0, 0.0]))
    0.0
    """
    values = np.asarray(log_evidence, dtype=np.float64)
    largest = values.max(axis=0)
    return np.asarray(largest + np.log(np.exp(values - largest).mean(axis=0)))


def medium_memory_rows(baseline_rows: int) -> float:
    """1,000, or an 80th of the baseline's rows: else the baseline's noise looks like a change.

    >>> medium_memory_rows(8_000), medium_memory_rows(1_000_000)
    (100.0, 1000.0)
    """
    return max(SHORTEST_MEDIUM_ROWS, min(LONGEST_MEDIUM_ROWS, baseline_rows / 80.0))


def largest_rho(feature: BaselineFeature) -> float:
    """The largest of any window, as a memory has no one length; the default where there is none."""
    return max(feature.rho.values(), default=DEFAULT_RHO)


def threshold_of(feature: BaselineFeature, budget_threshold: float) -> float:
    """What the score has to exceed: the budget's, and half as much again as the training rows."""
    return max(budget_threshold, REPLAY_MARGIN * (feature.largest_change or 0.0))


def z_as_rare(log_evidence: float) -> float:
    """The normal score that chance exceeds as rarely as it exceeds this evidence.

    >>> round(z_as_rare(18.46), 2)
    5.62
    """
    return -NormalDist().inv_cdf(math.exp(-log_evidence))


def change_is_provisional(feature: BaselineFeature) -> bool:
    """Without a replay of the training rows in their order a change is shown and never pages."""
    return feature.provisional or feature.largest_change is None


def effect_of(rows: ArrayLike, reference: Reference) -> Effect | None:
    """The effect of rows by cell that were remembered (whole or not); None of less than one row."""
    whole = _whole(rows)
    if not whole.sum() or not reference.rows:
        return None
    return largest_effect(all_distances(whole, reference))


class ChangeDetector:
    """The test for many features at once; their cells lie side by side in the order given.

    Numbers by feature are arrays in the same order.  A feature's score depends on its own rows
    alone.  About 50 us a batch for 30 features of 10 bins; memory 100 bytes a cell.
    """

    def __init__(self, references: Sequence[Reference], thresholds: ArrayLike) -> None:
        """`thresholds`: what each score has to exceed, twice of which is L's ceiling.

        Infinite where the largest score itself is asked for.
        """
        self.references = tuple(references)
        self.thresholds: Floats = np.asarray(thresholds, dtype=np.float64)
        sizes = [len(one.shares) for one in references]
        self.offsets: Integers = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
        self.batches = 0
        self._feature_of = np.repeat(np.arange(len(sizes)), sizes)
        self._shares = np.concatenate([one.shares for one in references])
        self._rho = np.array([largest_rho(one.feature) for one in references])
        medium = np.array([medium_memory_rows(one.rows) for one in references])
        self._lengths = np.outer(MEMORY_RATIOS, medium)
        by_feature = (len(MEMORY_RATIOS), len(sizes))
        by_cell = (len(MEMORY_RATIOS), int(self.offsets[-1]))
        self._log_evidence = np.zeros(by_feature)
        self._held = np.zeros(by_feature)
        self._onset = np.zeros(by_feature, dtype=np.int64)
        self._rows = np.zeros(by_cell)
        self._since_onset = np.zeros(by_cell)

    def feed(self, batch: ArrayLike) -> Floats:
        """Take the next batch, rows by cell; the scores after it."""
        d = np.asarray(batch, dtype=np.float64)
        n = self._by_feature(d)
        decay = np.exp(-n / self._lengths)
        grown = np.maximum(self._log_evidence, 0.0) + self._increments(d, n)
        np.minimum(grown, 2.0 * self.thresholds, out=grown)
        self._log_evidence = np.where(n > 0, grown, self._log_evidence)
        self._held = decay * self._held + n
        self._rows *= decay[:, self._feature_of]
        self._rows += d
        self.batches += 1
        self._mark_onsets(d)
        return self.scores

    @property
    def scores(self) -> Floats:
        """ln of the mean evidence that each feature has changed."""
        return change_score(self._log_evidence)

    @property
    def changed(self) -> NDArray[np.bool_]:
        """Whose score exceeds its threshold; an alarm also needs that it `matters`."""
        return np.asarray(self.scores > self.thresholds)

    def of(self, feature: int) -> slice:
        """The cells of one feature."""
        return slice(int(self.offsets[feature]), int(self.offsets[feature + 1]))

    def onset(self, feature: int) -> int:
        """The number (from 0) of the first batch that belongs to the change, as far as one can say.

        The batch after which the L that is largest now was last not above 0.
        """
        return int(self._onset[self._best(feature), feature])

    def matters(self, feature: int, bar: Bar) -> bool:
        """Whether the rows that tell most exceed the bar in effect and in z."""
        found = self.verdict(feature, bar)
        if found.effect is None or found.z is None:
            return False
        return found.effect > bar.minimum_effect and found.z > bar.z_threshold

    def verdict(self, feature: int, bar: Bar) -> Verdict:
        """Those rows held against the baseline, with the largest rho, as a window would be.

        They are the rows since the onset, or those in the memory with the largest L, whichever has
        the larger z: after a long stretch of evidence that does not matter the onset is no onset.
        """
        best, own = self._best(feature), self.of(feature)
        found = [
            _judged(self.references[feature], _whole(rows[best, own]), bar)
            for rows in (self._since_onset, self._rows)
        ]
        return max(found, key=lambda one: -math.inf if one.z is None else one.z)

    def effect_since_onset(self, feature: int) -> Effect | None:
        """How much the rows since the onset differ from the baseline; None where there are none."""
        rows = self._since_onset[self._best(feature), self.of(feature)]
        return effect_of(rows, self.references[feature])

    def effect_remembered(self, feature: int, memory: int = LONG) -> Effect | None:
        """The same of the rows in a memory, those before the onset included."""
        return effect_of(self._rows[memory, self.of(feature)], self.references[feature])

    def restart(self, feature: int) -> None:
        """Forget all of one feature's rows, as after an alarm."""
        self._log_evidence[:, feature] = 0.0
        self._held[:, feature] = 0.0
        self._onset[:, feature] = self.batches
        self._rows[:, self.of(feature)] = 0.0
        self._since_onset[:, self.of(feature)] = 0.0

    def _increments(self, d: Floats, n: Floats) -> Floats:
        """sum_i d_i ln(q_i / p_i) / phi of each memory and feature."""
        related = 1.0 + (self._held + n - 1.0) * self._rho
        phi = np.maximum(np.maximum(related, 1.0), n / self._lengths)
        ratios = self._rows / self._shares
        ratios /= phi[:, self._feature_of]
        ratios += PRIOR_ROWS
        np.log(ratios, out=ratios)
        ratios *= d
        grown = self._by_feature(ratios) - n * np.log(PRIOR_ROWS + self._held / phi)
        return np.asarray(grown / phi)

    def _mark_onsets(self, d: Floats) -> None:
        quiet = self._log_evidence <= 0.0
        self._onset[quiet] = self.batches
        self._since_onset += d
        self._since_onset[quiet[:, self._feature_of]] = 0.0

    def _by_feature(self, by_cell: Floats) -> Floats:
        return np.asarray(np.add.reduceat(by_cell, self.offsets[:-1], axis=-1))

    def _best(self, feature: int) -> int:
        return int(self._log_evidence[:, feature].argmax())


def _judged(reference: Reference, rows: Integers, bar: Bar) -> Verdict:
    phi = dispersion(int(rows.sum()), largest_rho(reference.feature))
    return judge_with(reference, rows, phi, bar)


def _whole(rows: ArrayLike) -> Integers:
    return np.rint(np.asarray(rows, dtype=np.float64)).astype(np.int64)
