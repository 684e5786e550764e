"""Is a difference worth anybody's time?  Its size, in a measure that fits the feature's kind.

- PSI minus what is to be expected without drift (never below 0): every kind.
- Wasserstein over the baseline's standard deviation: features with an order (numeric, text length).
- Jensen-Shannon distance to base 2: categories.

The largest in units of the smallest effect that matters decides, and is named.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from modelmonitor_api.baseline import BaselineFeature, Bins, Categories

from . import distances

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


def all_distances(live: NDArray[np.int64], feature: BaselineFeature) -> Distances:
    """Every distance between live counts (at least one row) and the baseline's."""
    base = baseline_counts(feature)
    ks, moved = _ordered(live, base, feature.counts)
    return Distances(
        psi=distances.population_stability(live, base),
        psi_expected=distances.expected_population_stability(
            len(base), int(live.sum()), int(base.sum())
        ),
        js=distances.jensen_shannon(live, base),
        hellinger=distances.hellinger(live, base),
        ks=ks,
        wasserstein=moved,
    )


def _ordered(
    live: NDArray[np.int64], base: NDArray[np.int64], counts: Bins | Categories
) -> tuple[float | None, float | None]:
    if isinstance(counts, Categories):
        return None, None
    ks = distances.kolmogorov_smirnov(live, base)
    if counts.standard_deviation <= 0.0:
        return ks, None  # a constant has no unit of spread; whatever moves is out of range
    in_deviations = np.asarray(counts.representatives) / counts.standard_deviation
    return ks, distances.wasserstein(live, base, in_deviations)


def largest_effect(found: Distances) -> Effect:
    """The measure with the largest value (all share one unit: the smallest effect that matters)."""
    effects = [Effect("psi", max(0.0, found.psi - found.psi_expected))]
    if found.ks is None:
        effects.append(Effect("jensen_shannon", found.js))
    if found.wasserstein is not None:
        effects.append(Effect("wasserstein", found.wasserstein))
    return max(effects, key=lambda effect: effect.value)
