"""What is counted, by hand and against numpy; and that nothing but the content matters."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as arrow_parquet
import pytest

from modelmonitor_api.baseline import Baseline, BaselineFeature, Bins, Categories, Column, digest
from modelmonitor_cli.baseline import csv_table, parquet_table, sample, surveying, tables

Call = Callable[..., Any]


def feature(baseline: Baseline, name: str) -> BaselineFeature:
    return next(one for one in baseline.features if one.name == name)


def bins(baseline: Baseline, name: str) -> Bins:
    counts = feature(baseline, name).counts
    assert isinstance(counts, Bins)
    return counts


def categories(baseline: Baseline, name: str) -> Categories:
    counts = feature(baseline, name).counts
    assert isinstance(counts, Categories)
    return counts


def test_a_small_table_by_hand(build: Call, csv: Call) -> None:
    lines = ["1.5,red", "2.5,red", ",blue", "inf,red", "4.0,"] * 60
    baseline = build(csv("size,colour", *lines), "--model", "shoes", "--version", "3").baseline

    size, colour = feature(baseline, "size"), feature(baseline, "colour")
    assert (baseline.model, baseline.version, baseline.rows) == ("shoes", "3", 300)
    assert baseline.columns == (Column("size"), Column("colour"))
    assert (size.kind, size.missing_rows, size.invalid_rows) == ("discrete", 60, 60)
    # 1.5, 2.5, 4.0 sixty times each: mean 8/3, variance (49 + 1 + 64) / (36 * 3)
    assert size.counts == Bins(
        edges=(1.5, 2.5),
        rows=(60, 60, 60),
        representatives=(1.5, 2.5, 4.0),
        mean=2.66666667,
        standard_deviation=1.02740233,
        minimum=1.5,
        maximum=4.0,
    )
    assert (colour.kind, colour.missing_rows) == ("categorical", 60)
    assert colour.counts == Categories(("red", "blue"), (180, 60))


def many_rows(rows: int = 5_000) -> pa.Table:
    random = np.random.default_rng(7)
    price = random.lognormal(3, 1, rows)
    price[::17] = np.nan
    city = np.array(["Rome", "Oslo", "Bonn", "Lima"])[random.integers(0, 4, rows)]
    return pa.table(
        {
            "price": pa.array(price, from_pandas=True),
            "city": city,
            "rooms": random.integers(1, 6, rows),
            "lift": random.random(rows) < 0.3,
        }
    )


def test_numbers_agree_with_numpy(build: Call, tmp_path: Path) -> None:
    table = many_rows()
    arrow_parquet.write_table(table, tmp_path / "t.parquet")
    price = table["price"].to_numpy()
    price = price[~np.isnan(price)]

    found = bins(build(tmp_path / "t.parquet").baseline, "price")

    shares = np.arange(1, 10) / 10
    assert found.edges == tuple(np.quantile(price, shares, method="inverted_cdf"))
    place = np.searchsorted(found.edges, price, side="left")
    assert found.rows == tuple(np.bincount(place))
    means = [price[place == i].mean() for i in range(10)]
    assert found.representatives == pytest.approx(means, rel=1e-8)
    assert found.mean == pytest.approx(price.mean(), rel=1e-8)
    assert found.standard_deviation == pytest.approx(price.std(), rel=1e-8)
    assert (found.minimum, found.maximum) == (price.min(), price.max())


def test_the_same_content_has_the_same_digest_whatever_the_file(
    build: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = many_rows()
    arrow_parquet.write_table(table, tmp_path / "t.parquet")
    arrow_parquet.write_table(table, tmp_path / "groups.parquet", row_group_size=333)
    arrow_csv.write_csv(table, tmp_path / "t.csv")
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress((tmp_path / "t.csv").read_bytes()))
    names = ("t.parquet", "groups.parquet", "t.csv", "t.csv.gz")

    digests = {digest(build(tmp_path / name, "--model", "m").baseline) for name in names}
    monkeypatch.setattr(tables, "GATHERED_ROWS", 100)
    monkeypatch.setattr(parquet_table, "GATHERED_ROWS", 100)
    monkeypatch.setattr(csv_table, "BLOCK_BYTES", 4_096)
    digests |= {digest(build(tmp_path / name, "--model", "m").baseline) for name in names}

    assert len(digests) == 1


def test_without_an_order_of_time_the_order_of_rows_changes_nothing(
    build: Call, tmp_path: Path
) -> None:
    table = many_rows()
    shuffled = table.take(np.random.default_rng(3).permutation(table.num_rows))
    arrow_parquet.write_table(table, tmp_path / "a.parquet")
    arrow_parquet.write_table(shuffled, tmp_path / "b.parquet")

    one, other = (
        build(tmp_path / name, "--model", "m").baseline for name in ("a.parquet", "b.parquet")
    )

    assert digest(one) == digest(other)


def test_several_files_are_one_table(build: Call, tmp_path: Path) -> None:
    table = many_rows()
    arrow_parquet.write_table(table, tmp_path / "all.parquet")
    parts = [tmp_path / f"{index}.parquet" for index in range(3)]
    for index, part in enumerate(parts):
        arrow_parquet.write_table(table.slice(index * 2_000, 2_000), part)

    whole = build(tmp_path / "all.parquet", "--model", "m").baseline
    assert digest(build(*parts, "--model", "m").baseline) == digest(whole)


def test_a_sampled_table_is_counted_exactly(
    build: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surveying, "sample_capacity", lambda columns: 1_000)
    table = many_rows(20_000)
    arrow_parquet.write_table(table, tmp_path / "t.parquet")
    price = table["price"].to_numpy()
    price = price[~np.isnan(price)]

    found = bins(build(tmp_path / "t.parquet").baseline, "price")

    assert found.rows == tuple(np.bincount(np.searchsorted(found.edges, price, side="left")))
    assert np.abs(np.array(found.rows) / len(price) - 0.1).max() < 0.05
    assert found.maximum == price.max()
    assert sample.sample_capacity(1) == 1_000_000


def test_roles_are_no_part_of_the_request(build: Call, csv: Call) -> None:
    lines = [f"{i % 7},{i},x{i % 3},{i % 2},{(i % 10) / 10},{i % 2},9" for i in range(400)]
    path = csv("age,id,extra,answer,score,truth,zip", *lines)

    built = build(
        path, "--prediction", "answer", "--score", "score", "--label", "truth", "--ignore", "zip",
        "--not-sent", "extra",
    )  # fmt: skip

    assert built.baseline.columns == (
        Column("age"),
        Column("id", ignored=True, why="identifier: numbers the rows"),
        Column("zip", ignored=True, why="as asked"),
    )
    assert [(one.name, one.role) for one in built.baseline.features] == [
        ("age", "input"),
        ("answer", "prediction"),
        ("score", "score"),
    ]
    assert "column 'id' is left out (identifier: numbers the rows)" in built.err
    assert "truth" not in {one.name for one in built.baseline.features}


def test_of_two_class_scores_the_second_is_the_score_of_more_the_largest(
    build: Call, csv: Call
) -> None:
    lines = [f"{i % 7},0.1,0.9,0.2" for i in range(100)]
    path = csv("age,a,b,c", *lines)

    two = build(path, "--score", "a", "--score", "b", "--not-sent", "c").baseline
    three = build(path, "--score", "c,a,b").baseline

    assert bins(two, "score").mean == 0.9
    assert bins(three, "score").mean == 0.9
    assert bins(build(path, "--score", "b,a", "--not-sent", "c").baseline, "score").mean == 0.1


def test_rare_categories_are_remembered_by_hash(build: Call, csv: Call) -> None:
    lines = [*["a"] * 300, *["b"] * 19, *["c"] * 20, "x" * 200, "__other__", "__other__"]
    baseline = build(csv("k,n", *(f"{line},{i % 3}" for i, line in enumerate(lines)))).baseline

    found = categories(baseline, "k")

    assert (found.values, found.rows, found.other_rows) == (("a", "c"), (300, 20), 22)
    assert found.other_hashes is not None
    assert len(found.other_hashes) == 3


def test_too_many_rare_categories_are_not_remembered(build: Call, csv: Call) -> None:
    lines = ["common"] * 3_000 + [f"v{i % 1_500}" for i in range(3_000)]
    baseline = build(csv("k,n", *(f"{line},{i % 3}" for i, line in enumerate(lines)))).baseline

    assert categories(baseline, "k").other_hashes is None


def test_missing_and_extra_columns_of_parts_are_matched_by_name(
    build: Call, tmp_path: Path
) -> None:
    table = many_rows()
    arrow_parquet.write_table(table, tmp_path / "a.parquet")
    turned = table.select(list(reversed(table.column_names)))
    arrow_parquet.write_table(turned, tmp_path / "b.parquet")

    both = build(tmp_path / "a.parquet", tmp_path / "b.parquet").baseline

    assert [column.name for column in both.columns] == table.column_names
    assert sum(categories(both, "city").rows) == 10_000


def test_semicolons_quotes_and_line_breaks_in_fields(build: Call, csv: Call) -> None:
    lines = ['1;"a;b"', '2;"c\nd"', '3;"e ""f"""'] * 30
    baseline = build(csv("n;text", *lines)).baseline

    assert set(categories(baseline, "text").values) == {"a;b", "c\nd", 'e "f"'}


def test_a_byte_order_mark_is_no_part_of_the_first_name(build: Call, tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_text("\ufeffage,n\n" + "1,2\n3,4\n" * 30, encoding="utf-8")
    assert build(path).baseline.columns[0] == Column("age")


def test_building_twice_at_one_time_gives_the_same_bytes(
    build: Call, csv: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    path = csv("x", *(f"{i / 2}" for i in range(300)))
    one, other = build(path), build(path)

    assert one.file.read_bytes() == other.file.read_bytes()
    assert one.baseline.created_at == "1970-01-01T00:00:00Z"


def test_no_bar_and_one_line_where_nobody_looks_on(build: Call, csv: Call) -> None:
    answer = build(csv("x", *(f"{i / 2}" for i in range(300))), "--time-ordered")
    assert answer.out == ""
    assert all(line.startswith(("note: ", str(answer.file))) for line in answer.err.splitlines())


def test_nested_and_binary_columns_are_left_out_by_type(build: Call, tmp_path: Path) -> None:
    table = pa.table({"x": [1.5, 2.5], "list": [[1], [2]], "raw": [b"a", b"b"]})
    arrow_parquet.write_table(table, tmp_path / "t.parquet")

    columns = build(tmp_path / "t.parquet").baseline.columns

    assert [(one.name, one.ignored) for one in columns] == [
        ("x", False),
        ("list", True),
        ("raw", True),
    ]
    assert columns[2].why == "values of type binary"
