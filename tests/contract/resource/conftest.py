"""The resource as the API server knows it, by field."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
CRD = ROOT / "crds" / "modelmonitors.modelmonitor.io.yaml"
Schema = dict[str, Any]


@pytest.fixture(scope="session")
def definition() -> Schema:
    """The CustomResourceDefinition."""
    document: Schema = yaml.safe_load(CRD.read_text())
    return document


@pytest.fixture(scope="session")
def schema(definition: Schema) -> Schema:
    """The schema of the one version."""
    (version,) = definition["spec"]["versions"]
    found: Schema = version["schema"]["openAPIV3Schema"]
    return found


@pytest.fixture(scope="session")
def fields(schema: Schema) -> dict[str, Schema]:
    """Every field's schema by its place, lists written as `spec.models[]`."""
    return dict(_below("", schema))


def _below(place: str, schema: Schema) -> Iterator[tuple[str, Schema]]:
    for name, inner in schema.get("properties", {}).items():
        yield from _at(f"{place}.{name}".removeprefix("."), inner)
    if "items" in schema:
        yield from _at(f"{place}[]", schema["items"])
    if "additionalProperties" in schema:
        yield from _at(f"{place}.*", schema["additionalProperties"])


def _at(place: str, schema: Schema) -> Iterator[tuple[str, Schema]]:
    yield place, schema
    yield from _below(place, schema)
