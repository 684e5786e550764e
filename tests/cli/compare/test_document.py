"""The JSON of a comparison and what docs/compare.md says of it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from modelmonitor_cli.compare import remarks
from modelmonitor_cli.compare.comparison import SYMBOLS, Measure, Remark, Size, TestName
from modelmonitor_cli.compare.effects import SIZES
from modelmonitor_cli.compare.options import CHOICES

Call = Callable[..., Any]

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "compare.md").read_text(encoding="utf-8")
SCHEMA: dict[str, Any] = json.loads((DOCS / "schema" / "compare.schema.json").read_text())


@pytest.fixture
def document(table: Call, compared: Call) -> dict[str, Any]:
    """Every kind of column, an untestable one, one left out; three tables and all tests."""
    rows = 120
    content = {
        "id": range(rows),
        "age": [at % 37 + at / 7 for at in range(rows)],
        "stars": [at % 5 for at in range(rows)],
        "flag": ["true", "false"] * 60,
        "colour": ["red", "blue", "green", "grey"] * 30,
        "note": [f"some words about it and {at} more words" for at in range(rows)],
        "one": [7] * rows,
        "gone": [1.5, *[None] * (rows - 1)],
    }
    tables = [table(name, **content) for name in ("a.csv", "b.csv", "c.csv")]
    found: dict[str, Any] = compared(*tables, "--test", "all")
    return found


def test_the_document_is_as_the_schema_says(document: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(document, SCHEMA)
    kinds = {column["kind"] for column in document["columns"]}
    assert kinds == {"numeric", "discrete", "boolean", "categorical", "text"}
    assert document["leftOut"]


def test_the_schema_refuses_what_is_not_said(document: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "more": 1}, SCHEMA)
    document["columns"][0]["results"][0]["effectSize"] = "huge"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, SCHEMA)


def test_the_schema_knows_every_test_measure_and_size() -> None:
    result = SCHEMA["properties"]["columns"]["items"]["properties"]["results"]["items"]
    assert result["properties"]["test"]["enum"] == list(get_args(TestName))
    assert result["properties"]["effectMeasure"]["enum"] == [*get_args(Measure), None]
    assert result["properties"]["effectSize"]["enum"] == [*get_args(Size), None]


def test_the_output_file_is_what_json_prints(table: Call, call: Call, tmp_path: Path) -> None:
    train = table("train.csv", x=[1.5, 2.5, 3.5])
    file = tmp_path / "result.json"
    printed = call("compare", train, train, "--json", "--output", file)
    assert file.read_text(encoding="utf-8") == printed.out
    assert printed.err == ""


def test_the_page_names_every_test_remark_and_size() -> None:
    named = set(re.findall(r"`([^`\n]+)`", PAGE))
    words = {one.word for one in vars(remarks).values() if isinstance(one, Remark)}
    assert set(CHOICES) <= named
    assert words <= named


def test_the_page_has_the_bounds_of_every_size() -> None:
    rows = re.findall(
        r"^\| ((?:`[^`]`|`[^`]²`, `[^`]²`)) \| ([0-9.]+ \| [0-9.]+ \| [0-9.]+) \|$", PAGE, re.M
    )
    said = {
        symbol: tuple(float(bound) for bound in bounds.split(" | "))
        for symbols, bounds in rows
        for symbol in re.findall(r"`([^`]+)`", symbols)
    }
    assert said == {SYMBOLS[measure]: bounds for measure, bounds in SIZES.items()}


def test_the_example_is_what_the_command_prints(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    exec(code, {})  # noqa: S102 - the page's own example
    printed = call("compare", "train.csv", "live.csv").out
    assert [line.rstrip() for line in printed.splitlines()] == shown.splitlines()
