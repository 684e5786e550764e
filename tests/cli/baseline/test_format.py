"""The published schema and the page about the format say what the documents are."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from modelmonitor_api.baseline import FORMAT_VERSION, MAX_ENCODED_BYTES, MAX_VOCABULARY_WORDS
from modelmonitor_cli.baseline import edges, kinds, options, sample, vocabulary, windows
from modelmonitor_cli.baseline.survey import MOST_DISCRETE
from modelmonitor_sidecar.stats.words import LONGEST_WORD, MOST_LOOKED_UP

Call = Callable[..., Any]
DOCS = Path(__file__).parents[3] / "docs"
SCHEMA = json.loads((DOCS / "schema" / "baseline.schema.json").read_text(encoding="utf-8"))


def validator() -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    return jsonschema.Draft202012Validator(SCHEMA)


@pytest.fixture
def document(build: Call, csv: Call) -> dict[str, Any]:
    lines = [
        f"{i / 7},{i % 3},w{i % 40},{i % 2 == 0},some words and then {i},{i % 2},0.{i % 10},{i % 2}"
        for i in range(12_000)
    ]
    path = csv("a,b,c,d,e,answer,score,truth", *lines)
    options = ("--prediction", "answer", "--score", "score", "--label", "truth", "--time-ordered")
    loaded: dict[str, Any] = json.loads(build(path, *options, "--version", "1").file.read_text())
    return loaded


def test_what_is_built_follows_the_schema(document: dict[str, Any]) -> None:
    validator().validate(document)
    assert {one["kind"] for one in document["features"]} == {
        "numeric", "discrete", "categorical", "boolean", "text",
    }  # fmt: skip
    assert [one["name"] for one in document["derivedFeatures"]] == ["e.words", "e.unknown"]
    assert document["calibration"]


def fields(schema: Any, at: str = "") -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from fields(value)


def test_the_schema_names_every_field_that_is_written(document: dict[str, Any]) -> None:
    def keys(value: Any) -> Iterator[str]:
        if isinstance(value, list):
            for one in value:
                yield from keys(one)
        if isinstance(value, dict):
            for key, inner in value.items():
                yield key
                yield from () if key == "rho" else keys(inner)

    assert set(keys(document)) <= set(fields(SCHEMA))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("formatVersion",), 2),
        (("model",), ""),
        (("rows",), -1),
        (("features", 0, "kind"), "prose"),
        (("features", 0, "bins"), None),
        (("features", 0, "bins", "edges"), [1, 1]),
        (("features", 0, "rho"), {"soon": 0.1}),
        (("features", 2, "categories", "values"), ["__other__"]),
        (("features", 2, "categories", "otherHashes"), ["xyz"]),
        (("derivedFeatures", 0, "derived"), None),
        (("derivedFeatures", 0, "kind"), "discrete"),
        (("derivedFeatures", 0, "derived", "from"), ""),
        (("derivedFeatures", 1, "derived", "vocabulary"), []),
        (("derivedFeatures", 1, "derived", "vocabulary"), ["word"]),
        (("calibration", 0, "rows"), 0.5),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(
    document: dict[str, Any], path: tuple[Any, ...], value: object
) -> None:
    target: Any = document
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    assert not validator().is_valid(document)


def test_the_page_explains_every_field_and_states_every_bound() -> None:
    page = (DOCS / "baseline-format.md").read_text(encoding="utf-8")
    missing = [name for name in sorted(set(fields(SCHEMA))) if f"`{name}" not in page]
    assert missing == []
    for number in (
        f"`formatVersion` {FORMAT_VERSION}",
        f"{MAX_ENCODED_BYTES >> 10} KiB",
        f"{MOST_DISCRETE} different numbers",
        f"{edges.LEAST_BIN_SHARE * 100:g} %",
        f"{edges.LEAST_BIN_ROWS} rows",
        f"{kinds.MOST_CATEGORIES} most frequent",
        f"{kinds.LEAST_CATEGORY_ROWS} rows",
        f"{sample.MOST_ROWS:,} rows",
        f"{sample.FEWEST_ROWS:,} rows",
        f"{windows.MOST_SORTED_ROWS:,} rows",
        f"at least {vocabulary.LEAST_TEXTS} texts",
        f"{vocabulary.MOST_COUNTED:,} different words",
        f"{options.VOCABULARY_WORDS:,} by default, at most {MAX_VOCABULARY_WORDS:,}",
        f"{LONGEST_WORD} characters",
        f"{MOST_LOOKED_UP:,} words",
    ):
        assert number in page, number
