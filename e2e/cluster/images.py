"""Which images the tests run, by environment variables: however they came to the cluster's nodes.

Each has a default for a cluster into which images are loaded, such as kind (CONTRIBUTING.md).
"""

import os
from typing import Final


def _image(variable: str, default: str) -> str:
    return os.environ.get(f"MODELMONITOR_E2E_{variable}", default)


OPERATOR: Final = _image("OPERATOR_IMAGE", "localhost/modelmonitor-operator:e2e")
SIDECAR: Final = _image("SIDECAR_IMAGE", "localhost/modelmonitor-sidecar:e2e")
LITSERVE: Final = _image("LITSERVE_IMAGE", "localhost/modelmonitor-e2e-litserve:e2e")
MLSERVER: Final = _image("MLSERVER_IMAGE", "localhost/modelmonitor-e2e-mlserver:e2e")
# An image that no registry has.
MISSING: Final = "localhost/modelmonitor-nowhere:0"
