"""Rows of any kind: each row of each feature ends as counted, missing, or invalid with a reason."""

import math

import numpy as np

from modelmonitor_api.spec import Feature
from modelmonitor_sidecar.stats.model_statistics import ModelStatistics
from modelmonitor_sidecar.testing_baselines import baseline, numeric
from modelmonitor_sidecar.testing_rows import (
    AGE,
    BASELINE,
    absent,
    assert_every_row_is_accounted_for,
    cells,
    counted,
    fates,
    place,
)


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
