"""Parts counted on the same edges add up to what one pass over all of them counts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as arrow_parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelmonitor_api.baseline import Baseline, Bins, Categories, digest
from modelmonitor_cli.baseline.building import build as build_baseline
from modelmonitor_cli.baseline.documents import read_file
from modelmonitor_cli.baseline.merging import merge, merge_files
from modelmonitor_cli.baseline.options import BuildOptions

Call = Callable[..., Any]


def table(rows: int, seed: int) -> pa.Table:
    random = np.random.default_rng(seed)
    price = random.lognormal(1 + seed % 3, 1, rows)
    price[random.random(rows) < 0.1] = np.nan
    score = random.random(rows).round(2)
    return pa.table(
        {
            "price": pa.array(price, from_pandas=True),
            "city": [f"c{i}" for i in np.minimum(random.geometric(0.1, rows), 60)],
            "words": ["w " * int(i) for i in random.integers(1, 9, rows)],
            "rooms": random.integers(0, 5, rows),
            "answer": np.where(score > 0.5, "yes", "no"),
            "score": score,
            "truth": np.where(random.random(rows) < score, "yes", "no"),
        }
    )


ROLES = {"prediction": "answer", "scores": ("score",), "label": "truth"}
SLOW = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    arrow_parquet.write_table(table(3_000, 1), folder / "base.parquet")
    options = BuildOptions((folder / "base.parquet",), model="m", kinds={"words": "text"}, **ROLES)  # type: ignore[arg-type]  # one dictionary for several types
    from modelmonitor_api.baseline import to_json

    (folder / "base.json").write_text(to_json(build_baseline(options).baseline))
    return folder / "base.json"


def exact_part(baseline: Baseline) -> list[object]:
    """All that merging must give back to the last digit."""
    found: list[object] = [baseline.rows, baseline.columns, baseline.calibration]
    for one in baseline.features:
        counts = one.counts
        found += [one.name, one.kind, one.role, one.missing_rows, one.invalid_rows, counts.rows]
        if isinstance(counts, Bins):
            found += [counts.edges, counts.minimum, counts.maximum]
        else:
            found += [counts]
    return found


@SLOW
@given(st.lists(st.tuples(st.integers(200, 900), st.integers(0, 50)), min_size=2, max_size=4))
def test_merged_parts_equal_one_pass(
    base: Path, tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    files = [folder / f"{index}.parquet" for index in range(len(parts))]
    for file, part in zip(files, parts, strict=True):
        arrow_parquet.write_table(table(*part), file)

    def on_edges(*names: Path) -> Baseline:
        return build_baseline(BuildOptions(names, edges_from=base, label="truth")).baseline

    merged = on_edges(files[0])
    for file in files[1:]:
        merged = merge(merged, on_edges(file))
    whole = on_edges(*files)

    assert exact_part(merged) == exact_part(whole)
    assert merged.calibration
    for one, other in zip(merged.features, whole.features, strict=True):
        if isinstance(one.counts, Bins) and isinstance(other.counts, Bins):
            assert one.counts.mean == pytest.approx(other.counts.mean, rel=1e-8)
            spread = other.counts.standard_deviation
            assert one.counts.standard_deviation == pytest.approx(spread, rel=1e-7)
            means = other.counts.representatives
            assert one.counts.representatives == pytest.approx(means, rel=1e-7)


def test_the_order_of_merging_changes_no_count(base: Path, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.parquet", "b.parquet")]
    for index, file in enumerate(files):
        arrow_parquet.write_table(table(500, index), file)
    a, b = (
        build_baseline(BuildOptions((file,), edges_from=base, label="truth")).baseline
        for file in files
    )
    assert exact_part(merge(a, b)) == exact_part(merge(b, a))


def test_on_given_edges_name_version_columns_and_roles_come_from_the_baseline(
    build: Call, csv: Call
) -> None:
    lines = [f"{i / 2},{i},{i % 2}" for i in range(200)]
    given = build(csv("x,id,y", *lines), "--model", "m", "--version", "7", "--prediction", "y")

    again = build(csv("y,x,id", "0,3.5,9", "1,99.5,8"), "--edges-from", given.file).baseline

    assert (again.model, again.version) == ("m", "7")
    assert again.columns == given.baseline.columns
    assert [(one.name, one.role) for one in again.features] == [("x", "input"), ("y", "prediction")]
    edges = [one.counts.edges for one in given.baseline.features]
    assert [one.counts.edges for one in again.features] == edges


def test_the_baselines_own_table_on_its_own_edges_has_its_digest(build: Call, csv: Call) -> None:
    path = csv("x,c", *(f"{i * i / 7},{'ab'[i % 2]}" for i in range(500)))
    given = build(path, "--time-ordered")
    again = build(path, "--edges-from", given.file, "--time-ordered")
    assert digest(again.baseline) == digest(given.baseline)


def test_a_bin_that_stays_empty_is_allowed_on_given_edges(build: Call, csv: Call) -> None:
    given = build(csv("x", *(f"{i / 2}" for i in range(500))))
    again = build(csv("x", "-5", "999"), "--edges-from", given.file).baseline

    counts = again.features[0].counts
    assert isinstance(counts, Bins)
    assert counts.rows == (1, *[0] * 8, 1)
    assert list(counts.representatives) == sorted(counts.representatives)


def test_rho_is_averaged_by_rows_where_all_have_it(build: Call, csv: Call, call: Call) -> None:
    given = build(csv("x", *(f"{i % 101 / 2}" for i in range(9_000))))
    parts = [
        build(
            csv("x", *(f"{(i // 500) % 7}" for i in range(rows))),
            "--edges-from",
            given.file,
            "--time-ordered",
        )
        for rows in (20_000, 40_000)
    ]
    merged = merge_files([part.file for part in parts])
    a, b = (part.baseline.features[0].rho["500r"] for part in parts)
    assert merged.features[0].rho == pytest.approx({"500r": (a + 2 * b) / 3}, rel=1e-6)


def test_merging_one_file_packs_it(build: Call, csv: Call, call: Call, tmp_path: Path) -> None:
    given = build(csv("x", *(f"{i / 2}" for i in range(500))))
    packed = tmp_path / "b.json.gz"

    answer = call("baseline", "merge", given.file, "-o", packed)

    assert answer.status == 0
    assert packed.read_bytes()[:2] == b"\x1f\x8b"
    assert read_file(packed) == given.baseline


def test_rare_categories_of_parts_are_joined_up_to_a_bound(build: Call, csv: Call) -> None:
    given = build(csv("k,n", *(f"{'ab'[i % 2]},{i % 3}" for i in range(100))))
    parts = [
        build(
            csv("k,n", *(f"v{start + i},1" for i in range(600))), "--edges-from", given.file
        ).baseline
        for start in (0, 600, 300)
    ]
    counts = merge(parts[0], parts[2]).features[0].counts
    assert isinstance(counts, Categories)
    assert counts.other_hashes is not None
    assert len(counts.other_hashes) == 900
    many = merge(parts[0], parts[1]).features[0].counts
    assert isinstance(many, Categories)
    assert many.other_hashes is None
