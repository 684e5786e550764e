"""From what was seen of a feature to what will be counted of it, and to its place in the baseline.

Edges and categories come from the survey, or are given by another baseline.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from modelmonitor_api.baseline import BaselineFeature, Bins, boolean_text
from modelmonitor_api.errors import InputError
from modelmonitor_api.names import MISSING, OTHER, UNSEEN
from modelmonitor_api.spec import Kind
from modelmonitor_cli.baseline.counting import BinTally, CategoryTally, Dispersions
from modelmonitor_cli.baseline.edges import discrete_edges, equal_mass_edges, top_categories
from modelmonitor_cli.baseline.sources import Source
from modelmonitor_cli.baseline.survey import Facts, NumberFacts, TextFacts
from modelmonitor_cli.baseline.values import (
    Integers,
    booleans_of,
    lengths_of,
    numbers_of,
    texts_of,
)
from modelmonitor_cli.baseline.windows import BlockWindows

_RESERVED = (OTHER, UNSEEN, MISSING)


@dataclass(frozen=True, slots=True)
class FeaturePlan:
    """A feature with its edges (numbers and lengths) or its categories (`edges` is None).

    `shift` is a number near the middle, from which squares are summed.
    """

    source: Source
    kind: Kind
    edges: tuple[float, ...] | None
    values: tuple[str, ...] = ()
    shift: float = 0.0

    @property
    def cells(self) -> int:
        """Bins, or categories and other."""
        return (len(self.values) if self.edges is None else len(self.edges)) + 1


class FeatureTally:
    """Counts one feature as planned."""

    def __init__(self, plan: FeaturePlan, dispersions: Dispersions) -> None:
        self._plan = plan
        self._tally: BinTally | CategoryTally
        if plan.edges is None:
            self._tally = CategoryTally(plan.values, dispersions)
        else:
            self._tally = BinTally(plan.edges, plan.shift, dispersions)

    def add(self, block: pa.Table, windows: Sequence[BlockWindows]) -> Integers:
        """Count one block; the cell of each row, one past the last where it has no value."""
        column, kind = self._plan.source.column_of(block), self._plan.kind
        if isinstance(self._tally, BinTally):
            numbers = lengths_of(column) if kind == "text" else numbers_of(column)
            return self._tally.add(numbers, windows)
        texts = booleans_of(column) if kind == "boolean" else texts_of(column)
        return self._tally.add(texts, windows)

    def feature(self) -> BaselineFeature:
        """What was counted; InputError where there was no value."""
        source = self._plan.source
        if not self._tally.cells.any():
            raise InputError(
                f"column {source.name!r}",
                f"has no value of kind {self._plan.kind}; leave it out with --ignore {source.name}",
            )
        return BaselineFeature(
            name=source.name,
            role=source.role,
            kind=self._plan.kind,
            counts=self._tally.counts(),
            missing_rows=self._tally.missing,
            invalid_rows=self._tally.invalid,
            rho=self._tally.rho(),
            derived=source.derived,
        )


def planned(source: Source, kind: Kind, facts: Facts, bins: int) -> FeaturePlan:
    """Edges or categories from what was seen; `facts` has a value."""
    if isinstance(facts, NumberFacts) and facts.distinct is not None:
        edges = discrete_edges(facts.distinct)
    elif isinstance(facts, NumberFacts) or kind == "text":
        edges = equal_mass_edges(facts.sample, bins, facts.counted)
    else:
        return FeaturePlan(source, kind, None, _categories(kind, facts))
    low = facts.minimum if isinstance(facts, NumberFacts) else float(np.min(facts.sample))
    return FeaturePlan(source, kind, edges, shift=_middle(edges, low))


def given(source: Source, feature: BaselineFeature) -> FeaturePlan:
    """Edges or categories of another baseline."""
    counts = feature.counts
    if isinstance(counts, Bins):
        shift = _middle(counts.edges, counts.minimum)
        return FeaturePlan(source, feature.kind, counts.edges, shift=shift)
    return FeaturePlan(source, feature.kind, None, counts.values)


def _categories(kind: Kind, facts: TextFacts) -> tuple[str, ...]:
    if kind != "boolean":
        return top_categories(facts.counts, _RESERVED)
    rows: Counter[str] = Counter()
    for text, count in facts.counts.items():
        boolean = boolean_text(text)
        if boolean is not None:
            rows[boolean] += count
    return top_categories(rows, ())


def _middle(edges: tuple[float, ...], low: float) -> float:
    return edges[len(edges) // 2] if edges else low
