"""Which of a model's outputs is the prediction, and which the score.

As the resource says; otherwise one value a row is the prediction, several are class scores, and of
named outputs the usual names decide.  The score of two classes is the second's (as with
`predict_proba(X)[:, 1]`), of more classes the largest.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from modelmonitor_api.spec import Locator, Output
from modelmonitor_sidecar.decode.rows import Records, Table
from modelmonitor_sidecar.decode.tables import alone

PREDICTION_NAMES: Final = (
    "predict",
    "prediction",
    "predictions",
    "predicted_label",
    "label",
    "class",
    "output",
    "result",
)
SCORE_NAMES: Final = ("predict_proba", "probability", "probabilities", "score", "scores")

Column = list[Any] | NDArray[Any]
Columns = tuple[Column | None, Column | None]


def predictions(outputs: Table | None, prediction: Output | None, score: Output | None) -> Columns:
    """One prediction and one score a row; None where the answer has no such column.

    A value that is neither is left as it came (a list, a mapping): its reader counts it invalid.
    """
    if outputs is None or not outputs.count:
        return None, None
    if isinstance(outputs, Records) or outputs.names is not None:
        return _of_named(outputs, prediction, score)
    if prediction is None and score is None:
        return _of_vectors(outputs.values)
    usual_prediction, usual_score = _of_vectors(outputs.values)
    return (
        _at(outputs.values, prediction.locator) if prediction else usual_prediction,
        _at(outputs.values, score.locator) if score else usual_score,
    )


def _of_vectors(values: Column) -> Columns:
    """Judged by the first row: one value is the prediction, more are class scores."""
    if isinstance(values, np.ndarray):
        return _of_matrix(values)
    if len(values[0]) == 1:
        return [row[0] if len(row) == 1 else row for row in values], None
    return [_largest_class(row) for row in values], [_score(row) for row in values]


def _of_matrix(values: NDArray[Any]) -> Columns:
    classes = values.shape[1]
    if classes == 0:
        return None, None
    if classes == 1:
        return values[:, 0], None
    return values.argmax(axis=1), values[:, 1] if classes == 2 else values.max(axis=1)


def _at(values: Column, locator: Locator) -> Column | None:
    """One place of each row; a row that ends before it has null there."""
    place = locator.index
    if place is None:
        return None
    if isinstance(values, np.ndarray):
        return values[:, place] if place < values.shape[1] else None
    return [row[place] if place < len(row) else None for row in values]


def _of_named(outputs: Table, prediction: Output | None, score: Output | None) -> Columns:
    names = _names(outputs)
    predicted_name = _located(names, prediction) if prediction else None
    score_name = _located(names, score) if score else _usual(names, SCORE_NAMES, predicted_name)
    if prediction is None:
        predicted_name = _usual(names, PREDICTION_NAMES, score_name) or _only(names, score_name)
    predicted, scored = _cells(outputs, predicted_name), _cells(outputs, score_name)
    if predicted is None and prediction is None and _are_scores(scored):
        predicted = scored
    if scored is None and score is None and _are_scores(predicted):
        scored = predicted
    return _each(_largest_class, predicted), _each(_score, scored)


def _names(outputs: Table) -> tuple[str, ...]:
    if isinstance(outputs, Records):
        return tuple(outputs.rows[0])
    return outputs.names or ()


def _located(names: tuple[str, ...], output: Output) -> str | None:
    locator = output.locator
    if locator.index is not None:
        return names[locator.index] if locator.index < len(names) else None
    name = locator.output if locator.output is not None else locator.path
    return name if name in names else None


def _usual(names: tuple[str, ...], usual: tuple[str, ...], taken: str | None) -> str | None:
    return next((name for name in usual if name in names and name != taken), None)


def _only(names: tuple[str, ...], taken: str | None) -> str | None:
    rest = [name for name in names if name != taken]
    return rest[0] if len(rest) == 1 else None


def _cells(outputs: Table, name: str | None) -> Column | None:
    if name is None:
        return None
    if isinstance(outputs, Records):
        return [row.get(name) for row in outputs.rows]
    place = (outputs.names or ()).index(name)
    return _at(outputs.values, Locator(index=place))


def _are_scores(cells: Column | None) -> bool:
    """Whether the cells are class scores, judged by the first."""
    if not isinstance(cells, list):
        return False
    first = alone(cells[0])
    return isinstance(first, list | dict)


def _each(reading: Callable[[Any], Any], cells: Column | None) -> Column | None:
    if isinstance(cells, list):
        return [reading(cell) for cell in cells]
    return cells


def _largest_class(cell: Any) -> Any:
    """The place (or the name) of the largest score; what is no vector of numbers as it came."""
    cell = alone(cell)
    kind = type(cell)
    if kind is not list and kind is not dict:
        return cell
    scores = cell if kind is list else list(cell.values())
    largest = _largest(scores)
    if largest is None:
        return cell
    place = scores.index(largest)
    return place if kind is list else list(cell)[place]


def _score(cell: Any) -> Any:
    cell = alone(cell)
    kind = type(cell)
    if kind is not list and kind is not dict:
        return cell
    scores = cell if kind is list else list(cell.values())
    largest = _largest(scores)
    if largest is None:
        return cell
    return scores[1] if len(scores) == 2 else largest


def _largest(scores: list[Any]) -> float | None:
    """The largest of numbers; None where there is none or one of them is no number."""
    if not set(map(type, scores)) <= {int, float}:
        return None
    return max(scores, default=None)
