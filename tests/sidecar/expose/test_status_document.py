"""`/api/status`: its schema, its page of documentation, and numbers that JSON cannot hold."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from modelmonitor_sidecar import testing_status as given
from modelmonitor_sidecar.expose.status import Status
from modelmonitor_sidecar.expose.status_document import status_document

DOCS = Path(__file__).parents[3] / "docs"
SCHEMA: dict[str, Any] = json.loads((DOCS / "schema" / "status.schema.json").read_text())

FULL = given.status(
    given.model(
        given.window("2000r", given.feature("age", "drift"), given.colour()),
        given.window("5m", given.feature("age", "insufficient"), given.colour("hue", "drift")),
    )
)
UNJUDGED = replace(given.feature(), judgement=None, moments=None, cells=())


@pytest.mark.parametrize(
    "status",
    [
        FULL,
        given.status(),
        given.status(given.model()),
        given.status(given.model(given.window("5m", UNJUDGED), baseline=None)),
    ],
)
def test_every_status_keeps_to_the_schema(status: Status) -> None:
    text = json.dumps(status_document(status), allow_nan=False)
    jsonschema.validate(json.loads(text), SCHEMA)


def test_the_schema_itself_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_field_is_explained() -> None:
    explained = set(re.findall(r"`([A-Za-z0-9]+)(?:\[\])?`", (DOCS / "status-api.md").read_text()))
    fields = set(_fields(SCHEMA))
    assert fields - explained == set()


def test_windows_of_rows_have_rows_and_windows_of_time_have_times() -> None:
    by_rows, by_time = status_document(FULL)["models"][0]["windows"]
    assert (by_rows["startRow"], by_rows["endRow"]) == (4000, 6000)
    assert by_rows["features"][0]["judgement"]["sinceRow"] == int(given.NOW - 720)
    assert by_time["end"] == "2023-11-14T22:13:20Z"
    assert by_time["features"][1]["judgement"]["since"] == "2023-11-14T22:01:20Z"


def test_what_json_cannot_hold_is_null() -> None:
    judged = status_document(FULL)["models"][0]["windows"][0]["features"][0]["judgement"]
    assert judged["wasserstein"] is None
    assert judged["psi"] == 0.43


def _fields(schema: dict[str, Any]) -> list[str]:
    found = list(schema.get("properties", {}))
    for inner in (*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()):
        found += _fields(inner)
    return found
