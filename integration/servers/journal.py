"""What a client sent and what it was answered, one JSON line a request.

The test compares these lines with the sidecar's counts, so a client writes here what it *means*
(rows by feature, predictions by row), not what it put on the wire.  Standard library only: it runs
in the environment of every model server.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any


class Journal:
    """The open file; a context manager."""

    def __init__(self, path: str) -> None:
        self._file = Path(path).open("w")  # noqa: SIM115 - closed on leaving

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(
        self,
        model: str,
        rows: Sequence[Mapping[str, Any]],
        status: int,
        answer: bytes,
        predictions: Sequence[Any],
        scores: Sequence[float] = (),
    ) -> None:
        """One request's rows, and the answer: its status, bytes, predictions, and any scores."""
        entry = {
            "model": model,
            "rows": list(rows),
            "status": status,
            "answer": base64.b64encode(answer).decode(),
            "predictions": list(predictions),
            "scores": list(scores),
        }
        self._file.write(json.dumps(entry) + "\n")
