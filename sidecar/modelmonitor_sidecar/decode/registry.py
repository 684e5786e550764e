"""The one list of protocols, and one exchange decoded by the one that it speaks.

Adding a protocol is one file, one line here, one test.
"""

from typing import Final

from modelmonitor_api.spec import Model
from modelmonitor_sidecar.decode import mlflow, open_inference, plain_json, sagemaker, v1
from modelmonitor_sidecar.decode.decoder import Decoder
from modelmonitor_sidecar.decode.detection import protocol_of
from modelmonitor_sidecar.decode.located_answers import table_of_paths
from modelmonitor_sidecar.decode.message import Message
from modelmonitor_sidecar.decode.plan import Plan, plan_for
from modelmonitor_sidecar.decode.rows import (
    MAX_ROWS,
    Decoded,
    Exchange,
    Reason,
    Undecodable,
)
from modelmonitor_sidecar.decode.versions import version_in_answer, version_in_path

PROTOCOLS: Final = (
    open_inference.DECODER,
    mlflow.DECODER,
    v1.DECODER,
    sagemaker.DECODER,
    plain_json.DECODER,
)
"""In the order in which a request of unknown protocol is shown to them."""

_BY_NAME: Final = {decoder.name: decoder for decoder in PROTOCOLS}
_MAX_PLANS: Final = 256
_plans: Final[dict[int, tuple[Model, Plan]]] = {}


def decode(exchange: Exchange, model: Model) -> Decoded:
    """The exchange as rows; Undecodable where the request is not readable.

    An answer that cannot be read leaves the inputs standing: `outputs` is None, with its reason.
    Cost: about 2.5 us besides parsing the JSON, and next to nothing a row.
    """
    kept = _plans.get(id(model))
    plan = kept[1] if kept is not None else _compiled(model)
    request = Message(
        exchange.request_body,
        exchange.request_type,
        exchange.request_encoding,
        exchange.request_headers_length,
    )
    decoder = _BY_NAME[protocol_of(request, exchange.path, plan.protocol, PROTOCOLS)]
    inputs = decoder.inputs(request, plan)
    count = inputs.count
    if count > MAX_ROWS:
        raise Undecodable(Reason.TOO_MANY_ROWS)
    decoded = Decoded(inputs)
    if plan.version_in_path:
        decoded.version = version_in_path(exchange.path)
    try:
        _read_answer(decoded, exchange, count, decoder, plan)
    except Undecodable as error:
        decoded.outputs_reason = error.reason
    return decoded


def _read_answer(
    decoded: Decoded, exchange: Exchange, count: int, decoder: Decoder, plan: Plan
) -> None:
    answer = Message(
        exchange.response_body,
        exchange.response_type,
        exchange.response_encoding,
        exchange.response_headers_length,
    )
    if plan.version is not None:
        decoded.version = version_in_answer(answer, plan.version)
    if plan.answers:
        decoded.outputs = table_of_paths(answer, count, decoder, plan)
    else:
        decoded.outputs = decoder.outputs(answer, count, plan)


def _compiled(model: Model) -> Plan:
    """Made once for each model object, which is kept with it, so that its id stays its own."""
    if len(_plans) >= _MAX_PLANS:
        _plans.clear()
    plan = plan_for(model)
    _plans[id(model)] = (model, plan)
    return plan
