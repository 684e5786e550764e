"""What a column is taken for, and the word why one is left out."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as arrow_parquet
import pytest

Call = Callable[..., Any]
RANDOM = np.random.default_rng(5)
ROWS = 1_000


def shuffled(count: int) -> list[Any]:
    return list(RANDOM.permutation(count))


KINDS = {
    "floats": ("numeric", [round(float(x), 6) for x in RANDOM.normal(size=ROWS)]),
    "many whole numbers": ("numeric", [int(x) for x in RANDOM.integers(0, 900, ROWS)]),
    "25 values": ("discrete", [i % 25 for i in range(ROWS)]),
    "26 values": ("numeric", [i % 26 for i in range(ROWS)]),
    "one number": ("discrete", [7] * ROWS),
    "rare words among numbers": ("numeric", [i / 7 if i % 150 else "error" for i in range(ROWS)]),
    "words for nothing": ("numeric", [i / 7 if i % 3 else "NA" for i in range(ROWS)]),
    "many words among numbers": ("categorical", [i % 9 if i % 3 else "none-" for i in range(ROWS)]),
    "codes with leading zeros": ("categorical", [f"{i % 40:05d}" for i in range(ROWS)]),
    "words": ("categorical", [f"w{i % 40}" for i in range(ROWS)]),
    "one word": ("categorical", ["w"] * ROWS),
    "true and false": ("boolean", ["true" if i % 3 else "false" for i in range(ROWS)]),
    "True and False": ("boolean", ["True" if i % 3 else "False" for i in range(ROWS)]),
    "zero and one": ("discrete", [i % 2 for i in range(ROWS)]),
    "sentences": ("text", [f"the parcel number {i} came too late" for i in range(ROWS)]),
    "ids": (None, [f"c-{i:06x}" for i in shuffled(ROWS)]),
    "numbers of rows": (None, list(range(ROWS))),
    "shuffled numbers of rows": (None, shuffled(ROWS)),
    "customer_id": (None, [int(x) for x in RANDOM.integers(0, 2**40, ROWS)]),
    "amount_cents": ("numeric", [int(x) for x in RANDOM.integers(0, 2**40, ROWS)]),
    "uuids": (None, [str(uuid.UUID(int=i % 99 * 7919)) for i in range(ROWS)]),
    "rare words": (None, [f"w{i % 300}" for i in range(ROWS)]),
    "dates": (None, [f"2026-0{i % 9 + 1}-11" for i in range(ROWS)]),
    "German dates": (None, [f"{i % 28 + 1:02d}.11.2026" for i in range(ROWS)]),
    "times": (None, [f"2026-01-01T{i % 24:02d}:00:00Z" for i in range(ROWS)]),
    "clock": (None, [f"{i % 24:02d}:15" for i in range(ROWS)]),
    "nothing": (None, [""] * ROWS),
}
WHYS = {
    "ids": "identifier: nearly every row has its own value",
    "numbers of rows": "identifier: numbers the rows",
    "shuffled numbers of rows": "identifier: numbers the rows",
    "customer_id": "identifier: nearly every row has its own number",
    "uuids": "identifier: UUIDs",
    "rare words": "identifier: no value has 20 rows",
    "dates": "date or time",
    "German dates": "date or time",
    "times": "date or time",
    "clock": "date or time",
    "nothing": "has no value",
}


@pytest.fixture
def table(csv: Call) -> Path:
    columns = [values for _, values in KINDS.values()]
    lines = (",".join(str(value) for value in row) for row in zip(*columns, strict=True))
    path: Path = csv(",".join(KINDS), *lines)
    return path


def test_kinds_are_inferred(build: Call, table: Path) -> None:
    baseline = build(table).baseline

    kinds = {feature.name: feature.kind for feature in baseline.inputs}
    assert kinds == {name: kind for name, (kind, _) in KINDS.items() if kind}
    whys = {column.name: column.why for column in baseline.columns if column.ignored}
    assert whys == WHYS


def test_what_is_left_out_is_said(build: Call, table: Path) -> None:
    errors = build(table).err
    for name, why in WHYS.items():
        assert f"note: column {name!r} is left out ({why})" in errors


def test_kinds_can_be_forced(build: Call, table: Path) -> None:
    forced = {
        "floats": "categorical",
        "zero and one": "boolean",
        "customer_id": "numeric",
        "words": "text",
        "codes with leading zeros": "numeric",
        "ids": "categorical",
        "one number": "numeric",
    }
    options = [part for name, kind in forced.items() for part in ("--kind", f"{name}={kind}")]

    features = {one.name: one for one in build(table, *options).baseline.features}

    assert {name: features[name].kind for name in forced} == forced
    assert features["zero and one"].counts.rows == (500, 500)


@pytest.mark.parametrize("kind", ["numeric", "discrete", "categorical", "boolean", "text"])
def test_every_kind_takes_every_typed_column(build: Call, tmp_path: Path, kind: str) -> None:
    table = pa.table({"flag": [i % 2 == 0 for i in range(100)], "x": [0.5, 1.5] * 50})
    arrow_parquet.write_table(table, tmp_path / "t.parquet")

    baseline = build(tmp_path / "t.parquet", "--kind", f"flag={kind}").baseline

    assert baseline.features[0].kind == kind
    assert sum(baseline.features[0].counts.rows) == 100


def test_what_a_column_is_depends_on_the_whole_of_it(build: Call, csv: Call) -> None:
    words_late = [i / 7 for i in range(40_000)] + ["a", "b"] * 1_000
    words_early = ["a"] * 400 + [i / 7 for i in range(79_600)]
    late = build(csv("x,y", *(f"{value},1" for value in words_late))).baseline
    early = build(csv("x,y", *(f"{value},1" for value in words_early))).baseline

    assert not any(feature.name == "x" for feature in late.features)
    assert early.features[0].kind == "numeric"
    assert early.features[0].invalid_rows == 400


def test_a_column_with_endless_different_texts_is_an_identifier(
    build: Call, csv: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    from modelmonitor_cli.baseline import survey

    monkeypatch.setattr(survey, "MOST_TEXTS", 200)
    lines = [f"w{i % 400},{i % 3}" for i in range(40_000)]

    column = build(csv("word,n", *lines)).baseline.columns[0]

    assert column.why == "identifier: more than 200 different values"
