"""Plain JSON: rows where the resource's paths say; without paths, by what the body looks like.

A list of lists or objects is rows; a list of values is one row; an object is one row, unless all
it holds are columns of equal length; a lone key around any of these is looked into.
"""

from typing import Any, Final

from modelmonitor_sidecar.decode.answer_tables import answer_table, checked, paired
from modelmonitor_sidecar.decode.answers import PREDICTION_NAMES, SCORE_NAMES
from modelmonitor_sidecar.decode.decoder import Decoder
from modelmonitor_sidecar.decode.message import Message
from modelmonitor_sidecar.decode.paths import required
from modelmonitor_sidecar.decode.plan import Plan
from modelmonitor_sidecar.decode.rows import Reason, Records, Table, Undecodable
from modelmonitor_sidecar.decode.tables import table_of_columns, table_of_rows

MAX_WRAPPED: Final = 4
_USUAL_NAMES: Final = frozenset(PREDICTION_NAMES + SCORE_NAMES)
_CONTAINERS: Final = (list, dict)


def recognises(document: Any) -> bool:
    """Any list or object: this protocol is asked last."""
    return type(document) in _CONTAINERS


def inputs(request: Message, plan: Plan) -> Table:
    """The rows at the path of `instances`, or those that the body seems to hold."""
    document = request.document()
    if plan.instances is not None:
        document = required(document, plan.instances)
    if plan.features:
        return table_of_rows(_rows_of(document), plan.features)
    return _guessed(document)


def outputs(answer: Message, count: int, plan: Plan) -> Table:
    """One element a row, wherever a lone key or a usual name leads to as many."""
    document = answer.document()
    for _ in range(MAX_WRAPPED):
        if type(document) is not dict:
            return _unnamed(document, count)
        if len(document) != 1:
            break
        ((name, value),) = document.items()
        if not _leads_on(name, value, count):
            break
        document = value
    return _by_name(document, count)


def _rows_of(found: Any) -> list[Any]:
    """A list of rows as it is; one object or one flat list is one row."""
    if type(found) is list and (not found or any(type(row) in _CONTAINERS for row in found)):
        return found
    return [found]


def _guessed(document: Any) -> Table:
    for _ in range(MAX_WRAPPED):
        if type(document) is list:
            return table_of_rows(_rows_of(document))
        if type(document) is not dict:
            raise Undecodable(Reason.SHAPE_UNKNOWN)
        if len(document) != 1:
            break
        (value,) = document.values()
        if type(value) not in _CONTAINERS:
            break
        document = value
    return table_of_columns(document) if _are_columns(document) else Records([document])


def _are_columns(document: dict[str, Any]) -> bool:
    columns = list(document.values())
    if not columns or any(type(column) is not list for column in columns):
        return False
    return all(len(column) == len(columns[0]) for column in columns)


def _leads_on(name: str, value: Any, count: int) -> bool:
    """Whether a lone key only wraps the answer: its name says nothing, or its value has rows."""
    if type(value) is dict:
        return name not in _USUAL_NAMES or not _USUAL_NAMES.isdisjoint(value)
    return _are_records(value, count)


def _are_records(value: Any, count: int) -> bool:
    return type(value) is list and len(value) == count > 0 and type(value[0]) is dict


def _unnamed(value: Any, count: int) -> Table:
    return checked(answer_table(paired(value, count), count), count)


def _by_name(document: dict[str, Any], count: int) -> Table:
    for value in document.values():
        if _are_records(value, count):
            return answer_table(value, count)
    if count == 1:
        return Records([document])
    columns = {
        name: column
        for name, column in document.items()
        if type(column) is list and len(column) == count
    }
    return answer_table(columns, count)


DECODER: Final = Decoder("JSON", inputs, outputs, recognises)
