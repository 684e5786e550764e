"""KServe and TensorFlow Serving V1: `instances` by row or `inputs` by column, `predictions`."""

from typing import Any, Final

from modelmonitor_sidecar.decode.answer_tables import answer_table
from modelmonitor_sidecar.decode.decoder import Decoder
from modelmonitor_sidecar.decode.message import Message
from modelmonitor_sidecar.decode.plan import Plan
from modelmonitor_sidecar.decode.rows import Reason, Table, Undecodable
from modelmonitor_sidecar.decode.tables import table_of_columns, table_of_rows


def recognises(document: Any) -> bool:
    """Whether a request of unknown protocol looks like V1."""
    return type(document) is dict and ("instances" in document or "inputs" in document)


def inputs(request: Message, plan: Plan) -> Table:
    """`{"instances": [...]}` or `{"inputs": [...] | {name: [...]}}`."""
    fields = request.fields()
    if "instances" in fields:
        return table_of_rows(fields["instances"], plan.features)
    if "inputs" not in fields:
        raise Undecodable(Reason.SHAPE_UNKNOWN)
    columns = fields["inputs"]
    return (
        table_of_columns(columns)
        if type(columns) is dict
        else table_of_rows(columns, plan.features)
    )


def outputs(answer: Message, count: int, plan: Plan) -> Table:
    """`{"predictions": [...]}` or, to `inputs`, `{"outputs": [...] | {name: [...]}}`."""
    fields = answer.fields()
    if "predictions" in fields:
        return answer_table(fields["predictions"], count)
    if "outputs" in fields:
        return answer_table(fields["outputs"], count)
    raise Undecodable(Reason.SHAPE_UNKNOWN)


DECODER: Final = Decoder("V1", inputs, outputs, recognises)
