"""Features measured of a text column stand apart, so that older software reads past them."""

import copy
import json
from typing import Any

import pytest

from modelmonitor_api.baseline import (
    MAX_VOCABULARY_WORDS,
    Baseline,
    BaselineFeature,
    Bins,
    Column,
    Derived,
    category_hash,
    digest,
    to_document,
    to_gzip,
    to_json,
)
from modelmonitor_api.baseline_reading import parse_baseline, read_baseline
from modelmonitor_api.errors import DocumentError

VOCABULARY = tuple(sorted(map(category_hash, ("good", "bad", "ugly"))))


def counts(edge: float) -> Bins:
    return Bins((edge,), (40, 50), (edge / 2, edge * 1.5), edge, edge / 2, 0.0, edge * 2)


def text(name: str) -> BaselineFeature:
    return BaselineFeature(name, "input", "text", counts(80.0), missing_rows=10)


WORDS = BaselineFeature(
    "review.words", "input", "numeric", counts(12.0), 10, derived=Derived("review", "words")
)
UNKNOWN = BaselineFeature(
    "review.unknown", "input", "numeric", counts(0.25), 10,
    derived=Derived("review", "unknownShare", VOCABULARY),
)  # fmt: skip
PLAIN = Baseline("shop", None, 100, (Column("review"), Column("title")), (text("review"),))
SHOP = Baseline(
    "shop", None, 100, PLAIN.columns, (text("review"), WORDS, UNKNOWN, text("title"))
)  # fmt: skip


def document() -> dict[str, Any]:
    return copy.deepcopy(to_document(SHOP))


def test_what_was_written_is_read_back_equal_and_in_order() -> None:
    assert parse_baseline(to_document(SHOP)) == SHOP
    assert read_baseline(to_gzip(SHOP)) == SHOP
    assert json.loads(to_json(SHOP)) == to_document(SHOP)
    assert digest(read_baseline(to_json(SHOP).encode())) == digest(SHOP)


def test_software_that_knows_only_columns_finds_nothing_else_among_the_features() -> None:
    written = document()
    assert [feature["name"] for feature in written["features"]] == ["review", "title"]
    assert not any("derived" in feature for feature in written["features"])

    written.pop("derivedFeatures")  # an unknown field, to such software

    assert parse_baseline(written).features == (text("review"), text("title"))


def test_a_baseline_without_derived_features_keeps_the_digest_it_always_had() -> None:
    assert digest(PLAIN) == "a43de766cd4181547b52b3f383bdc815a2f55499f5ba27a97b9bca0ed3e3a375"


def test_only_columns_come_with_a_request() -> None:
    assert [feature.name for feature in SHOP.inputs] == ["review", "title"]


def test_a_measure_of_the_next_version_is_left_out() -> None:
    newer = document()
    newer["derivedFeatures"][0]["derived"]["measure"] = "sentences"
    assert [f.name for f in parse_baseline(newer).features] == ["review", "review.unknown", "title"]


@pytest.mark.parametrize(
    ("path", "value", "place", "problem"),
    [
        (("name",), "title", "derivedFeatures[title].name", "name of a column"),
        (("name",), "review.words", "derivedFeatures[review.words].name", "there twice"),
        (("missingRows",), 3, "derivedFeatures[review.unknown]", "counts 93 rows"),
        (("kind",), "text", "derivedFeatures[1].kind", "input numeric"),
        (("role",), "score", "derivedFeatures[1].kind", "input numeric"),
        (("derived",), None, "derivedFeatures[1].derived", "is missing"),
        (("derived", "from"), "age", "derivedFeatures[1].derived.from", "kind text"),
        (("derived", "measure"), 7, "derivedFeatures[1].derived.measure", "must be a text"),
        (("derived", "vocabulary"), [], "derivedFeatures[1].derived.vocabulary", "1 to 5,000"),
        (("derived", "vocabulary"), ["good"], "derivedFeatures[1].derived.vocabulary", "8 hexa"),
        (
            ("derived", "vocabulary"),
            [f"{i:08x}" for i in range(MAX_VOCABULARY_WORDS + 1)],
            "derivedFeatures[1].derived.vocabulary",
            "has 5001 words",
        ),
    ],
)
def test_a_broken_derived_feature_is_refused_by_field(
    path: tuple[str, ...], value: object, place: str, problem: str
) -> None:
    broken = document()
    target = broken["derivedFeatures"][1]
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value

    with pytest.raises(DocumentError) as refusal:
        parse_baseline(broken, "shop.json")

    assert refusal.value.where == f"shop.json: {place}"
    assert problem in refusal.value.problem
