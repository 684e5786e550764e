"""A LitServe API: one row a request, the label and its probability back.

python litserve_server.py FOLDER PORT [HOST]
"""

import sys
from pathlib import Path
from typing import Any

import joblib
import litserve
from litserve_train import THRESHOLD, features


class ChurnAPI(litserve.LitAPI):
    """Whether a customer will leave."""

    def setup(self, device: str) -> None:
        """Called once in each worker."""
        self.model = joblib.load(Path(sys.argv[1]) / "model.joblib")

    def decode_request(self, request: dict[str, Any]) -> dict[str, Any]:
        """The row as it came."""
        return request

    def predict(self, row: dict[str, Any]) -> float:
        """The probability of leaving."""
        return float(self.model.predict_proba([features(row)])[0][1])

    def encode_response(self, probability: float) -> dict[str, Any]:
        """A flat object."""
        return {"prediction": int(probability >= THRESHOLD), "score": probability}


if __name__ == "__main__":
    server = litserve.LitServer(ChurnAPI(), accelerator="cpu", workers_per_device=1)
    folder, port, *host = sys.argv[1:]
    server.run(host=(host or ["127.0.0.1"])[0], port=int(port), generate_client_file=False)
