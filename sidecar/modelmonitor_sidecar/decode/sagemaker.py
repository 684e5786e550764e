"""SageMaker's containers: CSV without a head line, JSON Lines, and JSON as V1 or plain."""

from typing import Any, Final

from modelmonitor_api.protocols import AUTO
from modelmonitor_sidecar.decode import plain_json, v1
from modelmonitor_sidecar.decode.answer_tables import answer_table, checked, paired
from modelmonitor_sidecar.decode.csv_rows import (
    csv_lines,
    is_csv,
    seems_header,
    under_header,
    value_of,
    without_header,
)
from modelmonitor_sidecar.decode.decoder import Decoder
from modelmonitor_sidecar.decode.json_lines import is_json_lines, json_lines
from modelmonitor_sidecar.decode.message import Message, media_type
from modelmonitor_sidecar.decode.plan import Plan
from modelmonitor_sidecar.decode.rows import Reason, Rows, Table, Undecodable
from modelmonitor_sidecar.decode.tables import table_of_rows


def recognises(document: Any) -> bool:
    """Never: its JSON is V1's or plain, and all else is told by its content type."""
    return False


def inputs(request: Message, plan: Plan) -> Table:
    """One row a line, or the rows of a JSON document."""
    if is_json_lines(request.content_type):
        return table_of_rows(json_lines(request.body), plan.features)
    if is_csv(request.content_type) or not _is_json(request):
        return _csv_table(request, plan)
    if v1.recognises(request.document()):
        return v1.inputs(request, plan)
    return plain_json.inputs(request, plan)


def outputs(answer: Message, count: int, plan: Plan) -> Table:
    """One line a row, one line with a field a row, or a JSON document."""
    if not answer.body:
        raise Undecodable(Reason.EMPTY_BODY)
    if is_json_lines(answer.content_type):
        return answer_table(json_lines(answer.body), count)
    if is_csv(answer.content_type) or not _is_json(answer):
        return _csv_answer(answer, count)
    return plain_json.outputs(answer, count, plan)


def _is_json(message: Message) -> bool:
    """By content type, else by the first character: some containers send `text/html`."""
    name = media_type(message.content_type).name
    return name.endswith("json") or message.body.lstrip()[:1] in (b"{", b"[")


def _csv_table(request: Message, plan: Plan) -> Rows:
    lines = csv_lines(request.body)
    given = media_type(request.content_type).parameters.get("header")
    if given == "present" or (given is None and plan.protocol == AUTO and seems_header(lines)):
        return under_header(lines)
    if not lines:
        raise Undecodable(Reason.EMPTY_BODY)
    return without_header(lines)


def _csv_answer(answer: Message, count: int) -> Table:
    rows = [[value_of(field) for field in line] for line in csv_lines(answer.body)]
    if len(rows) == 1 and count != 1:
        return Rows(None, [[value] for value in paired(rows[0], count)])
    return checked(Rows(None, rows), count)


DECODER: Final = Decoder("SageMaker", inputs, outputs, recognises)
