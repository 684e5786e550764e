"""The training rows, replayed in their order: what healthy rows reach, and what changes do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as arrow_parquet
import pytest
from numpy.typing import NDArray

from modelmonitor_api.baseline import Baseline, Bins, digest
from modelmonitor_cli.baseline import windows
from modelmonitor_cli.baseline.replay import MOST_BATCHES, Replay
from modelmonitor_sidecar.stats.bins import NumericBins
from modelmonitor_sidecar.stats.change_detector import ChangeDetector
from modelmonitor_sidecar.stats.effect import Reference

Call = Callable[..., Any]
START = datetime(2026, 1, 1, tzinfo=UTC)


def written(folder: Path, columns: dict[str, Any], name: str = "t.parquet") -> Path:
    arrow_parquet.write_table(pa.table(columns), folder / name)
    return folder / name


def healthy(rows: int, seed: int = 1) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    return {
        "x": random.normal(size=rows).round(6),
        "colour": random.choice(["red", "blue", "green", "rare"], rows, p=[0.6, 0.3, 0.099, 0.001]),
    }


def largest(baseline: Baseline) -> list[float | None]:
    return [feature.largest_change for feature in baseline.features]


def test_healthy_rows_reach_next_to_nothing(build: Call, tmp_path: Path) -> None:
    found = largest(build(written(tmp_path, healthy(50_000)), "--time-ordered").baseline)

    assert len(found) == 2
    assert all(value is not None and 0 <= value < 8 for value in found)


def test_rows_that_change_half_way_reach_far(build: Call, tmp_path: Path) -> None:
    x = np.random.default_rng(2).normal(size=50_000)
    x[25_000:] += 1.0

    (found,) = largest(build(written(tmp_path, {"x": x}), "--time-ordered").baseline)

    assert found is not None
    assert found > 20


def test_it_is_what_the_detector_says_of_batches_of_500_rows(build: Call, tmp_path: Path) -> None:
    columns = {"x": np.random.default_rng(3).normal(size=12_345)}
    columns["x"][7_000:] += 0.4

    baseline = build(written(tmp_path, columns), "--time-ordered").baseline

    (feature,) = baseline.features
    assert isinstance(feature.counts, Bins)
    bins = NumericBins([feature.counts.edges])
    detector = ChangeDetector([Reference(feature)], [np.inf])
    batches = np.split(columns["x"], range(500, 12_345, 500))
    expected = max(detector.feed(bins.count(batch[:, None]))[0] for batch in batches)
    assert feature.largest_change == pytest.approx(expected, rel=1e-3)


def test_values_that_are_no_value_are_in_no_batch(build: Call, tmp_path: Path) -> None:
    """A null after each row: twice the batches of half the rows each, so the same rows in all."""
    x = np.random.default_rng(4).normal(size=20_000)
    gaps = np.full(40_000, np.nan)
    gaps[::2] = x
    table = written(tmp_path, {"x": pa.array(gaps, from_pandas=True)})

    (feature,) = build(table, "--time-ordered").baseline.features

    assert isinstance(feature.counts, Bins)
    bins = NumericBins([feature.counts.edges])
    detector = ChangeDetector([Reference(feature)], [np.inf])
    expected = max(detector.feed(bins.count(batch[:, None]))[0] for batch in np.split(x, 80))
    assert feature.largest_change == pytest.approx(expected, rel=1e-3)


def test_rows_in_no_order_are_replayed_by_their_time(build: Call, tmp_path: Path) -> None:
    columns = healthy(20_000) | {"t": [START + timedelta(minutes=i) for i in range(20_000)]}
    order = np.random.default_rng(5).permutation(20_000)
    shuffled = pa.table(columns).take(order)
    arrow_parquet.write_table(shuffled, tmp_path / "s.parquet")

    in_order = build(written(tmp_path, columns), "--time", "t").baseline
    in_none = build(tmp_path / "s.parquet", "--time", "t").baseline

    assert largest(in_none) == largest(in_order) != [None, None]


def test_any_file_gives_the_same_digest(build: Call, tmp_path: Path) -> None:
    columns = healthy(20_000)
    arrow_csv.write_csv(pa.table(columns), tmp_path / "t.csv")

    typed = build(written(tmp_path, columns), "--time-ordered").baseline
    texts = build(tmp_path / "t.csv", "--time-ordered").baseline

    assert digest(typed) == digest(texts)


def test_without_an_order_nothing_is_replayed(
    build: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = healthy(3_000) | {"t": [START + timedelta(minutes=i) for i in range(3_000, 0, -1)]}
    table = written(tmp_path, columns)

    unordered = build(table)
    assert largest(unordered.baseline) == [None, None]
    assert "largestChange" not in unordered.file.read_text()

    monkeypatch.setattr(windows, "MOST_SORTED_ROWS", 1_000)
    assert largest(build(table, "--time", "t").baseline) == [None, None]


@pytest.mark.parametrize(
    ("rows", "cells", "batch_rows"),
    [
        (2, [10], 500),
        (10_000_000, [10], 500),
        (10_000_001, [10], 501),
        (100_000_000, [10] * 30, 5_000),
        # 128 MiB / (4 bytes * 10,000 cells) = 3,355 batches
        (10_000_000, [10] * 1_000, 2_981),
    ],
)
def test_the_memory_is_bounded_by_longer_batches(
    rows: int, cells: list[int], batch_rows: int
) -> None:
    replay = Replay(rows, cells)

    assert replay.batch_rows == batch_rows
    assert -(-rows // batch_rows) <= MOST_BATCHES


def test_a_merged_baseline_has_the_larger_or_none(build: Call, call: Call, tmp_path: Path) -> None:
    changing = healthy(20_000, seed=6)
    changing["x"][10_000:] += 0.5
    calm = build(written(tmp_path, healthy(20_000)), "--time-ordered", "--model", "m")
    parts = {
        "moved": build(written(tmp_path, changing), "--time-ordered", "--edges-from", calm.file),
        "unordered": build(written(tmp_path, changing), "--edges-from", calm.file),
    }

    merged = {
        name: call(
            "baseline", "merge", calm.file, part.file, "-o", tmp_path / name, file=tmp_path / name
        ).baseline
        for name, part in parts.items()
    }

    pairs = zip(largest(calm.baseline), largest(parts["moved"].baseline), strict=True)
    assert largest(merged["moved"]) == [max(one or 0.0, other or 0.0) for one, other in pairs]
    assert largest(merged["unordered"]) == [None, None]


def test_over_dispersed_rows_raise_their_own_threshold(build: Call, tmp_path: Path) -> None:
    """Hours with a level of their own reach more evidence than rows that do not differ."""
    random = np.random.default_rng(7)
    times = [START + timedelta(seconds=10 * i) for i in range(40_000)]
    noise: NDArray[np.float64] = random.normal(size=40_000)
    levels = noise + 0.5 * random.normal(size=112).repeat(360)[:40_000]

    (calm,), (moved,) = (
        largest(build(written(tmp_path, {"x": x, "t": times}), "--time", "t").baseline)
        for x in (noise, levels)
    )

    assert calm is not None
    assert moved is not None
    assert moved > calm
