"""KServe's InferenceRESTClient with V1, V2 and V2 with binary tensors.

python kserve_client.py URL JOURNAL
"""

import asyncio
import sys
from typing import Any

import httpx
import numpy as np
from batches import batches
from bundled import table
from journal import Journal
from kserve import InferInput, InferRequest, InferResponse
from kserve.inference_client import InferenceRESTClient, RESTConfig


class KeepingTransport(httpx.AsyncHTTPTransport):
    """The ordinary transport; it remembers the last answer's bytes for the journal."""

    status = 0
    content = b""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """As the ordinary one, with the body read."""
        answer = await super().handle_async_request(request)
        self.content = await answer.aread()
        self.status = answer.status_code
        return answer


async def version_1(url: str, journal: Journal) -> None:
    """`instances` as lists; `predictions` come back."""
    transport = KeepingTransport()
    client = InferenceRESTClient(RESTConfig(protocol="v1", transport=transport))
    names, data, _ = table("wine")
    for batch in batches(data):
        body = {"instances": batch.tolist()}
        answer = await client.infer(url, body, model_name="wine")
        rows = _rows(names, batch)
        journal.write("wine", rows, transport.status, transport.content, answer["predictions"])


async def version_2(url: str, journal: Journal, *, binary: bool) -> None:
    """One tensor; with `binary` it follows the JSON head, in the answer too."""
    transport = KeepingTransport()
    client = InferenceRESTClient(RESTConfig(protocol="v2", transport=transport))
    names, data, _ = table("wine")
    for number, batch in enumerate(batches(data)):
        tensor = InferInput("input-0", list(batch.shape), "FP32")
        tensor.set_data_from_numpy(batch.astype(np.float32), binary_data=binary)
        request = InferRequest(
            "wine", [tensor], request_id=f"{number}", parameters={"binary_data_output": binary}
        )
        answer = await client.infer(url, request, model_name="wine")
        rows = _rows(names, batch)
        journal.write("wine", rows, transport.status, transport.content, _labels(answer))


def _labels(answer: InferResponse) -> list[Any]:
    return answer.outputs[0].as_numpy().ravel().tolist()


def _rows(names: list[str], batch: Any) -> list[dict[str, float]]:
    return [dict(zip(names, row, strict=True)) for row in batch.tolist()]


async def main(url: str, journal: Journal) -> None:
    """All three, one after the other."""
    await version_1(url, journal)
    await version_2(url, journal, binary=False)
    await version_2(url, journal, binary=True)


if __name__ == "__main__":
    with Journal(sys.argv[2]) as book:
        asyncio.run(main(sys.argv[1], book))
