"""Where bins end, and which categories get a cell of their own: pure functions of what was seen.

Bins are right-closed and the outer ones open.  No bin is empty, since every edge is a value of the
data and the largest value is no edge.

A bin with few rows joins its neighbour, unless it would be hidden there: a value that 0.3 % of the
rows have, counted together with one of 90 %, could become most of the traffic unseen.  A window
needs the more rows, the rarer the rarest bin is (`stats.enough`), so rare bins have a limit too.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from modelmonitor_cli.baseline.kinds import LEAST_CATEGORY_ROWS, MOST_CATEGORIES
from modelmonitor_cli.baseline.values import Floats

LEAST_BIN_SHARE: Final = 0.005
LEAST_BIN_ROWS: Final = 50
HIDING_SHARE: Final = 0.1
"""A bin of more than this, the share of a usual one, can hide a rise that matters ..."""
HIDING_TIMES: Final = 10
"""... of a bin that has so many times fewer rows."""
LEAST_RARE_SHARE: Final = 0.001
"""Below it a bin is merged all the same, for the others' sake: a window would need 1,000 rows."""
SAMPLING_MARGIN: Final = 1.1
"""A bin judged from a sample is asked for a tenth more, so that it holds in the whole table."""
LONGEST_CATEGORY: Final = 128
"""Characters of a category that can be a label; longer ones count as other."""


def equal_mass_edges(sample: Floats, bins: int, rows: int) -> tuple[float, ...]:
    """Edges of bins of equally many rows of a `sample` of `rows`; equal values share a bin.

    The quantiles are those of numpy's `inverted_cdf`: values of the sample, never between them.

    A value that fills a bin by itself shares it with none.

    >>> equal_mass_edges(np.arange(1.0, 1001.0), 4, 1000)
    (250.0, 500.0, 750.0)
    """
    shares = np.arange(1, bins) / bins
    quantiles = np.quantile(sample, shares, method="inverted_cdf") + 0.0
    edges = np.unique(np.concatenate([quantiles, _below_ties(sample, quantiles)]))
    edges = edges[edges < sample.max()]
    places = np.searchsorted(edges, sample, side="left")
    return _merged(edges.tolist(), np.bincount(places).tolist(), len(sample), rows)


def discrete_edges(rows_by_value: Mapping[float, int]) -> tuple[float, ...]:
    """Edges of one bin a value.

    >>> discrete_edges({0.0: 500, 2.0: 400, 1.0: 100})
    (0.0, 1.0)
    """
    values = sorted(rows_by_value)
    counts = [rows_by_value[value] for value in values]
    return _merged(values[:-1], counts, sum(counts), sum(counts))


def top_categories(rows_by_text: Mapping[str, int], reserved: Sequence[str]) -> tuple[str, ...]:
    """The most frequent texts, at most MOST_CATEGORIES, each with enough rows.

    >>> top_categories({"b": 20, "a": 20, "c": 19, "d": 99}, ())
    ('d', 'a', 'b')
    """
    ordered = sorted(rows_by_text.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        text
        for text, rows in ordered[: MOST_CATEGORIES + len(reserved)]
        if rows >= LEAST_CATEGORY_ROWS
        and 0 < len(text) <= LONGEST_CATEGORY
        and text not in reserved
    )[:MOST_CATEGORIES]


def _below_ties(sample: Floats, quantiles: Floats) -> Floats:
    """The values next below those that fill a bin: quantiles that repeat, or are the maximum."""
    values, times = np.unique(quantiles, return_counts=True)
    ties = values[(times > 1) | (values == sample.max())]
    low = sample.min()
    return np.array([sample[sample < tie].max() for tie in ties if tie > low]) + 0.0


def _merged(
    edges: Sequence[float], counts: Sequence[int], sampled: int, rows: int
) -> tuple[float, ...]:
    """The edges left when bins that are too small have joined a neighbour, as far as they may."""
    least = max(LEAST_BIN_SHARE * sampled, LEAST_BIN_ROWS * sampled / rows)
    if sampled < rows:
        least *= SAMPLING_MARGIN
    left, bins = list(edges), list(counts)
    while (edge := _edge_to_drop(bins, least)) is not None:
        bins[edge : edge + 2] = [bins[edge] + bins[edge + 1]]
        del left[edge]
    return tuple(left)


def _edge_to_drop(bins: Sequence[int], least: float) -> int | None:
    """The edge between the smallest bin that may join its smaller neighbour, and that one.

    Edge i lies between the bins i and i + 1.  The last edge stays: a single bin sees nothing.
    """
    if len(bins) <= 2:
        return None
    for small in sorted(range(len(bins)), key=bins.__getitem__):
        if bins[small] >= least:
            return None
        edge = _edge_to_smaller_neighbour(bins, small)
        if not _hides(bins[edge] + bins[edge + 1] - bins[small], bins[small], sum(bins)):
            return edge
    return None


def _hides(neighbour: int, small: int, rows: int) -> bool:
    if small < LEAST_RARE_SHARE * rows:
        return False
    return neighbour > max(HIDING_SHARE * rows, HIDING_TIMES * small)


def _edge_to_smaller_neighbour(bins: Sequence[int], small: int) -> int:
    if small == 0:
        return 0
    if small == len(bins) - 1:
        return small - 1
    return small - 1 if bins[small - 1] <= bins[small + 1] else small
