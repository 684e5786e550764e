"""Columns that the baseline knows and that do not come, and columns that it does not know."""

from modelmonitor_api.names import OTHER
from modelmonitor_api.spec import Feature
from modelmonitor_sidecar.stats.model_statistics import ModelStatistics
from modelmonitor_sidecar.testing_rows import BASELINE, absent, counted, fates, place


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
