"""MLServer's own types and codecs over `requests`, and tritonclient.

python mlserver_client.py URL JOURNAL
"""

import json
import sys
from typing import Any

import numpy as np
import pandas as pd
import requests
import tritonclient.http as triton
from batches import batches
from bundled import table
from journal import Journal
from mlserver.codecs import NumpyRequestCodec, PandasCodec
from mlserver.types import InferenceRequest, InferenceResponse, RequestOutput

OUTPUTS = [RequestOutput(name="predict"), RequestOutput(name="predict_proba")]


def numpy_requests(url: str, journal: Journal) -> None:
    """One tensor of all features, positional; labels and class scores come back."""
    names, data, _ = table("wine")
    for number, batch in enumerate(batches(data)):
        request = NumpyRequestCodec.encode_request(np.asarray(batch))
        request.id = f"numpy-{number}"
        request.outputs = OUTPUTS
        _send(f"{url}/v2/models/wine/infer", request, "wine", _rows(names, batch), journal)


def pandas_requests(url: str, journal: Journal) -> None:
    """One tensor a column, by name, on the path that names the version."""
    names, data, _ = table("cancer")
    for number, batch in enumerate(batches(data)):
        request = PandasCodec.encode_request(pd.DataFrame(batch, columns=names))
        request.id = f"pandas-{number}"
        path = f"{url}/v2/models/cancer/versions/v1/infer"
        _send(path, request, "cancer", _rows(names, batch), journal)


def triton_requests(url: str, journal: Journal) -> None:
    """The client that MLServer installs for its own command line; JSON, as its server takes it."""
    names, data, _ = table("wine")
    client = triton.InferenceServerClient(url.removeprefix("http://"))
    for number, batch in enumerate(batches(data)):
        tensor = triton.InferInput("input-0", batch.shape, "FP32")
        tensor.set_data_from_numpy(batch.astype(np.float32), binary_data=False)
        wanted = [triton.InferRequestedOutput("predict", binary_data=False)]
        result = client.infer("wine", [tensor], outputs=wanted, request_id=f"triton-{number}")
        answer = json.dumps(result.get_response()).encode()
        labels = result.as_numpy("predict").ravel().tolist()
        journal.write("wine", _rows(names, batch), 200, answer, labels)
    client.close()


def _send(
    path: str,
    request: InferenceRequest,
    model: str,
    rows: list[dict[str, float]],
    journal: Journal,
) -> None:
    answer = session.post(path, json=request.model_dump())
    outputs = InferenceResponse.model_validate_json(answer.content).outputs
    labels = np.ravel(outputs[0].data.root).tolist()
    journal.write(model, rows, answer.status_code, answer.content, labels)


def _rows(names: list[str], batch: Any) -> list[dict[str, float]]:
    return [dict(zip(names, row, strict=True)) for row in batch.tolist()]


if __name__ == "__main__":
    session = requests.Session()
    with Journal(sys.argv[2]) as book:
        numpy_requests(sys.argv[1], book)
        pandas_requests(sys.argv[1], book)
        triton_requests(sys.argv[1], book)
