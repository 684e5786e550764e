"""How often the model was right, by predicted class and score: what later tells quality without
labels.  A class with scores up to `edge` has so many rows, of which so many bore that label.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from modelmonitor_api.baseline import CalibrationBin
from modelmonitor_api.spec import Kind
from modelmonitor_cli.baseline.edges import equal_mass_edges
from modelmonitor_cli.baseline.features import FeaturePlan
from modelmonitor_cli.baseline.sources import Source
from modelmonitor_cli.baseline.survey import NumberFacts
from modelmonitor_cli.baseline.values import Column, Texts, booleans_of, numbers_of, texts_of

SCORE_BINS: Final = 20
MOST_CLASSES: Final = 25


@dataclass(frozen=True, slots=True)
class CalibrationPlan:
    """The columns, and the last score of each bin, rising; larger scores count in the last bin."""

    prediction: FeaturePlan
    score: Source
    label: Source
    edges: tuple[float, ...]


class CalibrationTally:
    """Rows and hits by predicted class and score; at most MOST_CLASSES classes."""

    def __init__(self, plan: CalibrationPlan) -> None:
        self._plan = plan
        self._edges = np.array(plan.edges)
        self._rows: dict[str, np.typing.NDArray[np.int64]] = {}
        self._correct: dict[str, np.typing.NDArray[np.int64]] = {}

    def add(self, block: pa.Table) -> None:
        """Count one block; rows without prediction, score or label tell nothing."""
        kind = self._plan.prediction.kind
        predicted = _classes(self._plan.prediction.source.column_of(block), kind)
        labels = _classes(self._plan.label.column_of(block), kind)
        scores = numbers_of(self._plan.score.column_of(block)).values
        known = (predicted.codes >= 0) & (labels.codes >= 0) & ~np.isnan(scores)
        place = np.searchsorted(self._edges[:-1], scores[known], side="left")
        right = _same(predicted, labels)[known]
        for code, name in enumerate(predicted.distinct):
            of_class = predicted.codes[known] == code
            self._count(name, place[of_class], right[of_class])

    def table(self) -> tuple[CalibrationBin, ...]:
        """The bins that hold rows, by class and edge; nothing where there are too many classes."""
        if len(self._rows) > MOST_CLASSES:
            return ()
        return tuple(
            CalibrationBin(name, edge, int(rows), int(correct))
            for name in sorted(self._rows)
            for edge, rows, correct in zip(
                self._plan.edges, self._rows[name], self._correct[name], strict=True
            )
            if rows
        )

    def _count(
        self, name: str, place: np.typing.NDArray[np.int64], right: np.typing.NDArray[np.bool_]
    ) -> None:
        if name not in self._rows:
            if len(self._rows) > MOST_CLASSES:
                return
            self._rows[name] = np.zeros(len(self._edges), dtype=np.int64)
            self._correct[name] = np.zeros(len(self._edges), dtype=np.int64)
        self._rows[name] += np.bincount(place, minlength=len(self._edges))
        self._correct[name] += np.bincount(place[right], minlength=len(self._edges))


def score_edges(facts: NumberFacts) -> tuple[float, ...]:
    """Twenty even bins for scores from 0 to 1, else twenty of equal mass."""
    if facts.minimum >= 0 and facts.maximum <= 1:
        return tuple((step + 1) / SCORE_BINS for step in range(SCORE_BINS))
    return (*equal_mass_edges(facts.sample, SCORE_BINS, facts.counted), facts.maximum)


def given_score_edges(table: Sequence[CalibrationBin]) -> tuple[float, ...]:
    """The edges of another baseline's table."""
    return tuple(sorted({one.edge for one in table}))


def _classes(column: Column, kind: Kind) -> Texts:
    if kind == "boolean":
        return booleans_of(column)
    if kind == "categorical":
        return texts_of(column)
    return texts_of(pa.array(numbers_of(column).values, pa.float64(), from_pandas=True))


def _same(predicted: Texts, labels: Texts) -> np.typing.NDArray[np.bool_]:
    """Whether both are one text, row by row."""
    place = {text: code for code, text in enumerate(predicted.distinct)}
    translated = [place.get(text, -2) for text in labels.distinct]
    return np.asarray(np.array([*translated, -2])[labels.codes] == predicted.codes)
