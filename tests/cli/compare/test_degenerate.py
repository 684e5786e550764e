"""Tables with next to nothing in them: words, never warnings, never a wrong number."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from modelmonitor_api.spec import Kind
from modelmonitor_cli.compare.column_values import ReadColumn, TableValues
from modelmonitor_cli.compare.comparison import TestName
from modelmonitor_cli.compare.distributions import distribution, moments
from modelmonitor_cli.compare.judging import tested as judged

Call = Callable[..., Any]
EVERY_TEST: Final[tuple[TestName, ...]] = (
    "welch",
    "anova",
    "kruskal",
    "ks",
    "mann-whitney",
    "chi-square",
)


def words(result: dict[str, Any]) -> list[str]:
    return [remark["word"] for remark in result["remarks"]]


def only(column: dict[str, Any]) -> dict[str, Any]:
    (result,) = column["results"]
    assert isinstance(result, dict)
    return result


def test_one_value_everywhere_is_constant(table: Call, columns: Call) -> None:
    train = table("train.csv", one=[7] * 50, colour=["red"] * 50)
    for column in columns(train, train, "--test", "all").values():
        assert column["differs"] is None
        for result in column["results"]:
            assert words(result) == ["constant"]
            assert result["p"] is result["effect"] is None


def test_two_constants_differ_by_rank_and_share_but_not_by_mean(table: Call, columns: Call) -> None:
    train, live = table("train.csv", x=[1] * 50), table("live.csv", x=[2] * 50)
    results = {one["test"]: one for one in columns(train, live, "--test", "all")["x"]["results"]}
    assert words(results["welch"]) == ["no spread"]
    assert results["ks"]["effect"] == results["mann-whitney"]["effect"] == 1
    assert results["chi-square"]["effect"] == pytest.approx(1, abs=0.01)


def test_a_column_without_a_value_in_any_table_is_left_out(table: Call, compared: Call) -> None:
    train = table("train.csv", x=[None] * 9, y=[1, 2, 3] * 3)
    assert compared(train, train)["leftOut"] == [{"name": "x", "why": "has no value"}]


def test_a_column_without_a_value_in_one_table_is_too_few(table: Call, columns: Call) -> None:
    numbers = [at / 7 for at in range(60)]
    train = table("train.csv", x=numbers, c=["a", "b"] * 30)
    live = table("live.csv", x=[None] * 60, c=[None] * 60)
    for pair in ((train, live), (live, train)):
        for column in columns(*pair).values():
            assert words(only(column)) == ["too few"]
            assert column["missingDiffers"] is True


def test_one_row_and_two_values(table: Call, columns: Call) -> None:
    one, two = table("one.csv", x=[1.5]), table("two.csv", x=[2.5, 3.5])
    assert only(columns(one, two)["x"])["p"] == pytest.approx(2 / 3)  # 1 of 3 places, both sides
    assert words(only(columns(one, two, "--test", "welch")["x"])) == ["too few"]
    assert words(only(columns(two, two, "--test", "welch")["x"])) == ["rough"]


def test_dates_identifiers_and_lists_are_left_out_with_the_reason(
    compared: Call, tmp_path: Path
) -> None:
    rows = 200
    path = tmp_path / "typed.parquet"
    content = {
        "id": list(range(rows)),
        "when": pa.array(range(rows), pa.timestamp("s")),
        "list": [[1, 2]] * rows,
        "void": pa.nulls(rows),
        "x": [at % 50 / 3 for at in range(rows)],
    }
    pyarrow.parquet.write_table(pa.table(content), path)
    left = {one["name"]: one["why"] for one in compared(path, path)["leftOut"]}
    assert left == {
        "id": "identifier: numbers the rows",
        "when": "date or time",
        "list": "values of type list<element: int64>",
        "void": "has no value",
    }


def test_a_type_that_cannot_be_read_in_a_later_table_leaves_the_column_out(
    table: Call, compared: Call, tmp_path: Path
) -> None:
    train = table("train.csv", when=["soon", "late"] * 30, x=[1.5, 2.5] * 30)
    live = tmp_path / "live.parquet"
    content = {"when": pa.array(range(60), pa.timestamp("s")), "x": [1.5, 2.5] * 30}
    pyarrow.parquet.write_table(pa.table(content), live)
    document = compared(train, live)
    assert document["leftOut"] == [{"name": "when", "why": "date or time"}]
    assert [column["name"] for column in document["columns"]] == ["x"]


def test_infinities_and_nan_are_no_numbers(columns: Call, tmp_path: Path) -> None:
    path = tmp_path / "odd.parquet"
    odd = [float("nan"), None, float("inf"), -float("inf"), *[at / 3 for at in range(96)]]
    pyarrow.parquet.write_table(pa.table({"x": odd}), path)
    (first, _) = columns(path, path)["x"]["tables"]
    assert (first["rows"], first["missing"], first["invalid"], first["values"]) == (100, 2, 2, 96)


def test_numbers_at_the_ends_of_what_there_is(table: Call, columns: Call) -> None:
    huge = [sign * factor * 1e308 for sign in (1, -1) for factor in (0.1, 0.9, 1.1, 1.5)] * 10
    column = columns(
        table("train.csv", x=huge),
        table("live.csv", x=huge),
        "--test",
        "all",
        "--kind",
        "x=numeric",
    )["x"]
    assert column["differs"] is False
    assert column["distribution"]["edges"] == [-1.5e308, 1.5e308]


def test_hostile_names_and_values_are_compared_like_others(table: Call, columns: Call) -> None:
    name = "<script>[bold]{{x}}\u202e"
    path = table("train.csv", **{name: ["[/]", "</svg>", "{% x %}"] * 40})
    assert columns(path, path)[name]["distribution"]["labels"] == ["[/]", "</svg>", "{% x %}"]


def test_a_table_without_rows_is_refused(table: Call, call: Call) -> None:
    train, empty = table("train.csv", x=[1, 2, 3]), table("empty.csv", x=[])
    answer = call("compare", train, empty)
    assert (answer.status, answer.out) == (1, "")
    assert answer.err == f"modelmonitor: {empty}: has no rows; give a table with some\n"


def test_tables_with_nothing_in_common_are_refused(table: Call, call: Call) -> None:
    answer = call("compare", table("a.csv", x=[1, 2]), table("b.csv", y=[1, 2]))
    assert answer.status == 1
    assert answer.err == (
        "modelmonitor: a.csv and b.csv: have no column in common that can be compared; say what "
        "columns are with --kind\n"
    )


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--kind", "z=numeric"), "--kind z: "),
        (("--test", "z=ks"), "--test z: "),
        (("--ignore", "z"), "--ignore z: "),
        (("--test", "empty=ks"), "--test empty=ks: cannot be (has no value)"),
        (("--kind", "empty=numeric"), "--kind empty=numeric: cannot be (has no value)"),
        (("--alpha", "1"), "--alpha: is 1"),
        (("--ignore", "x", "--test", "x=ks"), "--test and --ignore: "),
        (("--test", "students"), "--test students: "),
        (("--output", "no/such/folder.json"), "no/such/folder.json: cannot be written"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_sentence(
    arguments: Sequence[str], named: str, table: Call, call: Call
) -> None:
    train = table("train.csv", x=[1.5, 2.5, 3.5], empty=[None] * 3)
    answer = call("compare", train, train, *arguments)
    assert answer.status == 1
    assert answer.err.startswith(f"modelmonitor: {named}")
    assert answer.err.count("\n") == 1


def test_a_single_table_is_wrong_usage(table: Call, call: Call) -> None:
    with pytest.raises(SystemExit) as ended:
        call("compare", table("train.csv", x=[1]))
    assert ended.value.code == 2


VALUES = st.lists(
    st.one_of(
        st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([0.0, 1.0, -1e-320])
    ),
    max_size=12,
)


@given(st.lists(VALUES, min_size=2, max_size=4).filter(any))
def test_whatever_the_numbers_no_test_warns_or_leaves_its_range(tables: list[list[float]]) -> None:
    samples = [np.array(values, dtype=np.float64) for values in tables]
    column = ReadColumn(
        "x", "discrete", tuple(TableValues(len(one) or 1, 0, 0, one) for one in samples)
    )
    for result in judged(column, EVERY_TEST, [str(at) for at in range(len(samples))]):
        assert (result.p is None) == (result.effect is None)
        if result.p is None or result.effect is None:
            assert result.remarks
            continue
        assert 0 <= result.p <= 1
        if result.test != "welch":
            assert -1 - 1e-9 <= result.effect.value <= 1 + 1e-9


@given(st.lists(VALUES, min_size=2, max_size=3).filter(any))
def test_every_sampled_value_is_in_the_picture(tables: list[list[float]]) -> None:
    samples = [np.array(values, dtype=np.float64) for values in tables]
    kinds: tuple[Kind, ...] = ("numeric", "discrete")
    for kind in kinds:
        read = tuple(TableValues(len(one) or 1, 0, 0, one) for one in samples)
        drawn = distribution(ReadColumn("x", kind, read))
        for sample, shares in zip(samples, drawn.shares, strict=True):
            assert sum(shares) == pytest.approx(1.0 if len(sample) else 0.0)


@given(VALUES.filter(bool))
@example([9.0, -1e-320, -1e-320])  # scaling rounds what is next to nothing
def test_moments_are_finite_and_in_order(values: list[float]) -> None:
    found = moments(np.array(values, dtype=np.float64))
    assert found is not None
    assert found.minimum <= found.median <= found.maximum
    slack = 1e-9 * max(abs(found.minimum), abs(found.maximum))
    assert found.minimum - slack <= found.mean <= found.maximum + slack
