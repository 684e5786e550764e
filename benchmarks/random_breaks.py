"""Breaks of a table, drawn at random: which kind, which column, how strong, from which row on.

The strength is the one at which the true effect, that of a large sample against the baseline, is
what was asked for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from modelmonitor_api.baseline import Baseline, BaselineFeature
from modelmonitor_sidecar.stats.effect import Reference, all_distances, largest_effect
from modelmonitor_sidecar.stats.layout import Layout, watched_features
from modelmonitor_sidecar.stats.shares import Part, baseline_part, share_distance

Column = np.ndarray[Any, np.dtype[Any]]
Chance = np.random.Generator
Apply = Callable[[Column, float, Chance], Column]

POUNDS_PER_KILOGRAM = 2.204_622_6
NEW_VALUE = "Classic"
STEPS = 24
"""Of the search for a strength."""


@dataclass(frozen=True)
class Kind:
    """A way to break a column; `strongest` is the strength from which the search begins."""

    name: str
    columns: Sequence[str]
    apply: Apply
    strongest: float


@dataclass(frozen=True)
class Break:
    """One break: what, where, and how strong."""

    kind: Kind
    column: str
    strength: float
    effect: float

    def of(self, values: Column, chance: Chance) -> Column:
        """The values, broken."""
        return self.kind.apply(values, self.strength, chance)


def shifted(values: Column, strength: float, _: Chance) -> Column:
    """By so many standard deviations."""
    return values + strength * np.nanstd(values)


def scaled(values: Column, strength: float, _: Chance) -> Column:
    """Spread wider around the mean."""
    mean = np.nanmean(values)
    return mean + (values - mean) * (1 + strength)


def in_pounds(values: Column, strength: float, chance: Chance) -> Column:
    """A share of the rows in another unit."""
    return np.where(_chosen(values, strength, chance), values * POUNDS_PER_KILOGRAM, values)


def missing(values: Column, strength: float, chance: Chance) -> Column:
    """A share of the rows without a value."""
    return np.where(_chosen(values, strength, chance), np.nan, values)


def invalid(values: Column, strength: float, chance: Chance) -> Column:
    """A share of the rows infinite."""
    return np.where(_chosen(values, strength, chance), np.inf, values)


def out_of_range(values: Column, strength: float, chance: Chance) -> Column:
    """A share of the rows far beyond the largest value."""
    return np.where(_chosen(values, strength, chance), 10 * np.nanmax(values), values)


def renamed(values: Column, strength: float, chance: Chance) -> Column:
    """A share of the rows of the second most frequent category bears a new name."""
    return _replaced(values, _frequent(values)[1], NEW_VALUE, strength, chance)


def unseen(values: Column, strength: float, chance: Chance) -> Column:
    """A share of all rows bears a value that nobody knows."""
    return np.where(_chosen(values, strength, chance), NEW_VALUE, values)


def swapped(values: Column, strength: float, chance: Chance) -> Column:
    """A share of the rows of the most frequent category bears the second's name."""
    first, second = _frequent(values)[:2]
    return _replaced(values, first, second, strength, chance)


NUMBERS = ("age", "bodyweight_kg", "best3squat_kg", "best3bench_kg")
TEXTS = ("sex", "equipment", "division")
KINDS = (
    Kind("shift", NUMBERS, shifted, 3.0),
    Kind("scale", NUMBERS, scaled, 3.0),
    Kind("unit", NUMBERS[1:], in_pounds, 1.0),
    Kind("missing", NUMBERS, missing, 1.0),
    Kind("invalid", NUMBERS, invalid, 1.0),
    Kind("range", NUMBERS, out_of_range, 1.0),
    Kind("renamed", TEXTS, renamed, 1.0),
    Kind("unseen", TEXTS, unseen, 1.0),
    Kind("swapped", TEXTS, swapped, 1.0),
    Kind("prediction shift", ("prediction",), shifted, 3.0),
)


def break_of(
    kind: Kind, column: str, wanted: float, sample: dict[str, Column], baseline: Baseline
) -> Break:
    """The kind at the strength of the wanted effect, by halving; the strongest if that is less."""
    feature = next(one for one in baseline.features if one.name == column)

    def effect(strength: float) -> float:
        broken = kind.apply(sample[column], strength, np.random.default_rng(0))
        return true_effect(broken, feature, baseline)

    low, high = 0.0, kind.strongest
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if effect(middle) >= wanted else (middle, high)
    return Break(kind, column, high, effect(high))


def true_effect(values: Column, feature: BaselineFeature, baseline: Baseline) -> float:
    """The largest effect among all tests of one column against its baseline."""
    cells, shares = _counted(values, feature, baseline)
    effects = [share_distance(part, baseline_part("missing", feature)) for part in shares[:1]]
    effects += [share_distance(part, Part(0, part.of)) for part in shares[1:]]
    if cells.any():
        effects.append(largest_effect(all_distances(cells, Reference(feature))).value)
    return max(effects)


def _counted(
    values: Column, feature: BaselineFeature, baseline: Baseline
) -> tuple[np.ndarray[Any, np.dtype[np.int64]], list[Part]]:
    """Rows by cell, and the parts that are missing, invalid, unseen, out of range."""
    watched = [one for one in watched_features(baseline, {}) if one.name == feature.name]
    layout, rows = Layout(watched, slots=0), len(values)
    if layout.binned:
        low, high = layout.scale.limits[:, 0]
        counts = layout.bins.count(values[:, np.newaxis])
        beyond = np.isfinite(values) & ((values < low) | (values > high))
        flags = [np.isnan(values), np.isinf(values), beyond]
        return counts, [Part(int(flag.sum()), rows) for flag in flags]
    known = layout.category_cells[0]
    texts, numbers = np.unique([t for t in values if t is not None], return_counts=True)
    cells = np.zeros(known.unseen + 1, dtype=np.int64)
    np.add.at(cells, [known.cell(str(text)) for text in texts], numbers)
    return cells, [Part(rows - int(cells.sum()), rows), Part(int(cells[known.unseen]), rows)]


def _chosen(values: Column, share: float, chance: Chance) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return chance.random(len(values)) < share


def _frequent(values: Column) -> list[str]:
    texts, rows = np.unique([text for text in values if text is not None], return_counts=True)
    return [str(texts[place]) for place in np.argsort(-rows)]


def _replaced(values: Column, old: str, new: str, share: float, chance: Chance) -> Column:
    return np.where((values == old) & _chosen(values, share, chance), new, values)
