"""The same tables for us and for our peers: healthy columns, and columns that have moved.

It needs numpy alone, so that every environment can make them; equal seeds make equal tables.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

COLUMNS = 20
REFERENCE_ROWS = 10_000
ROWS = (100, 500, 1_000, 5_000)
SHIFTS = (0.0, 0.1, 0.25, 0.5)
"""Standard deviations by which all columns have moved."""
WINDOWS = 5
"""Of each number of rows and each shift."""
SEED = 20

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A number of rows and a shift, and its windows laid end to end."""

    rows: int
    shift: float
    table: Table

    @property
    def windows(self) -> Iterator[Table]:
        """Each by itself."""
        for first in range(0, len(self.table), self.rows):
            yield self.table[first : first + self.rows]


def reference() -> Table:
    """What windows are compared with: standard normal."""
    return np.random.default_rng(SEED).normal(size=(REFERENCE_ROWS, COLUMNS))


def cases() -> Iterator[Case]:
    """Every number of rows with every shift."""
    chance = np.random.default_rng(SEED + 1)
    for rows in ROWS:
        for shift in SHIFTS:
            yield Case(rows, shift, chance.normal(shift, size=(rows * WINDOWS, COLUMNS)))


def column_names() -> list[str]:
    """Of the tables."""
    return [f"feature_{place:02d}" for place in range(COLUMNS)]


def cell(case: Case, flagged: Any) -> dict[str, float]:
    """One line of a peer's answer: the share of columns that were flagged."""
    return {"rows": case.rows, "shift": case.shift, "flagged": float(np.mean(flagged))}
