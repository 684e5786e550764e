"""Is a difference worth anybody's time?  Its size, in a measure that fits the feature's kind.

- PSI minus what is to be expected without drift (never below 0): every kind.
- Wasserstein over the baseline's standard deviation: features with an order (numeric, text length).
- Jensen-Shannon distance to base 2: categories.

The largest in units of the smallest effect that matters decides, and is named.
"""

from copy import copy
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from modelmonitor_api.baseline import BaselineFeature, Bins, Categories

from . import distances
from .enough import feature_needs_rows

Measure = Literal["psi", "wasserstein", "jensen_shannon"]


@dataclass(frozen=True, slots=True)
class Distances:
    """All distances of one feature in one window; None where one does not apply."""

    psi: float
    psi_expected: float
    js: float
    hellinger: float
    ks: float | None
    wasserstein: float | None


@dataclass(frozen=True, slots=True)
class Effect:
    """The measure that decides, and its value."""

    measure: Measure
    value: float


def baseline_counts(feature: BaselineFeature) -> NDArray[np.int64]:
    """The baseline's rows by cell, in the order in which live rows are counted.

    Bins as they are; categories, then `__other__`, then `__unseen__` (0 by definition).
    """
    counts = feature.counts
    if isinstance(counts, Bins):
        return np.asarray(counts.rows, dtype=np.int64)
    return np.asarray((*counts.rows, counts.other_rows, 0), dtype=np.int64)


class Reference:
    """A feature of the baseline, made ready to hold many windows against.

    `steps`: between neighbouring representatives, in standard deviations of the baseline; None
    for categories, and for a constant, which has no unit of spread: whatever moves it is out of
    range.
    """

    __slots__ = (
        "counts",
        "cumulative",
        "feature",
        "needed_rows",
        "ordered",
        "rows",
        "shares",
        "steps",
    )

    def __init__(self, feature: BaselineFeature) -> None:
        self.feature = feature
        self.needed_rows = feature_needs_rows(feature)
        self.ordered = isinstance(feature.counts, Bins)
        self.steps = _steps(feature.counts)
        self._hold(baseline_counts(feature))

    def in_place(self, counts: NDArray[np.int64]) -> "Reference":
        """The same feature with other rows by cell in the baseline's place."""
        other = copy(self)
        other._hold(counts)
        return other

    def _hold(self, counts: NDArray[np.int64]) -> None:
        self.counts = counts
        self.rows = int(counts.sum())
        self.shares = distances.smoothed_shares(counts)
        self.cumulative = distances.cumulative_shares(counts) if self.rows else None


def all_distances(live: NDArray[np.int64], reference: Reference) -> Distances:
    """Every distance between live counts (at least one row) and the baseline's."""
    q, p = distances.smoothed_shares(live), reference.shares
    ks, moved = None, None
    if reference.ordered:
        assert reference.cumulative is not None
        apart = np.abs(distances.cumulative_shares(live) - reference.cumulative)
        ks = float(apart.max())
        moved = None if reference.steps is None else float(np.dot(apart[:-1], reference.steps))
    return Distances(
        psi=distances.stability_of_shares(q, p),
        psi_expected=distances.expected_population_stability(
            len(p), int(live.sum()), reference.rows
        ),
        js=distances.divergence_root_of_shares(q, p),
        hellinger=distances.hellinger_of_shares(q, p),
        ks=ks,
        wasserstein=moved,
    )


def _steps(counts: Bins | Categories) -> NDArray[np.float64] | None:
    if isinstance(counts, Categories) or counts.standard_deviation <= 0.0:
        return None
    return np.diff(np.asarray(counts.representatives) / counts.standard_deviation)


def largest_effect(found: Distances) -> Effect:
    """The measure with the largest value (all share one unit: the smallest effect that matters)."""
    effects = [Effect("psi", max(0.0, found.psi - found.psi_expected))]
    if found.ks is None:
        effects.append(Effect("jensen_shannon", found.js))
    if found.wasserstein is not None:
        effects.append(Effect("wasserstein", found.wasserstein))
    return max(effects, key=lambda effect: effect.value)
