"""Every bad input is refused in one sentence that names file, column or option, and the mend."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as arrow_parquet
import pytest

Call = Callable[..., Any]

ROWS = [f"{i % 40},{'red' if i % 3 else 'blue'}" for i in range(120)]


def refused(answer: Any, *words: str) -> None:
    assert answer.status == 1
    assert answer.err.startswith("modelmonitor: ")
    assert answer.err.count("\n") == 1, answer.err
    assert "Traceback" not in answer.err
    for word in words:
        assert word in answer.err


@pytest.fixture
def table(csv: Callable[..., Path]) -> Path:
    return csv("age,colour", *ROWS, name="train.csv")


def test_a_file_that_is_not_there(build: Call, tmp_path: Path) -> None:
    refused(build(tmp_path / "gone.csv"), "gone.csv: cannot be read", "check the path")


def test_a_folder(build: Call, tmp_path: Path) -> None:
    refused(build(tmp_path), "is a folder", "name its files")


def test_an_empty_file(build: Call, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_bytes(b"")
    refused(build(path), "empty.csv: is empty", "header line")


def test_an_empty_compressed_file(build: Call, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv.gz"
    path.write_bytes(gzip.compress(b""))
    refused(build(path), "empty.csv.gz: is empty")


def test_a_broken_compressed_file(build: Call, tmp_path: Path) -> None:
    path = tmp_path / "cut.csv.gz"
    whole = gzip.compress("\n".join(["age,colour", *ROWS * 2_000]).encode())
    path.write_bytes(whole[: len(whole) // 2])
    refused(build(path), "cut.csv.gz")


def test_a_header_without_rows(build: Call, csv: Call) -> None:
    refused(build(csv("age,colour", name="head.csv")), "head.csv: has no rows", "training data")


def test_parquet_without_rows(build: Call, tmp_path: Path) -> None:
    path = tmp_path / "none.parquet"
    arrow_parquet.write_table(pa.table({"age": pa.array([], pa.float64())}), path)
    refused(build(path), "none.parquet: has no rows")


def test_parquet_without_columns(build: Call, tmp_path: Path) -> None:
    path = tmp_path / "none.parquet"
    arrow_parquet.write_table(pa.table({}), path)
    refused(build(path), "none.parquet: has no columns")


def test_broken_parquet(build: Call, tmp_path: Path) -> None:
    path = tmp_path / "cut.parquet"
    path.write_bytes(b"PAR1 and no more")
    refused(build(path), "cut.parquet: is broken Parquet", "write it again")


def test_one_row(build: Call, csv: Call) -> None:
    refused(build(csv("age,colour", "1,red", name="one.csv")), "one.csv: has one row", "2 rows")


def test_a_column_named_twice(build: Call, csv: Call) -> None:
    refused(build(csv("age,age", "1,2", "3,4")), "more than one column 'age'", "name of its own")


def test_a_column_named_twice_in_parquet(build: Call, tmp_path: Path) -> None:
    path = tmp_path / "twice.parquet"
    two = pa.Table.from_arrays([pa.array([1, 2]), pa.array([3, 4])], names=["a", "a"])
    arrow_parquet.write_table(two, path)
    refused(build(path), "twice.parquet: has more than one column 'a'")


@pytest.mark.parametrize(
    "option", ["--prediction", "--score", "--label", "--time", "--ignore", "--not-sent"]
)
def test_an_unknown_column(build: Call, table: Path, option: str) -> None:
    refused(build(table, option, "colou"), f"{option} colou: ", "did you mean 'colour'?")


def test_an_unknown_column_unlike_any(build: Call, table: Path) -> None:
    refused(build(table, "--kind", "moon=text"), "--kind moon", "it has 'age', 'colour'")


def test_an_unknown_kind(build: Call, table: Path) -> None:
    refused(build(table, "--kind", "age=number"), "--kind age=number", "numeric, discrete")


def test_a_kind_without_column(build: Call, table: Path) -> None:
    refused(build(table, "--kind", "numeric"), "'numeric' is not COLUMN=KIND")


def test_one_column_in_two_roles(build: Call, table: Path) -> None:
    answer = build(table, "--label", "age", "--prediction", "age")
    refused(answer, "--prediction and --label: both name the column 'age'")


@pytest.mark.parametrize("bins", ["1", "101", "-3"])
def test_too_few_or_too_many_bins(build: Call, table: Path, bins: str) -> None:
    refused(build(table, "--bins", bins), f"--bins: is {bins}", "from 2 to 100")


@pytest.mark.parametrize("option", ["--prediction", "--score"])
def test_an_answer_column_without_a_value(build: Call, csv: Call, option: str) -> None:
    path = csv("age,answer", *[f"{i}," for i in range(60)])
    refused(build(path, option, "answer"), f"{option} answer", "has no value", "name another")


def test_a_forced_kind_of_a_column_without_a_value(build: Call, csv: Call) -> None:
    path = csv("age,empty", *[f"{i}," for i in range(60)])
    refused(build(path, "--kind", "empty=numeric"), "--kind empty=numeric", "has no value")


def test_numbers_forced_where_there_are_none(build: Call, table: Path) -> None:
    refused(build(table, "--kind", "colour=numeric"), "--kind colour=numeric", "has no value")


def test_booleans_forced_where_there_are_none(build: Call, table: Path) -> None:
    refused(build(table, "--kind", "colour=boolean"), "column 'colour'", "boolean", "--ignore")


def test_a_time_column_without_a_value(build: Call, csv: Call) -> None:
    path = csv("age,when", "1,2026-01-01", "2,")
    refused(build(path, "--time", "when"), "column 'when'", "row 2 has None", "ISO 8601")


def test_a_time_that_is_none(build: Call, csv: Call) -> None:
    path = csv("age,when", "1,2026-01-01", "2,yesterday")
    refused(build(path, "--time", "when"), "row 2 has 'yesterday'", "leave --time out")


def test_no_column_that_can_be_watched(build: Call, csv: Call) -> None:
    refused(build(csv("id,x", *[f"{i}," for i in range(100)])), "no column that can be watched")


def test_what_is_named_parquet_and_is_none(build: Call, csv: Call) -> None:
    path = csv("age,colour", *ROWS, name="table.parquet")
    refused(build(path), "table.parquet: is no Parquet, whatever its name says; write it again")


def test_bytes_that_are_no_text_are_not_read_as_lines(build: Call, tmp_path: Path) -> None:
    path = tmp_path / "picture.csv"
    path.write_bytes(b"age\n1,2\n\x89PNG\0\0\n")
    refused(build(path), "picture.csv: holds bytes that are no text; give a CSV or Parquet")


def test_a_line_with_too_few_fields(build: Call, csv: Call) -> None:
    path = csv("age,colour", *ROWS, "7", name="ragged.csv")
    refused(build(path), "ragged.csv: line 122 has 1 field(s), the header has 2; mend that line")


def test_a_line_with_too_many_fields(build: Call, csv: Call) -> None:
    path = csv("age,colour", "1,red", "1,red,round", name="ragged.csv")
    refused(build(path), "ragged.csv: line 3 has 3 field(s), the header has 2")


def test_a_quote_that_is_never_closed(build: Call, csv: Call) -> None:
    path = csv("age,colour", '1,"red', *["1,red"] * 900_000, name="quote.csv")
    refused(build(path), "quote.csv", "longer than 1 MiB", "quote")


def test_an_encoding_other_than_utf8(build: Call, tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes("colour,n\ngrün,1\nrot,2\n".encode("latin1"))
    refused(build(path), "latin.csv: is not UTF-8", "iconv")


def test_a_header_in_another_encoding(build: Call, tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes("größe,n\n1,1\n2,2\n".encode("latin1"))
    refused(build(path), "latin.csv: is not UTF-8", "iconv")


def test_utf16(build: Call, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_bytes("a,b\n1,2\n3,4\n".encode("utf-16"))
    refused(build(path), "wide.csv: is not UTF-8", "iconv")


def test_files_with_other_columns(build: Call, table: Path, csv: Call) -> None:
    other = csv("age,size", "1,2", name="other.csv")
    refused(build(table, other), "other.csv", "'colour', 'size'", "same columns")


def test_an_output_that_cannot_be_written(call: Call, table: Path, tmp_path: Path) -> None:
    answer = call("baseline", "build", table, "-o", tmp_path / "no" / "b.json")
    refused(answer, "b.json: cannot be written", "check the folder")


def test_a_name_that_no_cluster_takes(call: Call, table: Path) -> None:
    refused(call("baseline", "build", table, "--configmap", "My Map"), "--configmap", "'My Map'")


def test_a_namespace_without_a_configmap(call: Call, table: Path) -> None:
    refused(call("baseline", "build", table, "--namespace", "a"), "--namespace", "--configmap")


def test_edges_from_a_newer_baseline(build: Call, table: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer.json"
    newer.write_text(json.dumps({"formatVersion": 99}))
    answer = build(table, "--edges-from", newer)
    refused(answer, "newer.json: formatVersion: is 99", "upgrade modelmonitor")


def test_edges_from_what_is_no_baseline(build: Call, table: Path) -> None:
    refused(build(table, "--edges-from", table), "train.csv: is no JSON", "baseline build")


@pytest.mark.parametrize("option", ["--prediction", "--ignore", "--not-sent", "--kind"])
def test_options_that_the_given_baseline_decides(build: Call, table: Path, option: str) -> None:
    value = "age=numeric" if option == "--kind" else "age"
    answer = build(table, "--edges-from", build(table).file, option, value)
    refused(answer, f"{option}: comes from the baseline")


def test_a_table_that_lacks_a_column_of_the_given_baseline(
    build: Call, table: Path, csv: Call
) -> None:
    given = build(table).file
    refused(
        build(csv("age", "1", "2"), "--edges-from", given), "json: colour: ", "has no such column"
    )


def test_a_table_without_a_value_on_given_edges(build: Call, table: Path, csv: Call) -> None:
    empty = csv("age,colour", ",red", ",blue")
    refused(build(empty, "--edges-from", build(table).file), "column 'age'", "has no value")


def test_showing_a_broken_baseline(call: Call, build: Call, table: Path) -> None:
    file = build(table).file
    document = json.loads(file.read_text())
    document["features"][0]["bins"]["rows"][0] = -1
    file.write_text(json.dumps(document))
    refused(call("baseline", "show", file), "features[0].bins.rows[0]", "0 or more")


def test_merging_baselines_on_other_edges(call: Call, build: Call, csv: Call) -> None:
    names = [
        build(
            csv("age", *(f"{i / 2}" for i in range(start, 400)), name=f"{start}.csv"),
            "--model",
            "m",
        ).file
        for start in (0, 100)
    ]
    refused(call("baseline", "merge", *names), "features[0]", "'age'", "--edges-from")


def test_merging_baselines_of_other_models(call: Call, build: Call, table: Path) -> None:
    names = [build(table, "--model", model).file for model in ("a", "b")]
    refused(call("baseline", "merge", *names), "other model than the first")
