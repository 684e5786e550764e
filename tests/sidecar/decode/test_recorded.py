"""What real servers and their own clients exchanged is read to the row."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from modelmonitor_api.spec import Model, Version
from modelmonitor_sidecar.decode.answers import predictions
from modelmonitor_sidecar.decode.registry import decode
from modelmonitor_sidecar.decode.rows import Captured, Records

RECORDED = Path(__file__).parents[3] / "integration" / "payloads"
FILES = sorted(RECORDED.glob("*/*.json"))


def header(head: str, name: str, default: str = "") -> str:
    lines = (line.partition(":") for line in head.split("\r\n")[1:])
    return next((value.strip() for key, _, value in lines if key.lower() == name), default)


def body(message: dict[str, str]) -> bytes:
    return (
        base64.b64decode(message["bodyBase64"])
        if "bodyBase64" in message
        else message["body"].encode()
    )


def captured(recording: dict[str, Any]) -> Captured:
    request, response = recording["request"], recording["response"]
    heads = (request["head"], response["head"])
    types = [header(head, "content-type") for head in heads]
    encodings = [header(head, "content-encoding") for head in heads]
    lengths = [int(header(head, "inference-header-content-length", "-1")) for head in heads]
    path = request["head"].split(" ")[1]
    return Captured(
        path,
        body(request),
        body(response),
        types[0],
        types[1],
        encodings[0],
        encodings[1],
        *lengths,
    )


def test_the_recordings_of_four_servers_are_there() -> None:
    assert {path.parent.name for path in FILES} >= {"kserve", "litserve", "mlflow", "mlserver"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_row_of_a_recording_has_its_features_and_its_prediction(path: Path) -> None:
    exchange = captured(json.loads(path.read_text()))
    version = Version("ResponseField", path="model_version")
    decoded = decode(exchange, Model("m", version=version))
    table = decoded.inputs
    assert table.count > 0
    rows = (
        [list(row.values()) for row in table.rows] if isinstance(table, Records) else table.values
    )
    widths = {len(row) for row in rows}
    assert len(widths) == 1
    assert widths <= {4, 13, 30}  # the columns of the three models that were served
    predicted, _ = predictions(decoded.outputs, None, None)
    assert predicted is not None
    assert len(predicted) == table.count
    assert {int(value) for value in predicted} <= {0, 1, 2}
    assert decoded.version == ("v1" if path.parent.name == "mlserver" else None)
