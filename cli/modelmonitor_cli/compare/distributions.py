"""What a column looks like in each table, for pictures and for readers of the document."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from modelmonitor_cli.baseline.values import Floats
from modelmonitor_cli.compare.column_values import ReadColumn
from modelmonitor_cli.compare.comparison import Distribution, Moments

STEPS: Final = 20
"""Equal steps of numbers."""
TAIL: Final = 0.005
"""Of a table's values on each side, which the outer steps take in."""
MOST_VALUES: Final = 24
"""Discrete numbers shown each by itself."""
MOST_CATEGORIES: Final = 8


def distribution(column: ReadColumn) -> Distribution:
    """Shares of the sampled values, with the same places in all tables."""
    samples = [table.values for table in column.tables]
    if column.kind in ("categorical", "boolean"):
        return _by_category(samples, column.labels)
    values = np.unique(np.concatenate(samples))
    if column.kind == "discrete" and len(values) <= MOST_VALUES:
        labels = tuple(f"{value:.6g}" for value in values.tolist())
        return Distribution(
            labels, _shares([np.searchsorted(values, one) for one in samples], len(values))
        )
    return _by_steps(samples)


def moments(values: Floats) -> Moments | None:
    """Of one table's values; None where there is none."""
    if not len(values):
        return None
    scale = float(np.abs(values).max()) or 1.0
    scaled = values / scale  # so that squares stay finite
    with np.errstate(over="ignore"):
        spread = float(np.multiply(scaled.std(ddof=1), scale)) if len(values) > 1 else np.inf
    return Moments(
        mean=float(scaled.mean()) * scale,
        standard_deviation=spread if np.isfinite(spread) else None,
        minimum=float(values.min()),
        median=float(np.clip(np.median(scaled) * scale, values.min(), values.max())),
        maximum=float(values.max()),
    )


def _by_steps(samples: Sequence[Floats]) -> Distribution:
    edges = _edges([sample for sample in samples if len(sample)])
    places = [np.searchsorted(edges[1:-1], sample, side="right") for sample in samples]
    labels = [f"{low:.4g} to {high:.4g}" for low, high in pairwise(edges.tolist())]
    return Distribution(tuple(labels), _shares(places, len(labels)), tuple(edges.tolist()))


def _edges(samples: Sequence[Floats]) -> Floats:
    """Of equal steps from one tail to the other; one step where they cannot be told apart."""
    low = min(float(np.quantile(sample, TAIL)) for sample in samples)
    high = max(float(np.quantile(sample, 1 - TAIL)) for sample in samples)
    with np.errstate(over="ignore", invalid="ignore"):
        edges = np.linspace(low, high, STEPS + 1)
        good = bool(np.isfinite(edges).all() and (np.diff(edges) > 0).all())
    return edges if good else np.array([low, high])


def _by_category(samples: Sequence[Floats], labels: Sequence[str]) -> Distribution:
    """The most frequent categories, by their largest share in any table."""
    shares = np.array(_shares([sample.astype(np.int64) for sample in samples], len(labels)))
    shown = np.argsort(-shares.max(axis=0), kind="stable")[:MOST_CATEGORIES]
    hidden = np.delete(shares, shown, axis=1).sum(axis=1)
    return Distribution(
        labels=tuple(labels[place] for place in shown.tolist()),
        shares=tuple(tuple(row) for row in shares[:, shown].tolist()),
        others=tuple(hidden.tolist()) if len(labels) > len(shown) else (),
    )


def _shares(
    places: Sequence["np.typing.NDArray[np.int64]"], count: int
) -> tuple[tuple[float, ...], ...]:
    return tuple(
        tuple((np.bincount(one, minlength=count) / max(1, len(one))).tolist()) for one in places
    )
