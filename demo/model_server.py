"""Serves the demo's model with LitServe, as a team would.  This file knows nothing of monitoring.

POST /predict {"instances": [{"sex": "F", "age": 31.5, ...}, ...]} -> {"predictions": [187.4, ...]}
"""

import argparse
from typing import Any

import joblib
import litserve
import numpy as np

FEATURES = [
    "sex", "equipment", "division", "age", "bodyweight_kg", "best3squat_kg", "best3bench_kg",
]  # fmt: skip


class Deadlift(litserve.LitAPI):
    """Predicts the last lift from the two before it."""

    def __init__(self, model_file: str) -> None:
        super().__init__()
        self.model_file = model_file

    def setup(self, device: str) -> None:
        """Load the model, once in each worker."""
        self.model = joblib.load(self.model_file)

    def decode_request(self, request: dict[str, Any]) -> np.ndarray:
        """JSON to the model's table."""
        rows = [[row.get(name) for name in FEATURES] for row in request["instances"]]
        return np.array(rows, dtype=object)

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """One prediction a row."""
        return self.model.predict(rows)

    def encode_response(self, predictions: np.ndarray) -> dict[str, Any]:
        """The model's array to JSON."""
        return {"predictions": [round(float(value), 1) for value in predictions]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--port", type=int, default=8080)
    arguments = parser.parse_args()
    server = litserve.LitServer(Deadlift(arguments.model), accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1", port=arguments.port, generate_client_file=False, log_level="warning"
    )
