"""The counters of one version of a model as series: labels written once, numbers filled in.

All series of a family are one %-template over one array, so a scrape costs about 0.2 us a series.
Whole features only: which ones is the budget's affair (`series_budget`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modelmonitor_api import names
from modelmonitor_api.baseline import Categories
from modelmonitor_sidecar.expose.labels import (
    bin_labels,
    bounded,
    category_label,
    feature_label,
)
from modelmonitor_sidecar.exposition import joined, label_text, number
from modelmonitor_sidecar.stats.categories import REASONS
from modelmonitor_sidecar.stats.counts import Counts
from modelmonitor_sidecar.stats.layout import Layout, Watched
from modelmonitor_sidecar.stats.sketch import Sketch

Integers = NDArray[np.int64]

QUANTILES: Final = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Place:
    """One feature, its label, and its place among the features of the counters."""

    watched: Watched
    label: str
    place: int
    cells: slice
    lane: bool
    """A number (or a text's length), with moments."""
    column: bool
    """A column of the baseline, which a row may lack."""

    @property
    def binned(self) -> bool:
        """A lane with bins; without them it has quantiles."""
        return self.lane and self.cells.stop > self.cells.start


def places(layout: Layout, watched: Iterable[tuple[int, Watched]]) -> list[Place]:
    """Every feature that is watched (with its place in the counters), and its cells."""
    known = {at: bounded(one.name) for at, one in layout.known.items()}
    taken, columns = set(known.values()), set(layout.columns.values())
    return [
        Place(
            one,
            known.get(at) or feature_label(one.name, one.role, taken),
            at,
            layout.cells_of(at),
            lane=at < layout.lanes,
            column=at in columns,
        )
        for at, one in watched
    ]


@dataclass(frozen=True, slots=True)
class Template:
    """Lines of one family, with a place for each number."""

    family: str
    text: str

    def filled(self, values: Iterable[object]) -> tuple[str, str]:
        """The family, and its lines with a number for each."""
        return self.family, self.text % tuple(values)


def template(family: str, labels: Iterable[str], suffix: str = "") -> Template:
    """One line for each label text."""
    name = f"{family}{suffix}"
    lines = [f"{name}{{{text.replace('%', '%%')}}} %s\n" for text in labels]
    return Template(family, "".join(lines))


class LiveSeries:
    """The feature series of one version of a model; `common` has all labels that they share."""

    def __init__(self, common: str, features: Sequence[Place]) -> None:
        own = {one.place: _own(common, one) for one in features}
        binned = [one for one in features if one.binned]
        self._categorical = [one for one in features if not one.lane]
        self._unbinned = [one for one in features if one.lane and not one.binned]
        self._lanes = _indices(one.place for one in features if one.lane)
        self._all = _indices(own)
        self._columns = _indices(one.place for one in features if one.column)
        self._bins = _Cumulative(binned)
        lanes = [own[place] for place in self._lanes]
        self._cumulative = template(names.FEATURE_CUMULATIVE_ROWS, _bin_texts(binned, own))
        self._category = template(
            names.FEATURE_CATEGORY_ROWS, _category_texts(self._categorical, own)
        )
        self._missing = template(names.FEATURE_MISSING_ROWS, own.values())
        self._absent = template(names.FEATURE_ABSENT_ROWS, [own[at] for at in self._columns])
        self._invalid = template(names.FEATURE_INVALID_ROWS, _reason_texts(own.values()))
        self._unseen = template(
            names.FEATURE_UNSEEN_ROWS, [own[one.place] for one in self._categorical]
        )
        self._range = template(names.FEATURE_OUT_OF_RANGE_ROWS, own.values())
        self._quantiles = template(
            names.FEATURE_VALUE, _quantile_texts(own[one.place] for one in self._unbinned)
        )
        self._sum = template(names.FEATURE_VALUE, lanes, "_sum")
        self._count = template(names.FEATURE_VALUE, lanes, "_count")
        self._squares = template(names.FEATURE_VALUE_SQUARES, lanes)

    @property
    def series(self) -> int:
        """How many lines there are."""
        return sum(one.text.count("\n") for one in self._templates())

    def lines(self, counts: Counts, sketch: Sketch) -> Iterator[tuple[str, str]]:
        """Family and lines; families in no order."""
        moments = counts.moments
        sums = moments.sums + moments.shift * moments.values
        yield self._cumulative.filled(self._bins.of(counts.cells))
        yield self._category.filled(self._category_rows(counts))
        yield self._missing.filled(counts.missing.take(self._all).tolist())
        yield self._absent.filled(counts.absent.take(self._columns).tolist())
        yield self._invalid.filled(counts.invalid[:, self._all].T.ravel().tolist())
        yield self._unseen.filled(self._of_categorical(counts.unseen))
        yield self._range.filled(counts.out_of_range.take(self._all).tolist())
        yield self._quantiles.filled(list(self._quantile_values(counts, sketch)))
        yield self._sum.filled(map(number, sums.take(self._lanes).tolist()))
        yield self._count.filled(moments.values.take(self._lanes).tolist())
        yield self._squares.filled(map(number, moments.squares.take(self._lanes).tolist()))

    def _templates(self) -> tuple[Template, ...]:
        return (
            self._cumulative, self._category, self._missing, self._absent, self._invalid,
            self._unseen, self._range, self._quantiles, self._sum, self._count, self._squares,
        )  # fmt: skip

    def _category_rows(self, counts: Counts) -> list[int]:
        """Cells of each feature, and its missing rows behind them."""
        rows: list[int] = []
        for one in self._categorical:
            rows += counts.cells[one.cells].tolist()
            rows.append(int(counts.missing[one.place]))
        return rows

    def _of_categorical(self, values: Integers) -> list[int]:
        return [int(values[one.place]) for one in self._categorical]

    def _quantile_values(self, counts: Counts, sketch: Sketch) -> Iterator[str]:
        for one in self._unbinned:
            seen = counts.moments.values[one.place] > 0
            values = sketch.quantiles(one.place, QUANTILES) if seen else [nan] * len(QUANTILES)
            yield from map(number, values)


class _Cumulative:
    """Rows in each bin or a lower one of its feature, for all features at once."""

    def __init__(self, features: Sequence[Place]) -> None:
        self._cells = _indices(cell for one in features for cell in _range(one.cells))
        self._starts = _indices(one.cells.start for one in features for _ in _range(one.cells))

    def of(self, cells: Integers) -> list[int]:
        """The values, feature by feature."""
        before = np.concatenate(([0], np.cumsum(cells)))
        rows: list[int] = (before.take(self._cells + 1) - before.take(self._starts)).tolist()
        return rows


def _own(common: str, one: Place) -> str:
    return joined(common, label_text({names.L_FEATURE: one.label}))


def _bin_texts(features: Sequence[Place], own: Mapping[int, str]) -> Iterator[str]:
    for one in features:
        for label in bin_labels(len(_range(one.cells))):
            yield joined(own[one.place], label)


def _category_texts(features: Sequence[Place], own: Mapping[int, str]) -> Iterator[str]:
    for one in features:
        assert one.watched.baseline is not None
        counts = one.watched.baseline.counts
        assert isinstance(counts, Categories)
        known = map(category_label, counts.values)
        for category in (*known, names.OTHER, names.UNSEEN, names.MISSING):
            yield joined(own[one.place], label_text({names.L_CATEGORY: category}))


def _reason_texts(own: Iterable[str]) -> Iterator[str]:
    reasons = [label_text({names.L_REASON: reason}) for reason in REASONS]
    return (joined(text, reason) for text in own for reason in reasons)


def _quantile_texts(own: Iterable[str]) -> Iterator[str]:
    shares = [label_text({names.L_QUANTILE: str(share)}) for share in QUANTILES]
    return (joined(text, share) for text in own for share in shares)


def _range(cells: slice) -> range:
    return range(cells.start, cells.stop)


def _indices(values: Iterable[int]) -> NDArray[np.intp]:
    return np.fromiter(values, dtype=np.intp)
