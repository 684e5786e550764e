"""A manifest that a cluster's tools take, or a refusal that says what to drop."""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as arrow_parquet
import pytest
import yaml

from modelmonitor_api.baseline import MAX_ENCODED_BYTES, digest
from modelmonitor_api.baseline_reading import read_baseline
from modelmonitor_api.names import BASELINE_KEY
from modelmonitor_cli.baseline import configmap

Call = Callable[..., Any]

WORDS = (
    *("customer", "account", "payment", "monthly", "total", "average", "ratio", "days", "since"),
    *("last", "order", "count", "balance", "amount", "product", "visits", "sessions", "region"),
)


def names(count: int) -> list[str]:
    """Ordinary names: three words and a number each."""
    random = np.random.default_rng(1)
    return ["_".join([*random.choice(WORDS, 3), f"{i}d"]) for i in range(count)]


def wide_table(features: int, folder: Path, rows: int = 3_000) -> Path:
    """Three of four columns are floats of full precision, the costliest there are."""
    random = np.random.default_rng(2)
    columns: dict[str, Any] = {}
    for index, name in enumerate(names(features)):
        if index % 4 == 3:
            columns[name] = [f"level {i}" for i in random.integers(0, 6, rows)]
        else:
            columns[name] = random.lognormal(index % 9, 1, rows)
    arrow_parquet.write_table(pa.table(columns), folder / "wide.parquet")
    return folder / "wide.parquet"


def test_the_manifest_holds_the_baseline(call: Call, csv: Call, build: Call) -> None:
    path = csv("x", *(f"{i / 2}" for i in range(500)), name="churn.csv")

    answer = call(
        "baseline", "build", path, "--version", "1.0", "--configmap", "c", "--namespace", "n"
    )

    manifest = yaml.safe_load(answer.out)
    assert answer.status == 0
    assert (manifest["apiVersion"], manifest["kind"]) == ("v1", "ConfigMap")
    assert (manifest["metadata"]["name"], manifest["metadata"]["namespace"]) == ("c", "n")
    held = read_baseline(base64.b64decode(manifest["binaryData"][BASELINE_KEY], validate=True))
    assert digest(held) == manifest["metadata"]["annotations"]["modelmonitor.io/baseline-digest"]
    assert digest(held) == digest(build(path, "--version", "1.0").baseline)


def test_the_manifest_says_when_the_baseline_was_built_and_nothing_else_of_the_day(
    call: Call, csv: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = csv("x", *(f"{i / 2}" for i in range(500)))
    texts = []
    for epoch in ("0", "1000000000", "1000000000"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        call("baseline", "build", path, "--configmap", "c", "-o", tmp_path / "c.yaml")
        texts.append((tmp_path / "c.yaml").read_bytes())
    assert texts[1] == texts[2]
    built = [
        read_baseline(base64.b64decode(yaml.safe_load(text)["binaryData"][BASELINE_KEY]))
        for text in texts
    ]
    assert [one.created_at for one in built[:2]] == ["1970-01-01T00:00:00Z", "2001-09-09T01:46:40Z"]
    assert digest(built[0]) == digest(built[1])


def test_500_features_with_ordinary_names_fit(call: Call, tmp_path: Path) -> None:
    table = wide_table(500, tmp_path)
    answer = call("baseline", "build", table, "--time-ordered", "--configmap", "wide")

    assert answer.status == 0, answer.err
    packed = yaml.safe_load(answer.out)["binaryData"][BASELINE_KEY]
    assert len(packed) <= MAX_ENCODED_BYTES
    print(f"500 features: {len(packed) / 1024:.1f} KiB encoded")
    assert len(read_baseline(base64.b64decode(packed)).features) == 500


def test_what_is_too_large_is_refused_with_what_to_drop(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(configmap, "MAX_ENCODED_BYTES", 30 << 10)
    answer = call("baseline", "build", wide_table(200, tmp_path), "--configmap", "wide")

    assert (answer.status, answer.out) == (1, "")
    assert answer.err.count("\n") == 1
    found = re.search(r"takes ([\d.]+) KiB encoded, 30.0 KiB .*drop with (.*)", answer.err)
    assert found
    shown = re.findall(r"(\w+) \(([\d.]+) KiB\)", found[2])
    more = re.search(r"and (\d+) more", found[2])
    assert more
    assert len(shown) == 12
    least = min(float(cost) for _, cost in shown)
    assert float(found[1]) - 30 <= least * (len(shown) + int(more[1])) + 1


def test_dropping_what_was_named_makes_it_fit(call: Call, build: Call, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    columns: dict[str, Any] = {
        f"costly{i}": ["common"] * 2_000 + [f"{i}-{j % 950}" for j in random.permutation(2_000)]
        for i in range(30)
    }
    columns["x"] = random.normal(size=4_000)
    arrow_parquet.write_table(pa.table(columns), tmp_path / "t.parquet")

    refusal = call("baseline", "build", tmp_path / "t.parquet", "--configmap", "c")
    named = ",".join(re.findall(r"(costly\d+) \(", refusal.err))
    mended = call(
        "baseline", "build", tmp_path / "t.parquet", "--configmap", "c", "--ignore", named
    )

    assert refusal.status == 1
    assert 1 <= named.count("costly") <= 12
    assert mended.status == 0, mended.err


def test_a_json_baseline_becomes_a_manifest_by_merging_it(
    call: Call, build: Call, csv: Call
) -> None:
    built = build(csv("x", *(f"{i / 2}" for i in range(500))))
    manifest = yaml.safe_load(call("baseline", "merge", built.file, "--configmap", "c").out)
    held = read_baseline(base64.b64decode(manifest["binaryData"][BASELINE_KEY]))
    assert digest(held) == digest(built.baseline)
