"""The payload protocols by name, and the request paths that each of them claims.

The proxy asks which requests are inferences, the collector has a decoder for every name here
(a contract test holds the two lists together).  A path template's ``{}`` stands for one segment.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Protocol:
    """One payload protocol: its name in `spec.models[].protocol` and the POST paths it claims."""

    name: str
    claims: tuple[str, ...] = ()


AUTO: Final = "Auto"

PROTOCOLS: Final = (
    Protocol("OpenInference", ("/v2/models/{}/infer", "/v2/models/{}/versions/{}/infer")),
    Protocol("V1", ("/v1/models/{}:predict", "/v1/models/{}/versions/{}:predict")),
    Protocol("MLflow"),
    Protocol("SageMaker", ("/invocations",)),
    Protocol("JSON", ("/predict", "/infer")),
)

NAMES: Final = (AUTO, *(protocol.name for protocol in PROTOCOLS))
