"""One decoder for each protocol by name, and the choice among them."""

import json
from typing import Any

import pytest

from modelmonitor_api import protocols
from modelmonitor_api.spec import Locator, Model, Output
from modelmonitor_sidecar.decode.detection import fits, protocol_of
from modelmonitor_sidecar.decode.message import Message
from modelmonitor_sidecar.decode.registry import PROTOCOLS, decode
from modelmonitor_sidecar.decode.rows import Captured, Reason, Rows, Undecodable

TENSORS = {"inputs": [{"name": "x", "shape": [1], "datatype": "FP32", "data": [1]}]}
SPLIT = {"dataframe_split": {"columns": ["a"], "data": [[1]]}}
RECORDS = {"dataframe_records": [{"a": 1}]}


def detected(path: str, body: Any, content_type: str = "application/json", head: int = -1) -> str:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return protocol_of(Message(raw, content_type, headers_length=head), path, "Auto", PROTOCOLS)


def test_every_protocol_of_the_resource_has_its_decoder() -> None:
    names = [decoder.name for decoder in PROTOCOLS]
    assert sorted(names) == sorted(set(protocols.NAMES) - {protocols.AUTO})


@pytest.mark.parametrize(
    ("path", "body", "content_type", "name"),
    [
        ("/v2/models/wine/infer", TENSORS, "application/json", "OpenInference"),
        ("/v2/models/wine/versions/v1/infer", b"unread", "", "OpenInference"),
        ("/v2/models/wine/infer?x=1", b"unread", "", "OpenInference"),
        ("/v1/models/wine:predict", b"unread", "application/json", "V1"),
        ("/v1/models/wine/versions/3:predict", b"unread", "", "V1"),
        ("/invocations", b"unread", "text/csv", "SageMaker"),
        ("/anything", b"unread", "Text/CSV; header=present", "SageMaker"),
        ("/anything", b"unread", "application/jsonlines", "SageMaker"),
        ("/anything", b"unread", "application/x-ndjson; charset=utf-8", "SageMaker"),
        ("/invocations", SPLIT, "application/json", "MLflow"),
        ("/invocations", RECORDS, "application/json", "MLflow"),
        ("/gateway/x/v2/models/wine/infer", TENSORS, "application/json", "OpenInference"),
        ("/predict", {"instances": [[1]]}, "application/json", "V1"),
        ("/predict", {"inputs": [[1]]}, "", "V1"),
        ("/predict", {"inputs": {"a": [1]}}, "", "V1"),
        ("/predict", {"age": 39}, "application/json", "JSON"),
        ("/predict", [[1, 2]], "text/plain", "JSON"),
    ],
)
def test_head_type_path_and_shape_tell_the_protocol(
    path: str, body: Any, content_type: str, name: str
) -> None:
    assert detected(path, body, content_type) == name
    assert detected(path, body, content_type) == name  # and again, from what was kept


def test_the_binary_head_tells_open_inference_on_any_path() -> None:
    assert detected("/anything", b"unread", "application/octet-stream", head=2) == "OpenInference"


def test_one_odd_body_does_not_decide_for_the_next() -> None:
    assert detected("/same", {"age": 1}) == "JSON"
    assert detected("/same", SPLIT) == "MLflow"
    assert detected("/same", {"instances": []}) == "V1"


@pytest.mark.parametrize("named", sorted(set(protocols.NAMES) - {protocols.AUTO}))
def test_the_resource_s_word_is_final(named: str) -> None:
    message = Message(b"1,2", "text/csv")
    assert protocol_of(message, "/v2/models/wine/infer", named, PROTOCOLS) == named


def test_a_body_of_no_known_shape_is_named_as_the_reason() -> None:
    with pytest.raises(Undecodable) as caught:
        detected("/predict", b"3")
    assert caught.value.reason is Reason.SHAPE_UNKNOWN


@pytest.mark.parametrize(
    ("path", "claim", "expected"),
    [
        ("/v1/models/a:predict", "/v1/models/{}:predict", True),
        ("/v1/models/:predict", "/v1/models/{}:predict", False),
        ("/v1/models/a/b:predict", "/v1/models/{}:predict", False),
        ("/v2/models/a/infer", "/v2/models/{}/infer", True),
        ("/v2/models//infer", "/v2/models/{}/infer", False),
        ("/v2/models/a/ready", "/v2/models/{}/infer", False),
        ("/invocations", "/invocations", True),
    ],
)
def test_a_claim_holds_one_segment_for_each_gap(path: str, claim: str, *, expected: bool) -> None:
    assert fits(path, claim) is expected


def test_a_changed_resource_is_read_anew() -> None:
    exchange = Captured("/predict", b'{"q": [[1, 2]], "r": [[3, 4]]}', b'{"a": 5, "b": 6}')
    for _ in range(600):  # more models than plans are kept; ids of dead models come again
        for rows, answer, values in (("q", "a", [1, 2]), ("r", "b", [3, 4])):
            model = Model("m", instances=rows, prediction=Output(Locator(path=answer)))
            assert decode(exchange, model).inputs == Rows(None, [values])


def test_an_empty_request_is_named_as_the_reason() -> None:
    for protocol in protocols.NAMES:
        with pytest.raises(Undecodable) as caught:
            decode(Captured("/predict", b""), Model("m", protocol=protocol))
        assert caught.value.reason is Reason.EMPTY_BODY
