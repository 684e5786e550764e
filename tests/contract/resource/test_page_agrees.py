"""docs/monitor.md and the schema of the API server tell the same of every field."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

Schema = dict[str, Any]
PAGE = (Path(__file__).resolve().parents[3] / "docs" / "monitor.md").read_text()
ROW = re.compile(r"^\| `((?:spec|status)\.[^`]+)` \| ([^|]*) \| ?([^|]*?) \|", re.MULTILINE)
ROWS = ROW.findall(PAGE)
CHOICES = re.compile(r"`([^`]+)`")


def is_shown(place: str, schema: Schema) -> bool:
    """Whether a field has a row: it holds a value, not only other fields."""
    inner = schema.get("items", schema)
    return "properties" not in inner and not place.endswith(("[]", ".*"))


def test_the_page_has_every_field_of_the_api_server(fields: dict[str, Schema]) -> None:
    shown = {place for place, one in fields.items() if is_shown(place, one) and "." in place}
    assert {place for place, _, _ in ROWS} == shown | {"spec.models"}


@pytest.mark.parametrize(("place", "kind", "default"), ROWS, ids=[row[0] for row in ROWS])
def test_a_default_is_the_one_of_the_api_server(
    place: str, kind: str, default: str, fields: dict[str, Schema]
) -> None:
    code = re.fullmatch(r"`([^`]+)`", default)
    written = yaml.safe_load(code[1]) if code else None
    stored = fields[place].get("default")
    assert written == (None if stored == "" else stored)


@pytest.mark.parametrize(("place", "kind"), [row[:2] for row in ROWS if row[1].startswith("`")])
def test_choices_are_those_of_the_api_server(
    place: str, kind: str, fields: dict[str, Schema]
) -> None:
    assert sorted(CHOICES.findall(kind)) == sorted(fields[place]["enum"])


@pytest.mark.parametrize(
    ("place", "kind"), [row[:2] for row in ROWS if row[1].startswith("decimal, ")]
)
def test_bounds_of_decimals_are_those_of_the_api_server(
    place: str, kind: str, fields: dict[str, Schema]
) -> None:
    (rule,) = fields[place]["x-kubernetes-validations"]
    assert f"from {kind.removeprefix('decimal, ')}," in rule["message"]


@pytest.mark.parametrize(
    ("place", "kind"), [row[:2] for row in ROWS if row[1].startswith("count, ")]
)
def test_bounds_of_counts_are_those_of_the_api_server(
    place: str, kind: str, fields: dict[str, Schema]
) -> None:
    low, high = re.findall(r"[\d,]+", kind.removeprefix("count, "))
    bounds = fields[place]["minimum"], fields[place]["maximum"]
    assert bounds == (int(low), int(high.replace(",", "")))
