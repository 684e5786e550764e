"""Whatever the bytes: rows, or Undecodable with a reason of the closed list, and nothing else."""

import gzip
import json
import zlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from modelmonitor_api import protocols
from modelmonitor_api.spec import Feature, Locator, Model, Output, Version
from modelmonitor_sidecar.decode.answers import predictions
from modelmonitor_sidecar.decode.registry import decode
from modelmonitor_sidecar.decode.rows import Captured, Exchange, Records, Undecodable

PATHS = ("/predict", "/invocations", "/v1/models/m:predict", "/v2/models/m/versions/1/infer")
TYPES = ("application/json", "text/csv", "application/jsonlines", "", "; =,;", "\udc80/x")
KEYS = (
    "instances", "inputs", "predictions", "outputs", "name", "shape", "datatype", "data",
    "parameters", "binary_data_size", "content_type", "dataframe_split", "dataframe_records",
    "columns", "index", "features", "label", "score", "a", "",
)  # fmt: skip
WORDS = ("FP32", "INT64", "BYTES", "BOOL", "pd", "np", "x", "", "1", "NaN")

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.integers(-1, 4)
    | st.floats()
    | st.sampled_from(WORDS)
    | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=20,
)
json_bodies = values.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"))
bodies = (
    json_bodies
    | st.lists(json_bodies, max_size=3).map(b"\n".join)
    | st.binary(max_size=60)
    | st.text(alphabet='1,"\n\ra.', max_size=30).map(str.encode)
)
encoded = st.tuples(bodies, st.just("")) | st.one_of(
    st.tuples(bodies.map(gzip.compress), st.just("gzip")),
    st.tuples(bodies.map(zlib.compress), st.just("deflate")),
    st.tuples(bodies, st.sampled_from(["gzip", "deflate", "br", ",", "identity, gzip"])),
)
paths = st.none() | st.sampled_from(["a", "data[0]", "instances.a", "predictions[].label", "[]"])
outputs = st.none() | st.builds(
    Output,
    st.builds(Locator, path=paths.filter(bool))
    | st.builds(Locator, index=st.integers(0, 2))
    | st.builds(Locator, output=st.sampled_from(KEYS)),
)
models = st.builds(
    Model,
    st.just("m"),
    protocol=st.sampled_from(protocols.NAMES),
    version=st.sampled_from([Version(), Version("Path"), Version("ResponseField", path="a[0]")]),
    features=st.sampled_from([(), (Feature("f", path="a.b"), Feature("g", path="[1]"))]),
    prediction=outputs,
    score=outputs,
    instances=paths,
)


@st.composite
def exchanges(draw: Any) -> Exchange:
    request, request_encoding = draw(encoded)
    response, response_encoding = draw(encoded)
    return Captured(
        draw(st.sampled_from(PATHS)),
        request,
        response,
        draw(st.sampled_from(TYPES)),
        draw(st.sampled_from(TYPES)),
        request_encoding,
        response_encoding,
        draw(st.sampled_from([-1, -1, 0, 3, len(request), 10**12])),
        draw(st.sampled_from([-1, -1, 0, 3, len(response), -7])),
    )


@settings(max_examples=400)
@given(exchanges(), models)
def test_any_exchange_is_rows_or_undecodable(exchange: Exchange, model: Model) -> None:
    try:
        decoded = decode(exchange, model)
    except Undecodable:
        return
    if decoded.outputs is None:
        assert decoded.outputs_reason is not None
        return
    assert decoded.outputs_reason is None
    assert decoded.outputs.count == decoded.inputs.count
    for column in predictions(decoded.outputs, model.prediction, model.score):
        assert column is None or len(column) == decoded.inputs.count


@given(st.lists(values, max_size=6))
def test_v1_keeps_every_row_of_any_batch(batch: list[Any]) -> None:
    body = json.dumps({"instances": batch}).encode()
    table = decode(Captured("/v1/models/m:predict", body), Model("m")).inputs
    assert table.count == len(batch)
    rows = table.rows if isinstance(table, Records) else table.values
    assert {type(row) for row in rows} <= {dict if isinstance(table, Records) else list}
