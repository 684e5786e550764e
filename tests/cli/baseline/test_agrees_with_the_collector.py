"""The collector counts training rows into the very cells in which the baseline counted them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as arrow_parquet
import pytest

from modelmonitor_api.baseline import Bins
from modelmonitor_sidecar.stats.model_statistics import ModelStatistics, Settings
from modelmonitor_sidecar.stats.views import WindowView

Call = Callable[..., Any]
ROWS = 6_000


def hostile_table() -> pa.Table:
    random = np.random.default_rng(31)
    skewed = random.lognormal(0, 3, ROWS)
    skewed[::97], skewed[::89], skewed[::83] = np.nan, np.inf, 1e300
    ties = random.integers(0, 30, ROWS) / 10
    words = [f"w{int(i)}" if i < 60 else None for i in random.geometric(0.05, ROWS)]
    return pa.table(
        {
            "skewed": pa.array(skewed),
            "ties": ties,
            "few": random.integers(-2, 3, ROWS),
            "huge": random.integers(2**60, 2**62, ROWS),
            "constant": np.full(ROWS, 4.5),
            "rare": (random.random(ROWS) < 0.002).astype(np.float64),
            "word": words,
            "long": ["x" * 200 if i % 50 == 0 else "short" for i in range(ROWS)],
            "flag": random.random(ROWS) < 0.4,
            "review": [review(i) for i in range(ROWS)],
            "prose": [f"some words and then {i} more of them" * (i % 7 + 1) for i in range(ROWS)],
        }
    )


def review(row: int) -> str | None:
    """Texts of other scripts, endless ones, empty ones, and none."""
    odd = [None, "", " \u3000\n", "?! \u2014 ...", "\u597d" * 90, "words " * 2_000, "\U0001f600 ok"]
    if row % 11 == 0:
        return odd[row // 11 % len(odd)]
    return f"The \u00abS\u00dcSSE\u00bb soup{row % 400} was, {'really ' * (row % 6)}\u00e7ok iyi!"


@pytest.fixture
def seen(build: Call, tmp_path: Path) -> tuple[Any, WindowView]:
    """A baseline, and the collector's view of the rows that it was built from."""
    table = hostile_table()
    arrow_parquet.write_table(table, tmp_path / "t.parquet")
    baseline = build(
        tmp_path / "t.parquet", "--kind", "huge=numeric", "--kind", "review=text"
    ).baseline
    statistics = ModelStatistics(baseline, Settings(row_window=f"{ROWS}r"))
    names = tuple(table.column_names)
    for start in range(0, ROWS, 500):
        rows = [list(row.values()) for row in table.slice(start, 500).to_pylist()]
        statistics.add_rows(names, rows)
        statistics.flush(float(start))
    view = statistics.full_windows[-1]
    assert view.rows == ROWS
    return baseline, view


def test_every_row_lies_in_the_same_cell(seen: tuple[Any, WindowView]) -> None:
    baseline, view = seen
    assert {"review", "review.words", "review.unknown"} <= {one.name for one in baseline.features}
    for feature in baseline.features:
        live = view.feature(feature.name)
        if isinstance(feature.counts, Bins):
            assert live.cells == feature.counts.rows, feature.name
        else:
            assert live.cells == (*feature.counts.rows, feature.counts.other_rows, 0), feature.name
        assert live.missing == feature.missing_rows, feature.name
        assert sum(live.invalid.values()) == feature.invalid_rows, feature.name


def test_nothing_of_the_baseline_is_unseen_out_of_range_or_drift(
    seen: tuple[Any, WindowView],
) -> None:
    baseline, view = seen
    for feature in baseline.features:
        live = view.feature(feature.name)
        assert (live.unseen, live.out_of_range) == (0, 0), feature.name
        assert live.outcome != "drift", feature.name


def test_moments_agree(seen: tuple[Any, WindowView]) -> None:
    baseline, view = seen
    for feature in baseline.features:
        summary = view.feature(feature.name).summary
        if summary is None or feature.name == "skewed":  # 1e300 is beyond what live sums keep
            continue
        assert summary.mean == pytest.approx(feature.counts.mean, rel=1e-8)
        assert summary.standard_deviation == pytest.approx(
            feature.counts.standard_deviation, rel=1e-6, abs=1e-12
        )
