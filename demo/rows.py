"""The held-out rows as traffic: shuffled, each once before any comes again."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pyarrow.parquet

Row = dict[str, str | float | None]

FEATURES: Final = (
    "sex", "equipment", "division", "age", "bodyweight_kg", "best3squat_kg", "best3bench_kg",
)  # fmt: skip


def held_out(file: Path) -> list[Row]:
    """The rows of a parquet file, features only."""
    return pyarrow.parquet.read_table(file, columns=list(FEATURES)).to_pylist()


def endless(rows: list[Row], chance: random.Random) -> Iterator[Row]:
    """The rows in a new random order each time round."""
    while True:
        yield from chance.sample(rows, len(rows))


class Source:
    """What the client sends: rows, some of them changed while something is broken.

    Invariant: rows are never changed in place.
    """

    def __init__(self, rows: list[Row], seed: int) -> None:
        self._chance = random.Random(seed)
        self._rows = rows
        self._next = endless(rows, self._chance)
        self._segment: Iterator[Row] = iter(())
        self.heal()

    def heal(self) -> None:
        """Send rows as they are."""
        self._share = 0.0

    def change(self, share: float, change: Callable[[Row], Row]) -> None:
        """Send a share of the rows changed."""
        self._share, self._change, self._segment = share, change, self._next

    def replace(self, share: float, chosen: Callable[[Row], bool]) -> None:
        """Send, in place of a share of the rows, chosen ones."""
        segment = [row for row in self._rows if chosen(row)]
        self._share, self._change, self._segment = share, dict, endless(segment, self._chance)

    def take(self, count: int) -> list[Row]:
        """The next rows."""
        return [self._one() for _ in range(count)]

    def _one(self) -> Row:
        if self._share and self._chance.random() < self._share:
            return self._change(next(self._segment))
        return next(self._next)
