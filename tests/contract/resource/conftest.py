"""The resource in its two forms: the schema of the API server, and the parser's."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
CRD = ROOT / "crds" / "modelmonitors.modelmonitor.io.yaml"


@pytest.fixture(scope="session")
def definition() -> dict[str, Any]:
    """The CustomResourceDefinition."""
    document: dict[str, Any] = yaml.safe_load(CRD.read_text())
    return document


@pytest.fixture(scope="session")
def schema(definition: dict[str, Any]) -> dict[str, Any]:
    """The schema of the one version."""
    (version,) = definition["spec"]["versions"]
    found: dict[str, Any] = version["schema"]["openAPIV3Schema"]
    return found
