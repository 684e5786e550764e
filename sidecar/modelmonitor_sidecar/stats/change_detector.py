"""The change detector at work: many features at once, and which of their changes alarm.

Evidence alone is no alarm.  Where healthy stretches of rows (hours, days) differ, L adds up what
many rows of one stretch have in common, and exceeds any threshold if only they are many.  So the
rows since the onset, or those remembered, must also have an effect that matters, and be unlike the
baseline by more than as many rows of one stretch are, as in a window.

The formula is that of `change`.  It refuses to know clocks: who feeds it decides what a batch is.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .change import MEMORY_RATIOS, PRIOR_ROWS, change_score, largest_rho, medium_memory_rows
from .dispersion import dispersion
from .effect import Effect, Reference, all_distances, largest_effect
from .evidence import ChiSquare, chi_square_rows, normal_score
from .verdict import Bar, Verdict, judge_with

SHORT, MEDIUM, LONG = range(len(MEMORY_RATIOS))
"""Places of the memories."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


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
        self._baseline = np.concatenate([one.counts for one in references]).astype(np.float64)
        self._cells = _padded(self.offsets)
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

    def alarms(self, bars: Sequence[Bar]) -> list[int]:
        """The features that `changed` and `matters` by their bars.

        Evidence may stay above the threshold for long without mattering; so z, which is quick for
        all at once, is looked at first.
        """
        changed = np.flatnonzero(self.changed).tolist()
        if not changed:
            return []
        z = zip(changed, self._largest_z(changed), strict=True)
        likely = [feature for feature, own in z if own > bars[feature].z_threshold]
        return [feature for feature in likely if self.matters(feature, bars[feature])]

    def matters(self, feature: int, bar: Bar) -> bool:
        """Whether the rows since the onset, or those remembered, exceed the bar in effect and z."""
        return _exceeds(self.verdict(feature, bar), bar)

    def verdict(self, feature: int, bar: Bar) -> Verdict:
        """Those rows held against the baseline, with the largest rho, as a window would be.

        After a long stretch of evidence that does not matter the onset is no onset; then the rows
        in the memory with the largest L tell more.  Those that exceed the bar, else the larger z.
        """
        best, own = self._best(feature), self.of(feature)
        found = [
            _judged(self.references[feature], _whole(rows[best, own]), bar)
            for rows in (self._since_onset, self._rows)
        ]
        return max(found, key=lambda one: (_exceeds(one, bar), one.z or 0.0))

    def effect_since_onset(self, feature: int) -> Effect | None:
        """How much the rows since the onset differ from the baseline; None where there are none."""
        rows = self._since_onset[self._best(feature), self.of(feature)]
        return _effect_of(rows, self.references[feature])

    def effect_remembered(self, feature: int, memory: int = LONG) -> Effect | None:
        """The same of the rows in a memory, those before the onset included."""
        return _effect_of(self._rows[memory, self.of(feature)], self.references[feature])

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

    def _largest_z(self, features: Sequence[int]) -> Floats:
        """Of both kinds of rows; features that have changed have some since their onset."""
        cells = self._cells[features]
        base = np.append(self._baseline, 0.0)[cells]
        best = self._log_evidence[:, features].argmax(axis=0)[:, np.newaxis]
        by_rows = []
        for rows in (self._since_onset, self._rows):
            live = np.rint(np.pad(rows, ((0, 0), (0, 1)))[best, cells])
            statistics, filled = chi_square_rows(live, base)
            phi = np.maximum(1.0, 1.0 + (live.sum(axis=1) - 1.0) * self._rho[features])
            by_rows.append(list(map(_z, statistics / phi, filled - 1)))
        return np.asarray(np.max(by_rows, axis=0))

    def _mark_onsets(self, d: Floats) -> None:
        quiet = self._log_evidence <= 0.0
        self._onset[quiet] = self.batches
        self._since_onset += d
        self._since_onset[quiet[:, self._feature_of]] = 0.0

    def _by_feature(self, by_cell: Floats) -> Floats:
        return np.asarray(np.add.reduceat(by_cell, self.offsets[:-1], axis=-1))

    def _best(self, feature: int) -> int:
        return int(self._log_evidence[:, feature].argmax())


def _padded(offsets: Integers) -> Integers:
    """The cells of each feature, one feature a row, filled up with the cell past the last."""
    cells = offsets[:-1, np.newaxis] + np.arange(np.diff(offsets).max())
    return np.where(cells < offsets[1:, np.newaxis], cells, offsets[-1])


def _z(statistic: float, degrees: int) -> float:
    return normal_score(ChiSquare(float(statistic), int(degrees)))


def _exceeds(verdict: Verdict, bar: Bar) -> bool:
    if verdict.effect is None or verdict.z is None:
        return False
    return verdict.effect > bar.minimum_effect and verdict.z > bar.z_threshold


def _judged(reference: Reference, rows: Integers, bar: Bar) -> Verdict:
    phi = dispersion(int(rows.sum()), largest_rho(reference.feature))
    return judge_with(reference, rows, phi, bar)


def _effect_of(rows: ArrayLike, reference: Reference) -> Effect | None:
    """The effect of rows by cell that were remembered (whole or not); None of less than one row."""
    whole = _whole(rows)
    if not whole.sum() or not reference.rows:
        return None
    return largest_effect(all_distances(whole, reference))


def _whole(rows: ArrayLike) -> Integers:
    return np.rint(np.asarray(rows, dtype=np.float64)).astype(np.int64)
