"""Rows of any kind: each row of each feature ends as counted, missing, or invalid with a reason."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmonitor_api.names import OTHER
from modelmonitor_api.spec import Feature
from modelmonitor_sidecar.stats.categories import REASONS
from modelmonitor_sidecar.stats.model_statistics import ModelStatistics, Settings
from modelmonitor_sidecar.testing_baselines import baseline, categorical, numeric

AGE = numeric("age", range(20, 80))
NOTE = numeric("note", range(100), kind="text")
COLOUR = categorical("colour", {"red": 600, "blue": 400})
ANSWER = categorical("answer", {"0": 700, "1": 300}, role="prediction")
SCORE = numeric("chance", np.linspace(0, 1, 101), role="score")
BASELINE = baseline([AGE, COLOUR, NOTE, ANSWER, SCORE], ignored=["id"])
COLUMNS = ("age", "colour", "note", "id")

hostile = (
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.sampled_from([10**400, -(10**400), 2**53 + 1, 1e308, -0.0, "red", "x" * 10_000, "", "1.5"])
    | st.lists(st.none(), max_size=2)
)


def place(statistics: ModelStatistics, name: str) -> int:
    return next(i for i, watched in statistics.watched() if watched.name == name)


def fates(statistics: ModelStatistics, name: str) -> dict[str, int]:
    """What became of the rows of a feature; only what happened."""
    at, totals = place(statistics, name), statistics.totals
    fate = dict(zip(REASONS, totals.invalid[:, at].tolist(), strict=True))
    fate |= {"missing": int(totals.missing[at]), "unseen": int(totals.unseen[at])}
    fate |= {"range": int(totals.out_of_range[at]), "cells": sum(cells(statistics, name))}
    return {key: rows for key, rows in fate.items() if rows}


def cells(statistics: ModelStatistics, name: str) -> list[int]:
    at = statistics.layout.cells_of(place(statistics, name))
    return [int(rows) for rows in statistics.totals.cells[at]]


def absent(statistics: ModelStatistics) -> dict[str, int]:
    """Rows without the column of a feature; only features that lacked any."""
    rows = {watched.name: statistics.totals.absent[at] for at, watched in statistics.watched()}
    return {name: int(count) for name, count in rows.items() if count}


def assert_every_row_is_accounted_for(statistics: ModelStatistics) -> None:
    totals, layout = statistics.totals, statistics.layout
    for at, _watched in statistics.watched():
        counted = int(totals.cells[layout.cells_of(at)].sum())
        if layout.cells_of(at).start == layout.cells_of(at).stop:
            counted = int(totals.moments.values[at])
        lost = int(totals.missing[at]) + int(totals.invalid[:, at].sum())
        assert counted + lost == totals.feature_rows[at]
        assert 0 <= totals.absent[at] <= totals.missing[at]


def counted(*tables: tuple[Any, list[list[Any]]], **options: Any) -> ModelStatistics:
    statistics = ModelStatistics(BASELINE, Settings(**options))
    for names, values in tables:
        statistics.add_rows(names, values)
    statistics.flush(0.0)
    return statistics


def test_rows_without_names_map_by_the_baselines_columns() -> None:
    statistics = counted((None, [[30, "red", "hello", 17], [40, "blue", "", 18]]))

    assert fates(statistics, "age") == fates(statistics, "colour") == {"cells": 2}
    assert fates(statistics, "note") == {"cells": 2}
    assert statistics.totals.rows == 2
    assert [watched.name for _, watched in statistics.watched()].count("id") == 0


def test_rows_with_names_come_in_any_order() -> None:
    statistics = counted((("colour", "age"), [["red", 30.5]]))

    assert fates(statistics, "age") == {"cells": 1}
    assert cells(statistics, "colour") == [1, 0, 0, 0]
    assert fates(statistics, "note") == {"missing": 1}
    assert absent(statistics) == {"note": 1}


def test_each_trouble_has_its_name() -> None:
    values: list[object] = [
        None,
        math.nan,
        math.inf,
        -math.inf,
        10**400,
        "17",
        "",
        [],
        {},
        True,
        2**53 + 1,
        1e308,
    ]

    statistics = counted((("age",), [[value] for value in values]))

    assert fates(statistics, "age") == {
        "missing": 2, "infinite": 3, "string": 2, "type": 2, "cells": 3, "range": 3,
    }  # fmt: skip


def test_a_text_is_watched_by_its_length() -> None:
    statistics = counted((("note",), [["x" * 10], ["é" * 99], [5], [None], ["x" * 5000]]))

    assert fates(statistics, "note") == {"cells": 3, "type": 1, "missing": 1, "range": 1}
    assert statistics.totals.moments.summary(place(statistics, "note")).maximum == 5000


def test_another_width_is_invalid_for_every_input() -> None:
    statistics = counted((None, [[30, "red", "a", 1], [30, "red"], [], [1, 2, 3, 4, 5]]))

    for name in ("age", "colour", "note"):
        assert fates(statistics, name) == {"cells": 1, "width": 3}
    assert statistics.totals.rows == 4
    assert statistics.totals.rows_wrong_width == 3


def test_records_may_lack_names_and_bring_new_ones() -> None:
    statistics = ModelStatistics(BASELINE)
    statistics.add_records([{"age": 30, "colour": "red"}, {"age": 31, "weight": 5.5}, {}])
    statistics.flush(0.0)

    assert fates(statistics, "age") == {"cells": 2, "missing": 1}
    assert fates(statistics, "colour") == {"cells": 1, "missing": 2}
    assert absent(statistics) == {"age": 1, "colour": 2, "note": 3}
    assert statistics.counting.extra.rows == {"weight": 1}
    assert statistics.totals.rows_unexpected_column == 1
    assert statistics.totals.moments.summary(place(statistics, "weight")).mean == 5.5


def test_a_column_that_does_not_come_is_absent_in_every_row_of_the_table() -> None:
    statistics = counted((("age", "id"), [[30, 1], [None, 2]]), (None, [[30, None, "a", 1]]))

    assert absent(statistics) == {"colour": 2, "note": 2}
    assert fates(statistics, "colour") == {"missing": 3}
    assert statistics.totals.rows_unexpected_column == 0


def test_a_name_that_came_with_null_is_missing_and_not_absent() -> None:
    statistics = ModelStatistics(BASELINE)
    statistics.add_records([{"age": None, "colour": None, "note": None, "id": 1}, {"age": 30}])
    statistics.flush(0.0)

    assert absent(statistics) == {"colour": 1, "note": 1}


def test_rows_of_another_width_lack_nothing_and_bring_nothing_unexpected() -> None:
    statistics = counted((("age", "stranger"), [[30, 1], [30], [1, 2, 3]]))

    assert absent(statistics) == {"colour": 1, "note": 1}
    assert statistics.totals.rows_unexpected_column == 1
    assert counted((None, [[30], [1, 2, 3, 4, 5]])).totals.absent.sum() == 0


def test_a_row_with_two_unexpected_columns_is_one_row() -> None:
    statistics = ModelStatistics(BASELINE)
    statistics.add_records([{"age": 30, "a": 1, "b": 2}, {"age": 31, "b": 3}, {"age": 32}])
    statistics.flush(0.0)

    assert statistics.totals.rows_unexpected_column == 2
    assert statistics.counting.extra.rows == {"a": 1, "b": 2}


def test_a_column_that_the_resource_ignores_is_expected() -> None:
    names, rows = ("age", "person"), [[30, 1], [31, 2]]

    assert counted((names, rows)).totals.rows_unexpected_column == 2
    ignored = counted((names, rows), features=(Feature("person", ignore=True),))
    assert ignored.totals.rows_unexpected_column == 0


def test_without_a_baseline_nothing_is_absent_or_unexpected() -> None:
    statistics = ModelStatistics(None)
    statistics.add_records([{"age": 30}, {"colour": "red"}])
    statistics.flush(0.0)

    assert absent(statistics) == {}
    assert statistics.totals.rows_unexpected_column == 0


def test_arrays_of_numbers_count_like_lists() -> None:
    names, values = ("age", "colour"), [[30.0, 1.0], [math.nan, 2.0], [math.inf, math.nan]]
    statistics, arrays = counted((names, values)), ModelStatistics(BASELINE)
    arrays.add_rows(names, np.array(values))
    arrays.flush(0.0)

    for name in ("age", "colour"):
        assert fates(arrays, name) == fates(statistics, name)


def test_arrays_of_texts_count_like_lists() -> None:
    statistics = ModelStatistics(BASELINE)
    statistics.add_rows(("colour",), np.array([["red"], ["mauve"]]))
    statistics.add_rows(("colour",), np.array([["blue"], [None]], dtype=object))
    statistics.flush(0.0)

    assert fates(statistics, "colour") == {"cells": 3, "unseen": 1, "missing": 1}


def test_a_tensor_of_fp32_falls_into_the_bins_of_its_decimals() -> None:
    feature = numeric("x", [0.1] * 50 + [0.2] * 50 + [0.3] * 50)
    statistics = ModelStatistics(baseline([feature]))
    statistics.add_rows(None, np.array([[0.1], [0.2], [0.3]], dtype=np.float32))
    statistics.flush(0.0)

    assert fates(statistics, "x") == {"cells": 3}
    assert cells(statistics, "x") == [1, 1, 1]


def test_outputs_are_counted_where_they_could_be_read() -> None:
    statistics = ModelStatistics(BASELINE)
    statistics.add_rows(("age",), [[30], [31]], predictions=[1, 0.0], scores=np.array([0.5, 2.0]))
    statistics.add_rows(("age",), [[30]])
    statistics.add_rows(("age",), [[30]], predictions=["1"], scores=[None])
    statistics.add_rows(("age",), [[30]], predictions=[1, 1])  # not one a row: not readable
    statistics.flush(0.0)

    assert cells(statistics, "answer") == [1, 2, 0, 0]
    assert fates(statistics, "chance") == {"cells": 2, "missing": 1, "range": 1}
    assert statistics.totals.feature_rows[place(statistics, "answer")] == 3
    assert statistics.totals.rows == 5


def test_without_a_baseline_columns_are_discovered() -> None:
    statistics = ModelStatistics(None)
    statistics.add_rows(None, [[1.5, "some text"], [2.5, None]], predictions=[0.25, 0.75])
    statistics.flush(0.0)

    watched = {w.name: (w.kind, w.role) for _, w in statistics.watched()}
    assert watched == {
        "column_0": ("numeric", "input"),
        "column_1": ("text", "input"),
        "prediction": ("numeric", "prediction"),
    }
    assert statistics.totals.moments.summary(place(statistics, "column_0")).mean == 2.0
    assert fates(statistics, "column_1") == {"missing": 1}
    assert_every_row_is_accounted_for(statistics)


def test_a_column_of_nothing_is_discovered_when_something_comes() -> None:
    statistics = ModelStatistics(None)
    for values in ([[None]], [["text"]], [["more"]]):
        statistics.add_rows(("late",), values)
        statistics.flush(0.0)

    assert [w.kind for _, w in statistics.watched()] == ["text"]
    assert statistics.totals.moments.values[place(statistics, "late")] == 2


def test_discovery_ends_with_its_budget() -> None:
    statistics = ModelStatistics(None, Settings(discovered_features=5))
    statistics.add_records([{f"field_{i}": float(i) for i in range(1000)}])
    statistics.flush(0.0)

    assert len(statistics.watched()) == 5
    assert statistics.discovery.dropped == 995


def test_unknown_names_are_counted_under_a_bound() -> None:
    statistics = ModelStatistics(BASELINE)
    for i in range(500):
        statistics.add_records([{"age": 30, f"field_{i}": 1}])
    statistics.add_records([{"y" * 100_000: 1}])
    statistics.flush(0.0)

    extra = statistics.counting.extra.rows
    assert len(extra) <= 101
    assert extra[OTHER] >= 400
    assert max(map(len, extra)) <= 128
    assert fates(statistics, "age") == {"cells": 500, "missing": 1}


def test_overrides_change_what_is_watched() -> None:
    overrides = (
        Feature("age", minimum=35.0, maximum=60.0),
        Feature("note", ignore=True),
        Feature("colour", allowed_values=("red", "pink")),
    )

    statistics = counted(
        (None, [[30, "red", "x", 0], [70, "blue", "x", 0], [50, "pink", 5, 0]]), features=overrides
    )

    assert fates(statistics, "age") == {"cells": 3, "range": 2}
    assert cells(statistics, "colour") == [1, 1, 1, 0]
    assert fates(statistics, "colour") == {"cells": 3, "range": 1}
    assert "note" not in [w.name for _, w in statistics.watched()]


def test_a_kind_that_the_baseline_does_not_serve_is_watched_without_it() -> None:
    statistics = counted(
        (("colour",), [[3.5], [None]]), features=(Feature("colour", kind="numeric"),)
    )

    assert statistics.totals.moments.summary(place(statistics, "colour")).mean == 3.5
    assert absent(statistics) == {"age": 2, "note": 2}
    assert_every_row_is_accounted_for(statistics)


def test_a_name_that_comes_twice_counts_once() -> None:
    statistics = counted((("age", "age"), [[30, 99]]))

    assert statistics.totals.moments.summary(place(statistics, "age")).maximum == 30


def test_an_empty_batch_counts_nothing() -> None:
    statistics = counted((None, []), (("age",), []))

    assert statistics.totals.rows == 0
    assert statistics.flush(0.0) == 0


@settings(max_examples=200)
@given(st.lists(st.lists(hostile, max_size=5), max_size=12))
def test_no_list_of_rows_escapes_the_account(rows: list[list[Any]]) -> None:
    statistics = counted((None, rows), (COLUMNS, rows))

    assert statistics.totals.rows == 2 * len(rows)
    assert_every_row_is_accounted_for(statistics)


@settings(max_examples=200)
@given(
    st.lists(
        st.dictionaries(st.sampled_from([*COLUMNS, "new", "other"]), hostile),
        min_size=1,
        max_size=12,
    ),
    st.booleans(),
)
def test_no_list_of_records_escapes_the_account(records: list[dict[str, Any]], known: bool) -> None:
    statistics = ModelStatistics(BASELINE if known else None)
    statistics.add_records(records, [record.get("age") for record in records])
    statistics.flush(0.0)
    statistics.add_records(records)
    statistics.flush(0.0)

    assert statistics.totals.rows == 2 * len(records)
    assert_every_row_is_accounted_for(statistics)
    lacking = {name: 2 * sum(name not in one for one in records) for name in COLUMNS[:3]}
    assert absent(statistics) == {name: n for name, n in lacking.items() if n and known}
    strange = 2 * sum(not {"new", "other"}.isdisjoint(one) for one in records)
    assert statistics.totals.rows_unexpected_column == strange * known


@pytest.mark.parametrize("batch", [1, 7, 100])
def test_batches_do_not_change_the_counts(batch: int) -> None:
    chance = np.random.default_rng(3)
    ages, colours = (
        chance.normal(50, 20, 200).tolist(),
        chance.choice(["red", "mauve"], 200).tolist(),
    )
    rows = [[age, colour] for age, colour in zip(ages, colours, strict=True)]
    whole, parts = counted((("age", "colour"), rows)), ModelStatistics(BASELINE)
    for start in range(0, len(rows), batch):
        parts.add_rows(("age", "colour"), rows[start : start + batch])
        parts.flush(0.0)

    assert all((difference == 0).all() for difference in whole.totals.difference(parts.totals))


@pytest.mark.parametrize("replicas", [2, 10])
def test_replicas_add_up_to_the_bit_in_any_order(replicas: int) -> None:
    chance = np.random.default_rng(4)
    rows = [[age, "red", "note", 0] for age in chance.normal(50, 20, 500).tolist()]
    whole = counted((None, rows)).totals
    parts = [counted((None, rows[i::replicas])).totals for i in range(replicas)]
    forwards, backwards = counted().totals, counted().totals

    for part, other in zip(parts, reversed(parts), strict=True):
        forwards.add(part)
        backwards.add(other)

    for total in (forwards, backwards):
        assert all((difference == 0).all() for difference in whole.difference(total))
        assert total.rows == whole.rows


def test_ignored_and_endless_names_are_not_discovered() -> None:
    statistics = ModelStatistics(None, Settings(features=(Feature("secret", ignore=True),)))
    statistics.add_records([{"secret": 1.0, "x" * 200: 1.0, "plain": 1.0}])
    statistics.flush(0.0)

    assert [w.name for _, w in statistics.watched()] == ["plain"]


def test_an_override_holds_for_discovered_columns_too() -> None:
    statistics = ModelStatistics(None, Settings(features=(Feature("x", maximum=5.0),)))
    statistics.add_rows(("x",), [[1.0], [9.0]])
    statistics.flush(0.0)

    assert fates(statistics, "x") == {"range": 1}


def test_tensors_of_more_dimensions_are_rows_of_their_values() -> None:
    statistics = ModelStatistics(None)
    statistics.add_rows(None, np.arange(12.0).reshape(2, 3, 2))
    statistics.flush(0.0)

    assert statistics.totals.rows == 2
    assert len(statistics.watched()) == 6


def test_numbers_where_texts_are_expected_are_of_a_wrong_type() -> None:
    statistics = ModelStatistics(BASELINE)
    statistics.add_rows(("age", "note"), np.array([[30.0, 1.0], [31.0, math.nan]]))
    statistics.flush(0.0)

    assert fates(statistics, "note") == {"type": 1, "missing": 1}


def test_rows_without_answers_may_have_skewed_outputs() -> None:
    skewed = numeric("price", np.random.default_rng(1).lognormal(0, 5, 5000), role="score")
    statistics = ModelStatistics(baseline([skewed, AGE]))
    statistics.add_rows(("age",), [[30], [31]])
    statistics.flush(0.0)
    statistics.add_rows(("age",), [[30]], scores=[1.0])
    statistics.flush(0.0)

    assert fates(statistics, "age") == {"cells": 3}
    assert fates(statistics, "price") == {"cells": 1}
