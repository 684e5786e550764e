"""MLflow's scoring server: `dataframe_split`, `dataframe_records`, `instances`, `inputs`, CSV."""

from typing import Any, Final

from modelmonitor_sidecar.decode import v1
from modelmonitor_sidecar.decode.answer_tables import answer_table
from modelmonitor_sidecar.decode.csv_rows import csv_lines, is_csv, under_header
from modelmonitor_sidecar.decode.decoder import Decoder
from modelmonitor_sidecar.decode.message import Message
from modelmonitor_sidecar.decode.plan import Plan
from modelmonitor_sidecar.decode.rows import Reason, Rows, Table, Undecodable
from modelmonitor_sidecar.decode.tables import column_names, table_of_rows

SPLIT: Final = "dataframe_split"
RECORDS: Final = "dataframe_records"


def recognises(document: Any) -> bool:
    """Whether a request of unknown protocol holds a data frame."""
    return type(document) is dict and (SPLIT in document or RECORDS in document)


def inputs(request: Message, plan: Plan) -> Table:
    """The rows of a data frame or of tensors; the first line of CSV names the columns."""
    if is_csv(request.content_type):
        return under_header(csv_lines(request.body))
    document = request.document()
    if type(document) is list:  # before MLflow 2
        return table_of_rows(document, plan.features)
    fields = request.fields()
    if SPLIT in fields:
        return _split(fields[SPLIT])
    if RECORDS in fields:
        return table_of_rows(fields[RECORDS], plan.features)
    if "data" in fields:  # before MLflow 2: `application/json; format=pandas-split`
        return _split(fields)
    return v1.inputs(request, plan)


def outputs(answer: Message, count: int, plan: Plan) -> Table:
    """`{"predictions": [...]}`, or before MLflow 2 the list alone."""
    document = answer.document()
    if type(document) is list:
        return answer_table(document, count)
    if type(document) is dict and "predictions" in document:
        return answer_table(document["predictions"], count)
    raise Undecodable(Reason.SHAPE_UNKNOWN)


def _split(frame: Any) -> Table:
    """`{"columns": [...], "data": [[...], ...]}`; the index is no column."""
    if type(frame) is not dict:
        raise Undecodable(Reason.SHAPE_UNKNOWN)
    columns = frame.get("columns")
    table = table_of_rows(frame.get("data"))
    if type(columns) is not list or not isinstance(table, Rows):
        return table
    return Rows(column_names(columns), table.values)


DECODER: Final = Decoder("MLflow", inputs, outputs, recognises)
