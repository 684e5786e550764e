"""Slices of a table as clients send them: single rows and batches of changing size."""

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import TypeVar

Row = TypeVar("Row")
SIZES = (1, 1, 7, 32)


def batches(rows: Sequence[Row], sizes: Sequence[int] = SIZES) -> Iterator[Sequence[Row]]:
    """Consecutive slices in sizes that repeat; the last may be shorter.

    >>> [list(batch) for batch in batches(range(6), (1, 3))]
    [[0], [1, 2, 3], [4], [5]]
    """
    start = 0
    for size in cycle(sizes):
        if start >= len(rows):
            return
        yield rows[start : start + size]
        start += size
