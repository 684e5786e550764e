"""A baseline of one feature of each kind for tests of counting, and what became of each row."""

from typing import Any

import numpy as np

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


def place(statistics: ModelStatistics, name: str) -> int:
    """Of the feature, among all of them."""
    return next(i for i, watched in statistics.watched() if watched.name == name)


def fates(statistics: ModelStatistics, name: str) -> dict[str, int]:
    """What became of the rows of a feature; only what happened."""
    at, totals = place(statistics, name), statistics.totals
    fate = dict(zip(REASONS, totals.invalid[:, at].tolist(), strict=True))
    fate |= {"missing": int(totals.missing[at]), "unseen": int(totals.unseen[at])}
    fate |= {"range": int(totals.out_of_range[at]), "cells": sum(cells(statistics, name))}
    return {key: rows for key, rows in fate.items() if rows}


def cells(statistics: ModelStatistics, name: str) -> list[int]:
    """Rows by cell."""
    at = statistics.layout.cells_of(place(statistics, name))
    return [int(rows) for rows in statistics.totals.cells[at]]


def absent(statistics: ModelStatistics) -> dict[str, int]:
    """Rows without the column of a feature; only features that lacked any."""
    rows = {watched.name: statistics.totals.absent[at] for at, watched in statistics.watched()}
    return {name: int(count) for name, count in rows.items() if count}


def assert_every_row_is_accounted_for(statistics: ModelStatistics) -> None:
    """As counted, missing or invalid, for each feature."""
    totals, layout = statistics.totals, statistics.layout
    for at, _watched in statistics.watched():
        counted = int(totals.cells[layout.cells_of(at)].sum())
        if layout.cells_of(at).start == layout.cells_of(at).stop:
            counted = int(totals.moments.values[at])
        lost = int(totals.missing[at]) + int(totals.invalid[:, at].sum())
        assert counted + lost == totals.feature_rows[at]
        assert 0 <= totals.absent[at] <= totals.missing[at]


def counted(*tables: tuple[Any, list[list[Any]]], **options: Any) -> ModelStatistics:
    """Statistics of tables of names and rows, against the baseline; `options` are settings."""
    statistics = ModelStatistics(BASELINE, Settings(**options))
    for names, values in tables:
        statistics.add_rows(names, values)
    statistics.flush(0.0)
    return statistics
