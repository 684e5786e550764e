"""Predictions and scores that the resource locates by a path into the answer.

Each becomes a column named by its path, beside whatever else of the answer can be read.
"""

from typing import Any, Final

from modelmonitor_sidecar.decode.answer_tables import paired
from modelmonitor_sidecar.decode.decoder import Decoder
from modelmonitor_sidecar.decode.message import Message
from modelmonitor_sidecar.decode.paths import required
from modelmonitor_sidecar.decode.plan import Plan
from modelmonitor_sidecar.decode.rows import Reason, Records, Undecodable
from modelmonitor_sidecar.decode.tables import alone

UNNAMED: Final = ""
"""The column of an answer whose values have no names."""


def table_of_paths(answer: Message, count: int, decoder: Decoder, plan: Plan) -> Records:
    """`count` rows with the located values; Undecodable where a path leads nowhere."""
    rows = _rows_beside(answer, count, decoder, plan)
    document = _document(answer, rows)
    for name, path in plan.answers:
        for row, value in zip(rows, paired(required(document, path), count), strict=True):
            row[name] = value
    return Records(rows)


def _rows_beside(answer: Message, count: int, decoder: Decoder, plan: Plan) -> list[dict[str, Any]]:
    try:
        table = decoder.outputs(answer, count, plan)
    except Undecodable:
        return [{} for _ in range(count)]
    if isinstance(table, Records):
        return [dict(row) for row in table.rows]
    values = table.values if isinstance(table.values, list) else table.values.tolist()
    if table.names is None:
        return [{UNNAMED: alone(row)} for row in values]
    return [dict(zip(table.names, row, strict=False)) for row in values]


def _document(answer: Message, rows: list[dict[str, Any]]) -> Any:
    """The answer's root; of JSON Lines the list of the lines."""
    try:
        return answer.document()
    except Undecodable as error:
        if error.reason is Reason.NOT_JSON and rows and rows[0]:
            return list(rows)
        raise
