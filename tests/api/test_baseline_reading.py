"""What is written is read back equal; what could not be judged against is refused by name."""

import copy
import gzip
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_api import baseline_reading
from modelmonitor_api.baseline import (
    FORMAT_VERSION,
    Baseline,
    BaselineFeature,
    Bins,
    CalibrationBin,
    Categories,
    Column,
    digest,
    significant,
    to_document,
    to_gzip,
    to_json,
)
from modelmonitor_api.baseline_reading import parse_baseline, read_baseline
from modelmonitor_api.errors import DocumentError

AGE = BaselineFeature(
    name="age",
    role="input",
    kind="numeric",
    counts=Bins(
        edges=(20.5, 30.0),
        rows=(40, 30, 26),
        representatives=(18.25, 25.0, 41.0),
        mean=28.5,
        standard_deviation=9.25,
        minimum=17.0,
        maximum=80.5,
    ),
    missing_rows=3,
    invalid_rows=1,
    rho={"5m": 0.001, "500r": 0.0},
    largest_change=4.25,
)
COLOUR = BaselineFeature(
    name="colour",
    role="input",
    kind="categorical",
    counts=Categories(("red", "grün"), (60, 30), other_rows=10, other_hashes=("00c0ffee",)),
)
LABEL = BaselineFeature(
    name="answer",
    role="prediction",
    kind="boolean",
    counts=Categories(("false", "true"), (50, 50), other_hashes=None),
)
CHURN = Baseline(
    model="churn",
    version="2",
    rows=100,
    columns=(Column("id", ignored=True, why="identifier"), Column("age"), Column("colour")),
    features=(AGE, COLOUR, LABEL),
    calibration=(CalibrationBin("true", 0.5, 10, 4), CalibrationBin("true", 1.0, 10, 9)),
    created_at="2026-11-23T00:00:00Z",
)


def document() -> dict[str, Any]:
    return copy.deepcopy(to_document(CHURN))


def test_what_was_written_is_read_back_equal() -> None:
    assert parse_baseline(to_document(CHURN)) == CHURN
    assert read_baseline(to_json(CHURN).encode()) == CHURN
    assert read_baseline(to_gzip(CHURN)) == CHURN


def test_the_digest_survives_the_way_and_forgets_when_it_was_built() -> None:
    other = document() | {"createdAt": "2030-01-01T00:00:00Z"}
    assert digest(parse_baseline(other)) == digest(CHURN)


def test_a_baseline_that_was_not_replayed_keeps_the_digest_it_always_had() -> None:
    older = replace(CHURN, features=(replace(AGE, largest_change=None), COLOUR, LABEL))

    assert "largestChange" not in to_json(older)
    assert digest(older)[:8] == "fe285b25"
    assert digest(CHURN) != digest(older)


def test_whole_numbers_where_floats_stand_change_no_digest() -> None:
    other = document()
    other["features"][0]["bins"]["edges"] = [20.5, 30]
    assert digest(parse_baseline(other)) == digest(CHURN)


def test_packing_is_the_same_bytes_each_time() -> None:
    assert to_gzip(CHURN) == to_gzip(parse_baseline(document()))


def test_the_next_version_is_read_and_its_unknown_fields_ignored() -> None:
    newer = document() | {"formatVersion": FORMAT_VERSION + 1, "moon": "full"}
    newer["features"][0]["tide"] = {"high": 1}
    assert parse_baseline(newer) == CHURN


Refusal = tuple[list[str | int], object, str, str]

REFUSALS: list[Refusal] = [
    (["formatVersion"], FORMAT_VERSION + 2, "formatVersion", "upgrade modelmonitor"),
    (["formatVersion"], 0, "formatVersion", "reads 1 to"),
    (["formatVersion"], None, "formatVersion", "is missing"),
    (["formatVersion"], "1", "formatVersion", "whole number"),
    (["model"], "", "model", "must be a text"),
    (["model"], "\ud800", "model", "no valid Unicode"),
    (["version"], 3, "version", "must be a text"),
    (["rows"], -1, "rows", "0 or more"),
    (["rows"], True, "rows", "whole number"),
    (["rows"], 2**60, "rows", "whole number"),
    (["rows"], 99, "features[0]", "counts 100 rows"),
    (["columns"], {}, "columns", "must be a list"),
    (["columns", 1, "name"], "id", "columns[1].name", "there twice"),
    (["columns", 1, "name"], "years", "features[0].name", "no column in use"),
    (["columns", 1, "ignored"], "no", "columns[1].ignored", "true or false"),
    (["features", 0], 7, "features[0]", "must be an object"),
    (["features", 1, "name"], "age", "features[1].name", "there twice"),
    (["features", 0, "kind"], "prose", "features[0].kind", "numeric, discrete"),
    (["features", 0, "role"], "judge", "features[0].role", "input, prediction"),
    (["features", 0, "bins"], None, "features[0].bins", "is missing"),
    (["features", 0, "bins", "edges"], [30, 20.5], "features[0].bins.edges", "increasing"),
    (["features", 0, "bins", "edges"], [30, 30], "features[0].bins.edges", "increasing"),
    (["features", 0, "bins", "edges"], [-0.0, 0.0], "features[0].bins.edges", "increasing"),
    (["features", 0, "bins", "edges"], [1], "features[0].bins.rows", "1 edges make 2 bins"),
    (["features", 0, "bins", "edges", 1], float("inf"), "features[0].bins.edges[1]", "finite"),
    (["features", 0, "bins", "edges", 1], 10**400, "features[0].bins.edges[1]", "finite"),
    (["features", 0, "bins", "edges", 1], "30", "features[0].bins.edges[1]", "a number"),
    (["features", 0, "bins", "edges", 1], True, "features[0].bins.edges[1]", "a number"),
    (["features", 0, "bins", "edges"], list(range(1000)), "features[0].bins.edges", "at most 999"),
    (["features", 0, "bins", "rows", 1], -30, "features[0].bins.rows[1]", "0 or more"),
    (["features", 0, "bins", "rows", 1], 1.5, "features[0].bins.rows[1]", "whole number"),
    (
        ["features", 0, "bins", "representatives"],
        [1.0, 2.0],
        "features[0].bins.representatives",
        "3 bins",
    ),
    (
        ["features", 0, "bins", "representatives"],
        [9.0, 2.0, 3.0],
        "features[0].bins.representatives",
        "do not increase",
    ),
    (["features", 0, "bins", "mean"], float("nan"), "features[0].bins.mean", "finite"),
    (
        ["features", 0, "bins", "standardDeviation"],
        -1.0,
        "features[0].bins.standardDeviation",
        "0 or more",
    ),
    (["features", 0, "bins", "minimum"], 81.0, "features[0].bins.minimum", "above the maximum"),
    (["features", 0, "rho"], [], "features[0].rho", "must be an object"),
    (["features", 0, "rho"], {"5m": 2}, "features[0].rho.5m", "from 0 to 1"),
    (["features", 0, "rho"], {"soon": 0.1}, "features[0].rho.soon", "no window"),
    (["features", 0, "largestChange"], -1, "features[0].largestChange", "0 or more"),
    (["features", 0, "largestChange"], "1", "features[0].largestChange", "must be a number"),
    (["features", 1, "categories", "values"], ["a"], "features[1].categories.rows", "2 values"),
    (
        ["features", 1, "categories", "values"],
        ["a", "a"],
        "features[1].categories.values",
        "twice",
    ),
    (
        ["features", 1, "categories", "values"],
        ["a", "__other__"],
        "features[1].categories.values",
        "rename it",
    ),
    (
        ["features", 1, "categories", "otherHashes"],
        ["xyz"],
        "features[1].categories.otherHashes",
        "8 hexadecimal",
    ),
    (["features", 1, "missingRows"], -1, "features[1].missingRows", "0 or more"),
    (["calibration", 0, "correct"], 11, "calibration[0].correct", "more than the 10 rows"),
]


@pytest.mark.parametrize(("path", "value", "place", "problem"), REFUSALS)
def test_a_broken_document_is_refused_by_field(
    path: list[str | int], value: object, place: str, problem: str
) -> None:
    broken = document()
    target: Any = broken
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value

    with pytest.raises(DocumentError) as refusal:
        parse_baseline(broken, "churn.json")

    assert refusal.value.where == f"churn.json: {place}"
    assert problem in refusal.value.problem
    assert "\n" not in str(refusal.value)


def test_a_feature_without_any_value_is_refused() -> None:
    broken = document()
    empty = {"values": [], "rows": [], "otherRows": 0}
    broken["features"][1] |= {"categories": empty, "missingRows": 100}

    with pytest.raises(DocumentError, match=r"features\[1\]: counts no value"):
        parse_baseline(broken)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is no JSON"),
        (b"age,colour\n1,red\n", "is no JSON"),
        (b"\xff\xfe\xfa", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"[]", "must be an object"),
        (b"\x1f\x8b garbage", "broken gzip"),
        (gzip.compress(b"{}", mtime=0)[:-4], "ends too early"),
    ],
)
def test_bytes_that_are_no_baseline_are_refused_by_file(data: bytes, problem: str) -> None:
    with pytest.raises(DocumentError, match=problem) as refusal:
        read_baseline(data, "churn.json")
    assert refusal.value.where.startswith("churn.json")


def test_a_gzip_bomb_is_refused_before_it_fills_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(baseline_reading, "MAX_DOCUMENT_BYTES", 1 << 20)
    for data in (gzip.compress(b" " * (8 << 20)), b" " * (2 << 20)):
        with pytest.raises(DocumentError, match="larger than 1 MiB"):
            read_baseline(data)


finite = st.floats(allow_nan=False, allow_infinity=False).map(lambda value: value + 0.0)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda text: not text.startswith("__")
)
counts = st.integers(min_value=1, max_value=2**40)


@st.composite
def bins(draw: st.DrawFn) -> Bins:
    edges = sorted(set(draw(st.lists(finite, max_size=12))))
    size = len(edges) + 1
    low, high = sorted(draw(st.tuples(finite, finite)))
    means = st.lists(finite.map(significant), min_size=size, max_size=size)
    return Bins(
        edges=tuple(edges),
        rows=tuple(draw(st.lists(counts, min_size=size, max_size=size))),
        representatives=tuple(sorted(draw(means))),
        mean=significant(draw(finite)),
        standard_deviation=abs(significant(draw(finite))),
        minimum=low,
        maximum=high,
    )


@st.composite
def categories(draw: st.DrawFn) -> Categories:
    values = draw(st.lists(texts, min_size=1, max_size=6, unique=True))
    size = len(values)
    return Categories(
        values=tuple(values),
        rows=tuple(draw(st.lists(counts, min_size=size, max_size=size))),
        other_hashes=draw(st.sampled_from([None, (), ("0a1b2c3d",)])),
    )


@given(bins() | categories(), texts, texts)
def test_any_baseline_survives_writing_and_reading(
    counted: Bins | Categories, name: str, model: str
) -> None:
    rows = sum(counted.rows)
    kind = "numeric" if isinstance(counted, Bins) else "categorical"
    feature = BaselineFeature(name, "input", kind, counted)  # type: ignore[arg-type]  # a literal
    baseline = Baseline(model, None, rows, (Column(name),), (feature,))

    read = read_baseline(to_gzip(baseline))

    assert read == baseline
    assert digest(read) == digest(baseline)
    assert json.loads(to_json(read)) == to_document(baseline)
