"""Which rows of a long table are looked at closely: the same ones on every machine and run."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

SAMPLED_BYTES: Final = 128 << 20
"""Of sampled numbers, all columns together."""
MOST_ROWS: Final = 1_000_000
FEWEST_ROWS: Final = 20_000


def sample_capacity(columns: int) -> int:
    """How many rows of so many columns are kept: all of a table up to this length.

    >>> sample_capacity(32), sample_capacity(64), sample_capacity(10_000)
    (524288, 262144, 20000)
    """
    return max(FEWEST_ROWS, min(MOST_ROWS, SAMPLED_BYTES // (8 * max(1, columns))))


class RowSample:
    """Keeps every row of a table up to `capacity` rows, then a share of 1/2, 1/4, ... of them.

    A row stays when the hash of its number is below a bound that halves whenever too many stay, so
    the sample depends on the number of rows alone, neither on blocks nor on chance.  8 bytes a row
    kept.
    """

    def __init__(self, capacity: int) -> None:
        self.rows = 0
        self._capacity = capacity
        self._halvings = 0
        self._hashes: NDArray[np.uint64] = np.zeros(0, dtype=np.uint64)

    def take(self, count: int) -> NDArray[np.bool_]:
        """Which of the next `count` rows stay."""
        hashes = _hashes(self.rows, count)
        self.rows += count
        kept = self._small(hashes)
        self._hashes = np.concatenate((self._hashes, hashes[kept]))
        return kept

    def thin(self) -> NDArray[np.bool_] | None:
        """Which of the rows kept so far still stay; None: all."""
        if len(self._hashes) <= self._capacity:
            return None
        kept = np.ones(len(self._hashes), dtype=np.bool_)
        while np.count_nonzero(kept) > self._capacity:
            self._halvings += 1
            kept = self._small(self._hashes)
        self._hashes = self._hashes[kept]
        return kept

    def _small(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        if not self._halvings:
            return np.ones(len(hashes), dtype=np.bool_)
        return np.asarray(hashes >> np.uint64(64 - self._halvings) == 0)


class ValueSample:
    """The sampled values of one column.

    One array that is refilled in place, so that the memory is that of the sample alone.
    """

    def __init__(self) -> None:
        self._buffer = np.empty(1 << 12)
        self._filled = 0

    def add(self, values: NDArray[np.float64], kept: NDArray[np.bool_]) -> None:
        """Keep these of the values; NaN has its place until the end."""
        values = values[kept]
        end = self._filled + len(values)
        if end > len(self._buffer):
            grown = np.empty(max(end, 2 * len(self._buffer)))
            grown[: self._filled] = self._buffer[: self._filled]
            self._buffer = grown
        self._buffer[self._filled : end] = values
        self._filled = end

    def thin(self, kept: NDArray[np.bool_]) -> None:
        """Keep only these of what is there."""
        values = self._buffer[: self._filled][kept]
        self._filled = len(values)
        self._buffer[: self._filled] = values

    def known(self) -> NDArray[np.float64]:
        """What is there; nothing can be added after it."""
        self.thin(~np.isnan(self._buffer[: self._filled]))
        return self._buffer[: self._filled]


def _hashes(first: int, count: int) -> NDArray[np.uint64]:
    """SplitMix64 of the row numbers (Steele, Lea, Flood 2014)."""
    mixed = np.arange(first + 1, first + count + 1, dtype=np.uint64)
    mixed *= np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
