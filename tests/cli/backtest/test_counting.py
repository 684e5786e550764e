"""What a backtest counts and judges is what the collector counts and judges of the same rows."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_api.baseline import Baseline, to_document
from modelmonitor_api.baseline_reading import parse_baseline
from modelmonitor_api.spec import Feature, Kind
from modelmonitor_cli.backtest.columns import category_column, number_column
from modelmonitor_cli.backtest.results import Backtest
from modelmonitor_sidecar.stats.layout import Layout, watched_features
from modelmonitor_sidecar.stats.model_statistics import ModelStatistics, Settings
from modelmonitor_sidecar.testing_baselines import baseline, categorical, numeric

ROWS = 1_000


def mixed() -> Baseline:
    """As a file has it, in which representatives have nine digits."""
    chance = np.random.default_rng(3)
    sample = chance.lognormal(size=5_000)
    whole = baseline(
        [
            numeric("size", sample),
            numeric("steps", chance.integers(0, 9, 5_000), kind="discrete"),
            numeric("review", chance.integers(3, 40, 5_000), kind="text"),
            categorical("colour", {"red": 3_000, "blue": 1_900}, others={"pink": 100}),
            categorical("flag", {"true": 3_000, "false": 2_000}, kind="boolean"),
            categorical("code", {"1": 3_000, "2": 2_000}),
            numeric("answer", sample, role="prediction"),
        ]
    )
    return parse_baseline(to_document(whole))


def live() -> pa.Table:
    chance = np.random.default_rng(4)
    size = chance.lognormal(size=2 * ROWS)
    size[::17], size[::19], size[::23] = np.nan, np.inf, 1e9
    colours = chance.choice(["red", "blue", "pink", "Crimson"], 2 * ROWS).astype(object)
    colours[::11] = None
    return pa.table(
        {
            "size": size,
            "steps": pa.array(chance.integers(-1, 9, 2 * ROWS)),
            "review": ["x" * int(n) if n else None for n in chance.integers(0, 60, 2 * ROWS)],
            "colour": pa.array(colours.tolist()),
            "flag": pa.array([bool(one) for one in chance.integers(0, 2, 2 * ROWS)]),
            "code": pa.array(chance.integers(1, 4, 2 * ROWS).astype(np.float64)),
            "answer": chance.lognormal(0.2, 1, 2 * ROWS),
        }
    )


def collected(table: pa.Table, one: Baseline) -> ModelStatistics:
    """The collector's word, of rows that came as JSON would bring them."""
    settings = Settings(windows=(), row_window=f"{ROWS}r")
    statistics = ModelStatistics(one, settings)
    inputs = table.drop_columns(["answer"])
    rows = [list(row.values()) for row in inputs.to_pylist()]
    statistics.add_rows(tuple(inputs.column_names), rows, table["answer"].to_pylist())
    statistics.flush(0.0)
    return statistics


def test_every_window_is_judged_as_the_collector_judges_it(found: Callable[..., Backtest]) -> None:
    table = live()
    replay = found(dict(zip(table.column_names, table.columns, strict=True)),
                   baseline=mixed(), window=f"{ROWS}r")  # fmt: skip
    views = list(collected(table, mixed()).full_windows)
    assert len(views) == len(replay.windows) == 2
    for result in replay.results:
        view = views[result.window].feature(result.feature.name)
        assert result.verdict == view.verdict, result.feature.name
        assert result.shares == view.shares, result.feature.name
        assert result.missing == view.missing, result.feature.name
        assert result.invalid == sum(view.invalid.values()), result.feature.name
        assert result.out_of_range == view.out_of_range, result.feature.name


def test_a_csv_is_judged_as_the_same_table_in_parquet(command: Callable[..., Any]) -> None:
    columns = {
        "age": ["38.5", "41", "", "1e1", "n/a", "inf", "forty"] * 100,
        "colour": ["red", "green", "", "blue", "n/a", "inf", "red"] * 100,
        "prediction": ["0.1", "-0.2", "0.3", "", "1", "2", "3"] * 100,
    }
    nothing = {"", "n/a", "inf", "forty"}
    typed = {
        "age": [None if one in nothing else float(one) for one in columns["age"]],
        "colour": [one or None for one in columns["colour"]],
        "prediction": [float(one) if one else None for one in columns["prediction"]],
    }
    as_text = command(columns, "--window", "700r", "--json", name="a.csv")
    as_numbers = command(typed, "--window", "700r", "--json", name="b.parquet")
    ages = [_shares(answer.out)["age"] for answer in (as_text, as_numbers)]
    assert ages[0]["missing"] + ages[0]["invalid"] == ages[1]["missing"] == 400
    assert ages[0]["invalid"] == 200  # inf and forty; n/a and nothing are missing
    assert _shares(as_text.out)["prediction"] == _shares(as_numbers.out)["prediction"]


def _shares(text: str) -> dict[str, dict[str, int]]:
    return {
        result["feature"]: {share["kind"]: share["rows"] for share in result["shares"]}
        for result in json.loads(text)["results"]
    }


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("numeric", pa.array(["1", "2", None])),
        ("numeric", pa.array([[1], [2], None])),
        ("discrete", pa.array([1, 2, None], pa.timestamp("us"))),
        ("text", pa.array([1.5, 2.5, None])),
    ],
)
def test_values_of_a_type_that_the_feature_cannot_have_are_invalid(kind: Kind, values: Any) -> None:
    read = number_column(values, kind, all_text=False)
    assert read.invalid is not None
    assert read.invalid.tolist() == [True, True, False]
    assert np.isnan(read.values).all()


def test_a_column_without_any_type_is_missing() -> None:
    read = number_column(pa.nulls(3), "numeric", all_text=False)
    assert np.isnan(read.values).all()
    assert read.invalid is None or not read.invalid.any()


def test_lists_are_no_categories() -> None:
    cells = Layout(watched_features(mixed(), {}), slots=0).category_cells[0]
    read = category_column(pa.array([["red"], None]), cells)
    assert read.cells.tolist() == [-1, -1]
    assert read.invalid is not None
    assert read.invalid.tolist() == [True, False]


def test_values_that_the_monitor_does_not_allow_are_flagged_and_counted() -> None:
    allowed = {"colour": Feature("colour", allowed_values=("red", "lime"))}
    layout = Layout(watched_features(mixed(), allowed), slots=0)
    read = category_column(pa.array(["red", "blue", "lime", "pink"]), layout.category_cells[0])
    red, blue, other, unseen = 0, 1, 2, 3
    assert read.cells.tolist() == [red, blue, other, unseen]
    assert read.out_of_range is not None
    assert read.out_of_range.tolist() == [False, True, False, False]


@given(st.lists(st.sampled_from(["1", "2.5", "", None, "NA", "-", "inf", "x", " 3 ", "nan"])))
def test_each_text_of_a_csv_is_a_number_or_missing_or_invalid(texts: list[str | None]) -> None:
    read = number_column(pa.array(texts, pa.string()), "numeric", all_text=True)
    invalid = np.zeros(len(texts), dtype=bool) if read.invalid is None else read.invalid
    for text, value, wrong in zip(texts, read.values, invalid, strict=True):
        if text in ("1", "2.5", " 3 "):
            assert value == float(text)
        else:
            assert np.isnan(value)
        assert wrong == (text in ("inf", "x"))
