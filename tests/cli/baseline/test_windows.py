"""How much healthy windows differ: known answers, the collector's estimate, and orders of rows."""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as arrow_parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_api.baseline import DEFAULT_RHO, Baseline
from modelmonitor_cli.baseline import dispersion, windows
from modelmonitor_cli.baseline.dispersion import Dispersion
from modelmonitor_cli.baseline.values import Integers
from modelmonitor_cli.baseline.windows import BlockWindows
from modelmonitor_sidecar.stats.dispersion import intra_window_correlation

Call = Callable[..., Any]
START = datetime(2026, 1, 1, tzinfo=UTC)


def rho_of(counts: Integers, *, in_order: bool = True) -> float | None:
    """rho of counts [windows, cells], fed row by row in blocks that cut windows."""
    total, cells = counts.shape
    window = np.repeat(np.repeat(np.arange(total), cells), counts.ravel())
    cell = np.repeat(np.tile(np.arange(cells), total), counts.ravel())
    one = Dispersion(cells, None if in_order else total)
    for start in range(0, len(window), 777):
        ids, places = np.unique(window[start : start + 777], return_inverse=True)
        one.add(BlockWindows("w", ids, places), cell[start : start + 777])
    return one.rho()


@pytest.mark.parametrize("in_order", [True, False])
def test_windows_of_one_size_give_the_collectors_estimate(in_order: bool) -> None:
    random = np.random.default_rng(11)
    shares = random.dirichlet([20] * 8, size=60)
    counts = np.array([random.multinomial(500, share) for share in shares])

    found = rho_of(counts, in_order=in_order)

    assert found == pytest.approx(intra_window_correlation(counts), rel=1e-3)
    # Dirichlet with 160 in all: rho = 1 / (160 + 1)
    assert found == pytest.approx(1 / 161, rel=0.3)


def test_windows_of_uneven_sizes_agree_with_the_collectors_estimate() -> None:
    random = np.random.default_rng(12)
    shares = random.dirichlet([20] * 8, size=200)
    sizes = random.integers(100, 1_000, 200)
    counts = np.array([random.multinomial(n, p) for n, p in zip(sizes, shares, strict=True)])

    assert rho_of(counts) == pytest.approx(intra_window_correlation(counts), rel=0.1)


def test_two_cells_by_hand() -> None:
    # five windows of 1,000: 600 600 500 400 400 of the first cell; p = 1/2
    # chi2 = sum (c - 500)^2 / 250 = 160, K - 1 = 4, sum (n - 1)(1 - n/N) = 5 * 999 * 4/5 = 3,996
    counts = np.array([[600, 400], [600, 400], [500, 500], [400, 600], [400, 600]])
    error = math.sqrt(8) / 3_996
    assert error > dispersion.LARGEST_ERROR
    assert rho_of(counts) is None
    assert rho_of(counts * 10) == pytest.approx((1_600 - 4) / (9_999 * 4), rel=1e-3)


def test_independent_windows_have_nearly_none() -> None:
    random = np.random.default_rng(13)
    counts = random.multinomial(500, [0.1] * 10, size=400)
    found = rho_of(counts)
    assert found is not None
    assert found < 0.0002


def test_a_single_cell_cannot_differ() -> None:
    assert rho_of(np.full((40, 1), 1_000)) == 0.0


def test_windows_that_share_nothing_correlate_fully() -> None:
    assert rho_of(np.diag([5_000] * 9)) == 1.0


def test_four_windows_are_too_few() -> None:
    assert rho_of(np.full((4, 2), 50_000)) is None


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8))
def test_missing_values_belong_to_no_window(sizes: Sequence[int]) -> None:
    one, other = Dispersion(2, None), Dispersion(2, None)
    for window, size in enumerate(sizes):
        cells = np.arange(size) % 2
        at = np.zeros(size, dtype=np.int64)
        one.add(BlockWindows("w", np.array([window]), at), cells)
        with_gaps = np.concatenate((cells, np.full(3, 2)))
        gaps = BlockWindows("w", np.array([window]), np.zeros(size + 3, dtype=np.int64))
        other.add(gaps, with_gaps)
    assert one.rho() == other.rho()


def written(folder: Path, columns: dict[str, Any], name: str = "t.parquet") -> Path:
    arrow_parquet.write_table(pa.table(columns), folder / name)
    return folder / name


def hourly(rows: int, minutes: float = 1.0) -> list[datetime]:
    return [START + timedelta(minutes=minutes * i) for i in range(rows)]


def unzoned(rows: int) -> Any:
    return np.array([time.replace(tzinfo=None) for time in hourly(rows)], dtype="datetime64[us]")


def rhos(baseline: Baseline) -> dict[str, float]:
    return dict(baseline.features[0].rho)


def test_a_day_effect_is_learned_from_the_time_column(build: Call, tmp_path: Path) -> None:
    random = np.random.default_rng(21)
    days = random.normal(size=40).repeat(1_440)
    table = written(tmp_path, {"x": days + random.normal(size=len(days)), "t": hourly(len(days))})

    answer = build(table, "--time", "t")

    found = rhos(answer.baseline)
    assert set(found) == {"1h", "24h", "7d", "500r", "5000r"}
    assert not answer.baseline.provisional
    assert found["24h"] == pytest.approx(found["1h"], rel=0.1)
    assert found["500r"] == pytest.approx(found["24h"], rel=0.5)
    assert found["7d"] < found["24h"] / 2
    assert [column.name for column in answer.baseline.columns] == ["x"]


def test_rows_in_order_need_no_time(build: Call, tmp_path: Path) -> None:
    random = np.random.default_rng(22)
    table = written(tmp_path, {"x": random.normal(size=30_000)})

    answer = build(table, "--time-ordered")

    assert set(rhos(answer.baseline)) == {"500r", "5000r"}
    assert max(rhos(answer.baseline).values()) < 0.0003


def test_without_order_the_default_is_stated(build: Call, tmp_path: Path) -> None:
    table = written(tmp_path, {"x": np.random.default_rng(23).normal(size=3_000)})

    answer = build(table)

    assert answer.baseline.provisional
    assert f"provisional and assume rho = {DEFAULT_RHO}" in answer.err
    assert "--time" in answer.err


def test_shuffled_rows_are_put_in_order_by_their_time(build: Call, tmp_path: Path) -> None:
    random = np.random.default_rng(24)
    x = random.normal(size=30).repeat(1_000) + random.normal(size=30_000)
    columns = {"x": x, "t": unzoned(30_000)}
    order = random.permutation(30_000)
    shuffled = {name: values[order] for name, values in columns.items()}

    in_order = build(written(tmp_path, columns), "--time", "t").baseline
    in_none = build(written(tmp_path, shuffled, "s.parquet"), "--time", "t").baseline

    assert rhos(in_none) == pytest.approx(rhos(in_order), rel=1e-9)


def test_shuffled_rows_beyond_what_is_kept_have_windows_of_time_only(
    build: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "MOST_SORTED_ROWS", 1_000)
    random = np.random.default_rng(25)
    times = unzoned(30_000)[random.permutation(30_000)]
    table = written(tmp_path, {"x": random.normal(size=30_000), "t": times})

    answer = build(table, "--time", "t")

    assert {"1h", "24h"} <= set(rhos(answer.baseline)) <= {"1m", "5m", "1h", "24h", "7d"}
    assert "windows of rows are not learned; sort the table" in answer.err


def test_windows_that_would_take_too_much_memory_are_left_out_and_named(
    build: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "OPEN_BYTES", 40_000)
    random = np.random.default_rng(26)
    times = unzoned(30_000)[random.permutation(30_000)]
    table = written(tmp_path, {"x": random.normal(size=30_000), "t": times})

    answer = build(table, "--time", "t")

    assert "windows of 1m, 5m are not learned" in answer.err
    assert {"1h", "24h"} <= set(rhos(answer.baseline))


def test_dates_give_windows_of_days_and_longer(build: Call, tmp_path: Path) -> None:
    random = np.random.default_rng(27)
    dates = [(START + timedelta(days=i // 400)).date() for i in range(40_000)]
    table = written(tmp_path, {"x": random.normal(size=40_000), "t": dates})

    found = rhos(build(table, "--time", "t").baseline)

    assert set(found) == {"24h", "7d", "500r", "5000r"}


@pytest.mark.parametrize(
    "form",
    [
        lambda t: t.isoformat(),
        lambda t: t.isoformat().replace("+00:00", "Z"),
        lambda t: t.strftime("%Y-%m-%d %H:%M:%S"),
        lambda t: (t + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S+02:00"),
        lambda t: str(int(t.timestamp())),
        lambda t: str(int(t.timestamp() * 1_000)),
        lambda t: str(int(t.timestamp() * 1_000_000)),
        lambda t: t.isoformat() if t.minute % 2 else t.strftime("%Y-%m-%d %H:%M:%S"),
    ],
)
def test_times_may_be_written_in_many_ways(
    build: Call, csv: Call, tmp_path: Path, form: Callable[[datetime], str]
) -> None:
    random = np.random.default_rng(28)
    values = random.integers(0, 100, 8_000) / 7
    times = hourly(8_000, 2)
    lines = (f"{x},{form(t)}" for x, t in zip(values, times, strict=True))
    typed = written(tmp_path, {"x": values, "t": times})

    expected = rhos(build(typed, "--time", "t").baseline)
    found = rhos(build(csv("x,t", *lines), "--time", "t").baseline)

    assert set(found) >= {"24h", "500r"}
    assert found == expected
