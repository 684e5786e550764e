"""Tables in, findings out."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from scipy import stats

Call = Callable[..., Any]

CHANCE = np.random.default_rng(2026)
AGES = CHANCE.normal(40, 10, 900).round(3)
OLDER = CHANCE.normal(46, 10, 400).round(3)
COLOURS = ["red", "blue", "green"]


def colours(count: int, shares: list[float]) -> list[str]:
    return [str(one) for one in CHANCE.choice(COLOURS, count, p=shares)]


def test_a_shift_is_found_with_its_size_and_scipys_p(table: Call, columns: Call) -> None:
    train, live = table("train.csv", age=AGES), table("live.csv", age=OLDER)
    age = columns(train, live)["age"]
    (result,) = age["results"]
    found = stats.ks_2samp(AGES, OLDER)
    assert (age["kind"], result["test"]) == ("numeric", "ks")
    assert result["statistic"] == result["effect"] == pytest.approx(found.statistic)
    assert result["p"] == pytest.approx(found.pvalue)
    assert (result["effectSize"], age["differs"]) == ("medium", True)
    assert age["tables"][1]["moments"]["mean"] == pytest.approx(OLDER.mean())
    assert age["tables"][1]["moments"]["median"] == pytest.approx(np.median(OLDER))


def test_a_category_that_was_renamed_is_found(table: Call, columns: Call) -> None:
    train = table("train.csv", colour=["red"] * 80 + ["blue"] * 20)
    live = table("live.csv", colour=["crimson"] * 80 + ["blue"] * 20)
    (result,) = columns(train, live)["colour"]["results"]
    assert result["test"] == "chi-square"
    assert result["statistic"] == pytest.approx(160.0)  # 4 cells of 40 rows expected, each 40 off
    assert result["effectSize"] == "large"


def test_a_table_compared_with_itself_differs_nowhere(table: Call, columns: Call) -> None:
    train = table("train.csv", age=AGES, colour=colours(900, [0.5, 0.3, 0.2]))
    for column in columns(train, train, train, "--test", "all").values():
        assert column["differs"] is False
        assert all(result["effect"] == pytest.approx(0, abs=1e-12) for result in column["results"])
        assert all(result["p"] == pytest.approx(1.0) for result in column["results"])


def test_of_healthy_columns_next_to_none_is_called_different(table: Call, columns: Call) -> None:
    """Sixty columns, of which three have a raw p below 0.05 on average."""
    chance = np.random.default_rng(5)
    train = {f"x{at}": chance.normal(size=300).round(6) for at in range(60)}
    live = {f"x{at}": chance.normal(size=300).round(6) for at in range(60)}
    found = columns(table("train.csv", **train), table("live.csv", **live))
    raw = [column["results"][0]["p"] for column in found.values()]
    adjusted = [column["results"][0]["pAdjusted"] for column in found.values()]
    assert adjusted == pytest.approx(stats.false_discovery_control(raw))
    assert sum(p < 0.05 for p in raw) >= 1
    assert not any(column["differs"] for column in found.values())


def test_q_is_the_users(table: Call, columns: Call) -> None:
    chance = np.random.default_rng(8)
    train = table("train.csv", age=chance.normal(0, 1, 200).round(6))
    live = table("live.csv", age=chance.normal(0.35, 1, 200).round(6))
    p = columns(train, live)["age"]["results"][0]["pAdjusted"]
    assert 0.001 < p < 0.2
    assert columns(train, live, "--alpha", 0.3)["age"]["differs"] is True
    assert columns(train, live, "--alpha", 0.001)["age"]["differs"] is False


def test_of_three_tables_ranks_are_compared_at_once(table: Call, columns: Call) -> None:
    tables = [table(f"{at}.csv", age=ages) for at, ages in enumerate((AGES, AGES[::2], OLDER))]
    (result,) = columns(*tables)["age"]["results"]
    found = stats.kruskal(AGES, AGES[::2], OLDER)
    assert (result["test"], result["against"]) == ("kruskal", None)
    assert result["statistic"] == pytest.approx(found.statistic)
    assert result["degreesOfFreedom"] == [2]


def test_a_test_of_pairs_names_the_table_that_differs_most(table: Call, columns: Call) -> None:
    tables = [table(f"{at}.csv", age=ages) for at, ages in enumerate((AGES, AGES[::2], OLDER))]
    (result,) = columns(*tables, "--test", "ks")["age"]["results"]
    found = stats.ks_2samp(AGES, OLDER)
    assert result["against"] == "2.csv"
    assert result["effect"] == pytest.approx(found.statistic)
    assert result["p"] == pytest.approx(2 * found.pvalue)  # for the two pairs


def test_missing_values_are_counted_and_pointed_at(table: Call, columns: Call) -> None:
    train = table("train.csv", age=[*AGES[:90], *[None] * 10])
    live = table("live.csv", age=[*AGES[:60], *[None] * 40])
    age = columns(train, live)["age"]
    assert [one["missing"] for one in age["tables"]] == [10, 40]
    assert [one["missingShare"] for one in age["tables"]] == [0.1, 0.4]
    assert age["missingDiffers"] is True
    assert columns(train, train)["age"]["missingDiffers"] is False


def test_texts_among_numbers_are_invalid_and_said(table: Call, compared: Call) -> None:
    train = table("train.csv", age=AGES)
    live = table("live.csv", age=[*OLDER, "old", "inf"])
    document = compared(train, live)
    (age,) = document["columns"]
    assert [one["invalid"] for one in age["tables"]] == [0, 2]
    assert age["results"][0]["remarks"][0]["word"] == "invalid"
    assert document["remarks"] == [
        "live.csv: 2 of 402 rows hold no numeric value in 'age' and are not tested"
    ]


def test_columns_of_one_table_are_left_out_and_named(table: Call, compared: Call) -> None:
    train = table("train.csv", age=AGES, label=["yes", "no"] * 450)
    live = table("live.csv", city=["Ulm"] * 400, age=OLDER)
    document = compared(train, live)
    assert [column["name"] for column in document["columns"]] == ["age"]
    assert document["leftOut"] == [
        {"name": "label", "why": "only in train.csv"},
        {"name": "city", "why": "only in live.csv"},
    ]


def test_an_ignored_column_is_left_out(table: Call, compared: Call) -> None:
    train = table("train.csv", age=AGES, height=AGES)
    document = compared(train, train, "--ignore", "height")
    assert document["leftOut"] == [{"name": "height", "why": "as asked"}]


def test_a_kind_can_be_said(table: Call, columns: Call) -> None:
    zips = ["01234", "12345", "23456", "34567"] * 100
    train = table("train.csv", zip=zips)
    assert columns(train, train, "--kind", "zip=numeric")["zip"]["kind"] == "numeric"
    assert columns(train, train)["zip"]["kind"] == "categorical"


def test_discrete_numbers_are_shares_and_measurements_are_not(table: Call, columns: Call) -> None:
    """Twenty numbers that are all different are measurements, however few they are."""
    stars = [1, 2, 3, 4, 5] * 20
    train = table("train.csv", stars=stars, weight=AGES[:100])
    found = columns(train, train)
    assert (found["stars"]["kind"], found["weight"]["kind"]) == ("discrete", "numeric")
    few = table("few.csv", weight=AGES[:20])
    assert columns(few, few)["weight"]["kind"] == "numeric"


def test_a_later_table_can_widen_a_kind(table: Call, columns: Call) -> None:
    train = table("train.csv", stars=[1, 2, 3, 4, 5] * 40, flag=["true", "false"] * 100)
    live = table("live.csv", stars=AGES[:200], flag=["true", "unknown"] * 100)
    found = columns(train, live)
    assert found["stars"]["kind"] == "numeric"
    assert found["flag"]["kind"] == "categorical"
    assert found["flag"]["differs"] is True


def test_text_is_compared_by_its_length(table: Call, columns: Call) -> None:
    short = [f"a few words about case {at}" for at in range(100)]
    long = [f"{one} and then some more of them, so that it is longer" for one in short]
    column = columns(table("train.csv", note=short), table("live.csv", note=long))["note"]
    assert (column["kind"], column["differs"]) == ("text", True)
    assert column["tables"][0]["moments"]["minimum"] == len(short[0])


def test_csv_gzip_and_parquet_can_be_compared_with_each_other(
    table: Call, columns: Call, tmp_path: Path
) -> None:
    flags = ["true", "false"] * 450
    train = table("train.csv", age=AGES, flag=flags)
    packed = tmp_path / "live.csv.gz"
    packed.write_bytes(gzip.compress(train.read_bytes()))
    typed = tmp_path / "live.parquet"
    whole = {"age": AGES, "flag": [flag == "true" for flag in flags]}
    pyarrow.parquet.write_table(pa.table(whole), typed)
    for column in columns(train, packed, typed).values():
        assert column["differs"] is False
        assert len({str(one) for one in column["tables"]}) == 1


def test_of_a_long_table_a_sample_is_tested_and_all_rows_are_counted(
    tmp_path: Path, compared: Call
) -> None:
    path = tmp_path / "long.csv"
    path.write_text("x\n" + '1.5\n2.5\n""\n0.25\n' * 60_000)
    first, again = compared(path, path), compared(path, path)
    (table, _), (column,) = first["tables"], first["columns"]
    assert table["rows"] == 240_000
    assert 100_000 < table["sampledRows"] <= 200_000
    assert column["tables"][0]["missing"] == 60_000
    assert column["tables"][0]["values"] < table["sampledRows"]
    assert "are tested, the same ones each time" in first["remarks"][0]
    assert first == again


def test_tables_of_the_same_name_are_told_apart(
    table: Call, compared: Call, tmp_path: Path
) -> None:
    train = table("data.csv", age=AGES)
    other = tmp_path / "live" / "data.csv"
    other.parent.mkdir()
    other.write_bytes(train.read_bytes())
    assert [one["name"] for one in compared(train, other)["tables"]] == [str(train), str(other)]
    assert [one["name"] for one in compared(train, train)["tables"]] == [
        "data.csv (1)",
        "data.csv (2)",
    ]


def test_a_test_that_suits_no_column_is_said(table: Call, compared: Call) -> None:
    train = table("train.csv", age=AGES)
    document = compared(train, train, "--test", "chi-square")
    assert document["columns"][0]["results"][0]["test"] == "ks"
    assert document["remarks"] == [
        "--test chi-square suits no column; each has the test of its kind"
    ]
