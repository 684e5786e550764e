"""The first pass: what there is in each column, in bounded memory.

A column is surveyed as numbers or as texts.  It refuses to decide what the column is; `kinds` does.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modelmonitor_cli.baseline.sample import ValueSample
from modelmonitor_cli.baseline.values import Column, Floats, lengths_of, numbers_of, texts_of

MOST_DISCRETE: Final = 25
"""Different numbers that still get a bin each."""
MOST_TEXTS: Final = 100_000
"""Different texts counted; a column with more has no categories."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """A column seen as numbers; `distinct` (rows by number) is None above MOST_DISCRETE.

    `rising`: whole numbers, each larger than the one before.  `sample` holds no NaN.
    """

    rows: int
    missing: int
    words: int
    infinite: int
    whole: bool
    rising: bool
    distinct: dict[float, int] | None
    minimum: float
    maximum: float
    sample: Floats

    @property
    def counted(self) -> int:
        """Rows with a number."""
        return self.rows - self.missing - self.words - self.infinite


@dataclass(frozen=True, slots=True)
class TextFacts:
    """A column seen as texts: rows by text, of at most MOST_TEXTS texts.

    `counted_rows` are the rows among which those texts were counted; where texts were too many,
    that is the beginning of the table (`overflown`).  `sample` holds lengths in characters.
    """

    rows: int
    missing: int
    counts: dict[str, int]
    counted_rows: int
    overflown: bool
    sample: Floats

    @property
    def counted(self) -> int:
        """Rows with a text."""
        return self.rows - self.missing


Facts = NumberFacts | TextFacts


class NumberSurvey:
    """Collects NumberFacts block by block."""

    def __init__(self) -> None:
        self._rows = self._missing = self._words = self._infinite = 0
        self._whole = self._rising = True
        self._last = -np.inf
        self._minimum, self._maximum = np.inf, -np.inf
        self._distinct: dict[float, int] | None = {}
        self._sample = ValueSample()

    def add(self, column: Column, kept: Mask) -> None:
        """See one block, of which the rows `kept` are sampled."""
        numbers = numbers_of(column)
        self._rows += len(numbers.values)
        self._missing += numbers.missing
        self._words += numbers.words
        self._infinite += numbers.infinite
        self._sample.add(numbers.values, kept)
        values = numbers.values[~np.isnan(numbers.values)]
        if len(values):
            self._see(values)

    def thin(self, kept: Mask) -> None:
        """Keep only these of the sampled rows."""
        self._sample.thin(kept)

    def facts(self) -> NumberFacts:
        """What was seen."""
        return NumberFacts(
            rows=self._rows,
            missing=self._missing,
            words=self._words,
            infinite=self._infinite,
            whole=self._whole,
            rising=self._rising and self._whole,
            distinct=self._distinct,
            minimum=float(self._minimum),
            maximum=float(self._maximum),
            sample=self._sample.known(),
        )

    def _see(self, values: Floats) -> None:
        self._minimum = min(self._minimum, values.min())
        self._maximum = max(self._maximum, values.max())
        self._whole = self._whole and bool((np.floor(values) == values).all())
        if self._rising:
            self._rising = bool(values[0] > self._last and (values[1:] > values[:-1]).all())
            self._last = values[-1]
        if self._distinct is not None:
            self._distinct = _more_distinct(self._distinct, values)


class TextSurvey:
    """Collects TextFacts block by block."""

    def __init__(self) -> None:
        self._rows = self._missing = self._counted_rows = 0
        self._counts: dict[str, int] = {}
        self._overflown = False
        self._sample = ValueSample()

    def add(self, column: Column, kept: Mask) -> None:
        """See one block, of which the rows `kept` are sampled."""
        self._rows += len(column)
        self._missing += column.null_count
        self._sample.add(lengths_of(column).values, kept)
        if not self._overflown:
            self._count(column)

    def thin(self, kept: Mask) -> None:
        """Keep only these of the sampled rows."""
        self._sample.thin(kept)

    def facts(self) -> TextFacts:
        """What was seen."""
        return TextFacts(
            rows=self._rows,
            missing=self._missing,
            counts=self._counts,
            counted_rows=self._counted_rows,
            overflown=self._overflown,
            sample=self._sample.known(),
        )

    def _count(self, column: Column) -> None:
        texts = texts_of(column)
        rows = np.bincount(texts.codes[texts.codes >= 0], minlength=len(texts.distinct))
        counts = self._counts
        for text, count in zip(texts.distinct, rows.tolist(), strict=True):
            if text in counts:
                counts[text] += count
            elif len(counts) < MOST_TEXTS:
                counts[text] = count
            else:
                self._overflown = True
        self._counted_rows += int(rows.sum())


Survey = NumberSurvey | TextSurvey


def _more_distinct(known: dict[float, int], values: Floats) -> dict[float, int] | None:
    """Rows by number with these added; None where the numbers become too many."""
    if len(np.unique(values[: 4 * MOST_DISCRETE])) > MOST_DISCRETE:
        return None
    found, rows = np.unique(values, return_counts=True)
    if len(found) > MOST_DISCRETE:
        return None
    both = dict(known)
    for value, count in zip(found.tolist(), rows.tolist(), strict=True):
        both[value + 0.0] = both.get(value + 0.0, 0) + count
    return both if len(both) <= MOST_DISCRETE else None
