"""Open Inference (KServe V2): tensors in JSON, and in binary after a JSON head.

A lone matrix is positional rows.  Otherwise each tensor is a column by its name (`name[0]`... where
it is a matrix), as is every tensor under `content_type: pd`.
"""

from typing import Any, Final

import numpy as np

from modelmonitor_sidecar.decode.decoder import Decoder
from modelmonitor_sidecar.decode.message import Message
from modelmonitor_sidecar.decode.plan import Plan
from modelmonitor_sidecar.decode.rows import Reason, Rows, Table, Undecodable
from modelmonitor_sidecar.decode.tables import table_of_named
from modelmonitor_sidecar.decode.tensors import Tensor, tensor


def recognises(document: Any) -> bool:
    """Whether a request of unknown protocol has tensors."""
    tensors = document.get("inputs") if type(document) is dict else None
    return (
        type(tensors) is list
        and bool(tensors)
        and type(tensors[0]) is dict
        and "datatype" in tensors[0]
    )


def inputs(request: Message, plan: Plan) -> Table:
    """`{"inputs": [{"name", "shape", "datatype", "data"}]}`; one row for each first index."""
    fields = request.fields()
    tensors = _tensors(fields.get("inputs"), request)
    if len(tensors) == 1 and not _is_frame(fields):
        return Rows(None, tensors[0].matrix())
    return _table(tensors)


def outputs(answer: Message, count: int, plan: Plan) -> Table:
    """`{"outputs": [...]}`: one named column a tensor, a list in each cell where it is a matrix.

    A tensor of another number of rows tells nothing of the rows and is left out.
    """
    tensors = _tensors(answer.fields().get("outputs"), answer)
    tensors = [each for each in tensors if each.rows == count]
    if not tensors:
        raise Undecodable(Reason.ROW_COUNTS_DIFFER)
    names = tuple(each.name for each in tensors)
    if len(tensors) == 1 and tensors[0].width == 1:
        return Rows(names, tensors[0].matrix())
    columns = [each.column() for each in tensors]
    return Rows(names, [list(row) for row in zip(*columns, strict=True)])


def _tensors(heads: Any, message: Message) -> list[Tensor]:
    if type(heads) is not list or not heads:
        raise Undecodable(Reason.SHAPE_UNKNOWN)
    start = max(message.headers_length, 0)
    binary = memoryview(message.body)[start:] if start else memoryview(b"")
    tensors: list[Tensor] = []
    for head in heads:
        each, binary = tensor(head, binary)
        tensors.append(each)
    return tensors


def _is_frame(fields: dict[str, Any]) -> bool:
    parameters = fields.get("parameters")
    return type(parameters) is dict and parameters.get("content_type") == "pd"


def _table(tensors: list[Tensor]) -> Rows:
    names = tuple(each.name for each in tensors)
    if any(each.rows != tensors[0].rows for each in tensors):
        raise Undecodable(Reason.ROW_COUNTS_DIFFER)
    arrays = [each.values for each in tensors if each.width == 1]
    if len(arrays) == len(tensors) and _are_alike(arrays):
        return Rows(names, np.stack(arrays, axis=1))
    return table_of_named(names, [each.column() for each in tensors])


def _are_alike(columns: list[Any]) -> bool:
    """Whether the columns are arrays of one type, so that no value changes in one matrix."""
    return all(
        isinstance(column, np.ndarray) and column.dtype == columns[0].dtype for column in columns
    )


DECODER: Final = Decoder("OpenInference", inputs, outputs, recognises)
