"""Counts a stretch of rows: each row of each feature ends in a cell, as missing, or as invalid."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from modelmonitor_api.baseline import Baseline, Role

from .columns import Discovery, NameTally, Plan, Planner
from .draft import Counted, Draft
from .layout import Layout
from .tables import Table, first_values
from .values import Numbers, matrix, numbers, text_lengths

Outputs = Sequence[Any] | NDArray[Any]

_MOST_NAMES: Final = 100


class Counting:
    """Counts tables of one model into fresh `Counts`; knows where each column goes.

    `extra` counts rows by the names of columns that nobody expects.
    """

    def __init__(self, baseline: Baseline | None, layout: Layout, discovery: Discovery) -> None:
        self._layout, self._discovery = layout, discovery
        self._planner = Planner(baseline, layout, discovery)
        self._outputs = _output_places(layout)
        self._fixed_inputs = _input_places(layout)
        self.extra = NameTally(_MOST_NAMES)

    def count(self, table: Table, predictions: Outputs, scores: Outputs) -> Counted:
        """Count a table and the outputs that could be read of it (any number of them)."""
        draft = Draft(self._layout, len(table.values))
        self._count_inputs(draft, table)
        self._count_outputs(draft, "prediction", predictions)
        self._count_outputs(draft, "score", scores)
        return draft.finished()

    def _count_inputs(self, draft: Draft, table: Table) -> None:
        width = _width(table)
        names = table.names if table.names is not None else self._planner.names(width)
        plan = self._planner.plan(names, lambda: first_values(table.values, len(names)))
        self._tally_extra(plan, table)
        values = table.values
        if isinstance(values, np.ndarray):
            good = values if values.shape[1] == plan.width else values[:0]
            draft.put_array(plan, good)
        else:
            good = self._put_rows(draft, plan, values)
        draft.rows(self._inputs(), len(good), len(values) - len(good))
        draft.absent(self._absent_rows(plan, table, len(good)))
        draft.unexpected(self._unexpected_rows(plan, table, len(good)))

    def _put_rows(self, draft: Draft, plan: Plan, rows: Sequence[Sequence[Any]]) -> Any:
        """Put those rows that have the right width, and give them back."""
        if len(plan.numeric) == plan.width:
            values = matrix(rows)
            if values is not None and values.shape[1] == plan.width:
                draft.put_array(plan, values)
                return values
        if set(map(len, rows)) != {plan.width}:
            rows = [row for row in rows if len(row) == plan.width]
        draft.put_columns(plan, list(zip(*rows, strict=True)), len(rows))
        return rows

    def _absent_rows(self, plan: Plan, table: Table, good: int) -> Mapping[int, int]:
        """Rows that lack a whole column, by the feature's place."""
        if table.present is None:
            return dict.fromkeys(plan.absent, good)
        present, columns = table.present, self._layout.columns.items()
        return {at: good - present.get(name, 0) for name, at in columns}

    def _unexpected_rows(self, plan: Plan, table: Table, good: int) -> int:
        """Rows with a column that nobody expects."""
        if table.records is None or not plan.extra:
            return good if plan.extra else 0
        return sum(not self._planner.expects(record) for record in table.records)

    def _inputs(self) -> NDArray[np.intp]:
        """All features that come with requests, as known by now."""
        first = len(self._layout.binned)
        found = [first + i for i, w in enumerate(self._discovery.watched) if w.role == "input"]
        return np.array([*self._fixed_inputs, *found], dtype=np.intp)

    def _count_outputs(self, draft: Draft, role: Role, outputs: Outputs) -> None:
        if not len(outputs):
            return
        place = self._outputs.get(role)
        column = outputs.tolist() if isinstance(outputs, np.ndarray) else outputs
        if place is None:
            sample = next((value for value in column if value is not None), None)
            place = None if sample is None else self._discovery.discover(role, role, sample)
        if place is None:
            return
        draft.rows(np.array([place]), len(column), 0)
        if place >= self._layout.lanes:
            draft.put_category(place - self._layout.lanes, column)
        else:
            draft.put_lane(place, self._output_numbers(place, column))

    def _output_numbers(self, lane: int, column: Sequence[Any]) -> Numbers:
        binned = self._layout.binned
        kind = binned[lane].kind if lane < len(binned) else self._discovery.kind(lane)
        return text_lengths(column) if kind == "text" else numbers(column)

    def _tally_extra(self, plan: Plan, table: Table) -> None:
        rows = len(table.values)
        for name in plan.extra:
            self.extra.add(name, rows if table.present is None else table.present[name])


def _width(table: Table) -> int:
    if isinstance(table.values, np.ndarray):
        return int(table.values.shape[1])
    return len(table.values[0]) if len(table.values) else 0


def _output_places(layout: Layout) -> dict[Role, int]:
    """The first feature of each output's role."""
    places: dict[Role, int] = {}
    for lane, watched in enumerate(layout.binned):
        places.setdefault(watched.role, lane)
    for place, watched in enumerate(layout.categorical):
        places.setdefault(watched.role, layout.category_feature(place))
    return places


def _input_places(layout: Layout) -> list[int]:
    lanes = [i for i, w in enumerate(layout.binned) if w.role == "input"]
    named = [i for i, w in enumerate(layout.categorical) if w.role == "input"]
    return lanes + [layout.category_feature(i) for i in named]
