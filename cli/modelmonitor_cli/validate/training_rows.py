"""What the training rows themselves say against a monitor: rules that they break, bins that see
nothing.

Counts stand for rows here, so of a bin that a limit cuts in two only bounds are known.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from modelmonitor_api.baseline import (
    Baseline,
    BaselineFeature,
    Bins,
    Categories,
    category_hash,
)
from modelmonitor_api.spec import Feature
from modelmonitor_sidecar.stats.enough import feature_needs_rows

MANY_ROWS = 500
"""Of a window, worth a word; most features need 200."""


def training_remarks(features: Sequence[Feature], baseline: Baseline) -> Iterator[str]:
    """A sentence for each feature that has something to say, beginning with its name."""
    overrides = {feature.name: feature for feature in features}
    for known in baseline.features:
        override = overrides.get(known.name) if known.role == "input" else None
        if override is None:
            yield from _blind(known)
        elif not override.ignore:
            yield from _blind(known)
            yield from _broken(override, known)


def outside_range(feature: Feature, counts: Bins) -> tuple[int, int]:
    """The fewest and the most training rows that the feature's range leaves out.

    >>> counts = Bins((10.0, 20.0), (50, 30, 20), (5.0, 15.0, 25.0), 12.0, 7.0, 1.0, 30.0)
    >>> outside_range(Feature("x", minimum=15.0, maximum=40.0), counts)
    (50, 80)
    """
    low = float("-inf") if feature.minimum is None else feature.minimum
    high = float("inf") if feature.maximum is None else feature.maximum
    bounds = list(pairwise((counts.minimum, *counts.edges, counts.maximum)))
    fewest = most = 0
    for at, ((lower, upper), rows) in enumerate(zip(bounds, counts.rows, strict=True)):
        # a bin begins above the edge before it; only the first has a row at its lower bound
        all_above = lower > high or (at > 0 and lower == high)
        fewest += rows if upper < low or all_above else 0
        most += rows if lower < low or upper > high else 0
    return fewest, most


def not_allowed(allowed: Sequence[str], counts: Categories) -> tuple[int, int]:
    """The fewest and the most training rows whose category is not among those allowed."""
    named = sum(
        rows for value, rows in zip(counts.values, counts.rows, strict=True) if value not in allowed
    )
    if counts.other_hashes is None:
        return named, named + counts.other_rows
    hashes = {category_hash(value) for value in allowed}
    known = hashes.intersection(counts.other_hashes)
    fewest = 0 if known else counts.other_rows
    most = 0 if known.issuperset(counts.other_hashes) else counts.other_rows
    return named + fewest, named + most


def _broken(feature: Feature, known: BaselineFeature) -> Iterator[str]:
    counts = known.counts
    if isinstance(counts, Bins):
        fewest, most = outside_range(feature, counts)
        rule = f"outside range (they are from {counts.minimum:g} to {counts.maximum:g})"
    else:
        if feature.allowed_values is None:
            return
        fewest, most = not_allowed(feature.allowed_values, counts)
        rule = "not in allowedValues"
    if most:
        yield (
            f"feature {feature.name}: {_share(fewest, most, counts)} of the training rows are "
            f"{rule}, so healthy rows will alarm; change it, or what the model was trained on"
        )


def _share(fewest: int, most: int, counts: Bins | Categories) -> str:
    """In percent; at least one row is known to be there."""
    other = 0 if isinstance(counts, Bins) else counts.other_rows
    rows = sum(counts.rows) + other
    if fewest == most:
        return f"{fewest / rows:.2%}"
    return f"{fewest / rows:.2%} to {most / rows:.2%}" if fewest else f"up to {most / rows:.2%}"


def _blind(known: BaselineFeature) -> Iterator[str]:
    counts, needed = known.counts, feature_needs_rows(known)
    if not isinstance(counts, Bins):
        return
    if len(counts.rows) == 1 and counts.minimum < counts.maximum:
        yield (
            f"feature {known.name}: all training rows are in one bin, so only what is out of range "
            "will be seen; build the baseline anew, without --edges-from"
        )
    if needed >= MANY_ROWS:
        yield (
            f"feature {known.name}: nearly always the same, so a window needs {needed:,} rows for "
            "a verdict"
        )
