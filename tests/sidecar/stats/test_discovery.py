"""What is watched without a baseline: columns as they come, under a bound."""

import numpy as np

from modelmonitor_api.spec import Feature
from modelmonitor_sidecar.stats.model_statistics import ModelStatistics, Settings
from modelmonitor_sidecar.testing_rows import assert_every_row_is_accounted_for, fates, place


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
