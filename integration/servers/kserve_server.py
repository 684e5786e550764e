"""A custom predictor with KServe's Python SDK: one class, both protocols.

python kserve_server.py --model_dir FOLDER --http_port PORT --enable_grpc false
"""

import argparse
from pathlib import Path
from typing import Any

import joblib
from kserve import InferRequest, InferResponse, Model, ModelServer, model_server
from kserve.utils.utils import get_predict_input, get_predict_response


class SklearnModel(Model):
    """Loads a joblib file and answers with the predicted labels."""

    def __init__(self, name: str, folder: str) -> None:
        super().__init__(name)
        self.folder = folder
        self.load()

    def load(self) -> bool:
        """Called once, before the server listens."""
        self.model = joblib.load(Path(self.folder) / "model.joblib")
        self.ready = True
        return self.ready

    async def predict(
        self,
        payload: dict[str, Any] | InferRequest,
        headers: dict[str, str] | None = None,
        response_headers: dict[str, str] | None = None,
    ) -> dict[str, Any] | InferResponse:
        """V1 gives a dict, V2 an InferRequest; the SDK turns both into an array and back."""
        labels = self.model.predict(get_predict_input(payload))
        return get_predict_response(payload, labels, self.name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(parents=[model_server.parser])
    parser.add_argument("--model_dir", required=True)
    arguments, _ = parser.parse_known_args()
    ModelServer().start([SklearnModel(arguments.model_name, arguments.model_dir)])
