"""Counters of one stretch of rows in the making.

What is a number goes into one matrix of lanes, so that all lanes are counted at once; NaN there is
what is missing or was no number.  Missing is then what is left:  rows - finite - invalid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .categories import REASONS, CategoryTally, Problem
from .columns import Plan
from .counts import Counts
from .lanes import Lanes
from .layout import Layout
from .values import Numbers, matrix, numbers, text_numbers

Floats = NDArray[np.float64]

_REASON: Final = {Problem(reason): place for place, reason in enumerate(REASONS)}


@dataclass(slots=True)
class Counted:
    """The counters of one stretch, and its numbers in the lanes in use, for the sketch."""

    counts: Counts
    lanes: Lanes


class Draft:
    """Counters in the making."""

    def __init__(self, layout: Layout, rows: int) -> None:
        self._layout = layout
        self._counts = Counts(layout)
        self._counts.rows = rows
        self._scale = layout.scale
        self._matrix: NDArray[Any] | None = None
        self._lanes: dict[int, NDArray[Any]] = {}

    def rows(self, features: NDArray[np.intp], good: int, wrong_width: int) -> None:
        """So many rows came for these features."""
        counts = self._counts
        counts.feature_rows[features] += good + wrong_width
        if wrong_width:
            counts.invalid[_REASON[Problem.WIDTH], features] += wrong_width
            counts.rows_wrong_width += wrong_width

    def absent(self, rows_by_feature: Mapping[int, int]) -> None:
        """So many rows lacked the feature's column, and so are among its missing ones."""
        for feature, rows in rows_by_feature.items():
            self._counts.absent[feature] = rows

    def unexpected(self, rows: int) -> None:
        """So many rows had a column that nobody expects."""
        self._counts.rows_unexpected_column = rows

    def put_array(self, plan: Plan, values: NDArray[Any]) -> None:
        """Numbers of all columns."""
        self._scale = self._layout.scale_for(values.dtype)
        if plan.straight:
            self._matrix = values
        else:
            self._lanes |= {lane: values[:, column] for column, lane in plan.numeric}
        for column, lane, measure in plan.text:
            self.put_lane(lane, text_numbers(values[:, column].tolist(), measure))
        for column, place in plan.categorical:
            self.put_category(place, values[:, column].tolist())
        self._put_absent(plan, len(values))

    def put_columns(self, plan: Plan, columns: list[tuple[Any, ...]], rows: int) -> None:
        """Any values, column by column."""
        if rows:
            self._put_numeric(plan, columns)
            for column, lane, measure in plan.text:
                self.put_lane(lane, text_numbers(columns[column], measure))
            for column, place in plan.categorical:
                self.put_category(place, columns[column])
        self._put_absent(plan, rows)

    def put_lane(self, lane: int, found: Numbers) -> None:
        """One lane's numbers."""
        self._lanes[lane] = found.values
        for problem, rows in found.invalid.items():
            self._counts.invalid[_REASON[problem], lane] += rows

    def put_category(self, place: int, column: Sequence[Any]) -> None:
        """One categorical feature's values."""
        self._add_tally(place, self._layout.category_cells[place].tally(column))

    def finished(self) -> Counted:
        """Count the lanes, and settle what is missing."""
        found = Lanes.of_rows(self._assembled())
        counts, bins, lanes = self._counts, self._scale.bins, len(found.values)
        if found.finite is not None:
            infinite = np.isinf(found.values).sum(axis=1)
            counts.invalid[_REASON[Problem.INFINITE], :lanes] += infinite
        counts.missing[: self._layout.lanes] = self._lane_rows_left()
        counts.missing[:lanes] -= found.finite_rows()
        binned = found.part(0, len(self._layout.binned))
        counts.cells[: bins.total] += bins.count_cells(bins.cells_of(binned))
        counts.moments.add(found)
        self._flag_out_of_range(found)
        return Counted(counts, found)

    def _lane_rows_left(self) -> NDArray[np.int64]:
        """Rows by lane that are not invalid."""
        lanes, counts = self._layout.lanes, self._counts
        left = counts.feature_rows[:lanes].copy()
        left -= counts.invalid[:, :lanes].sum(axis=0)
        return left

    def _put_numeric(self, plan: Plan, columns: list[tuple[Any, ...]]) -> None:
        whole = matrix([columns[column] for column, _ in plan.numeric]) if plan.numeric else None
        for place, (column, lane) in enumerate(plan.numeric):
            self.put_lane(
                lane, numbers(columns[column]) if whole is None else Numbers(whole[place])
            )

    def _put_absent(self, plan: Plan, rows: int) -> None:
        """Categories that did not come are missing; lanes are so by being NaN."""
        came = {place for _, place in plan.categorical}
        for place, watched in enumerate(self._layout.categorical):
            if place not in came and watched.role == "input":
                self._counts.missing[self._layout.category_feature(place)] += rows

    def _add_tally(self, place: int, tally: CategoryTally) -> None:
        counts, feature = self._counts, self._layout.category_feature(place)
        start = self._layout.cells_of(feature).start
        for cell, rows in tally.cells.items():
            counts.cells[start + cell] += rows
        counts.unseen[feature] += tally.cells.get(self._layout.category_cells[place].unseen, 0)
        counts.out_of_range[feature] += tally.out_of_range
        counts.missing[feature] += tally.missing
        for problem, rows in tally.invalid.items():
            counts.invalid[_REASON[problem], feature] += rows

    def _assembled(self) -> Floats:
        """All numbers [rows, lanes], up to the last lane that has any."""
        if self._matrix is not None and not self._lanes:
            return self._matrix.astype(np.float64, copy=False)
        whole = self._empty()
        if self._matrix is not None:
            whole[: len(self._matrix), : self._matrix.shape[1]] = self._matrix
        for lane, values in self._lanes.items():
            whole[: len(values), lane] = values
        return whole

    def _empty(self) -> Floats:
        """Room for all numbers; NaN where no column fills it."""
        rows, lanes = (0, 0) if self._matrix is None else self._matrix.shape
        filled = rows * lanes + sum(map(len, self._lanes.values()))
        rows = max([rows, *map(len, self._lanes.values())])
        lanes = max([lanes, *(lane + 1 for lane in self._lanes)])
        room = np.empty((lanes, rows))
        if filled < rows * lanes:
            room.fill(np.nan)
        return room.T

    def _flag_out_of_range(self, found: Lanes) -> None:
        """Compare row by row only where the extremes say that there is something to find."""
        lanes = len(found.values)
        low, high = self._scale.limits[:, :lanes]
        moments = self._counts.moments
        beyond = (moments.minimum[:lanes] < low) | (moments.maximum[:lanes] > high)
        suspects = np.flatnonzero(beyond)
        if len(suspects):
            values = found.values[suspects]
            outside = (values < low[suspects, np.newaxis]) | (values > high[suspects, np.newaxis])
            if found.finite is not None:
                outside &= found.finite[suspects]  # infinities are invalid already
            self._counts.out_of_range[suspects] = outside.sum(axis=1)
