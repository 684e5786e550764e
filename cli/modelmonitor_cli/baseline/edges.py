"""Where bins end, and which categories get a cell of their own: pure functions of what was seen.

Bins are right-closed and the outer ones open.  No bin is empty, since every edge is a value of the
data and the largest value is no edge.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from modelmonitor_cli.baseline.kinds import LEAST_CATEGORY_ROWS, MOST_CATEGORIES
from modelmonitor_cli.baseline.values import Floats

LEAST_BIN_SHARE: Final = 0.005
LEAST_BIN_ROWS: Final = 50
SAMPLING_MARGIN: Final = 1.1
"""A bin judged from a sample is asked for a tenth more, so that it holds in the whole table."""
LONGEST_CATEGORY: Final = 128
"""Characters of a category that can be a label; longer ones count as other."""


def equal_mass_edges(sample: Floats, bins: int, rows: int) -> tuple[float, ...]:
    """Edges of bins of equally many rows of a `sample` of `rows`; equal values share a bin.

    The quantiles are those of numpy's `inverted_cdf`: values of the sample, never between them.

    >>> equal_mass_edges(np.arange(1.0, 1001.0), 4, 1000)
    (250.0, 500.0, 750.0)
    """
    shares = np.arange(1, bins) / bins
    quantiles = np.quantile(sample, shares, method="inverted_cdf") + 0.0
    edges = np.unique(quantiles)
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


def _merged(
    edges: Sequence[float], counts: Sequence[int], sampled: int, rows: int
) -> tuple[float, ...]:
    """The edges left when each bin that is too small has joined its smaller neighbour."""
    least = max(LEAST_BIN_SHARE * sampled, LEAST_BIN_ROWS * sampled / rows)
    if sampled < rows:
        least *= SAMPLING_MARGIN
    left, bins = list(edges), list(counts)
    while left and min(bins) < least:
        small = bins.index(min(bins))
        edge = _edge_to_drop(bins, small)
        bins[edge : edge + 2] = [bins[edge] + bins[edge + 1]]
        del left[edge]
    return tuple(left)


def _edge_to_drop(bins: Sequence[int], small: int) -> int:
    """The edge between a bin and its smaller neighbour (edge i lies between bins i and i + 1)."""
    if small == 0:
        return 0
    if small == len(bins) - 1:
        return small - 1
    return small - 1 if bins[small - 1] <= bins[small + 1] else small
