"""Values that are no values, columns that are hardly columns: all counted, none lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as arrow_parquet
import pytest

from modelmonitor_api.baseline import Baseline, BaselineFeature, Bins

Call = Callable[..., Any]


def feature(baseline: Baseline, name: str) -> BaselineFeature:
    return next(one for one in baseline.features if one.name == name)


def bins(baseline: Baseline, name: str) -> Bins:
    counts = feature(baseline, name).counts
    assert isinstance(counts, Bins)
    return counts


def test_degenerate_columns_make_sound_bins(build: Call, csv: Call) -> None:
    ties = [99.5 if i % 100 else i / 10 for i in range(3_000)]
    lines = [f"5,{i % 2},{ties[i]},{i % 90 / 7}" for i in range(3_000)]
    baseline = build(csv("constant,two,ties,plain", *lines)).baseline

    assert bins(baseline, "constant").edges == ()
    assert bins(baseline, "constant").standard_deviation == 0
    assert bins(baseline, "two").rows == (1_500, 1_500)
    for name in ("constant", "two", "ties", "plain"):
        counts = bins(baseline, name)
        assert list(counts.edges) == sorted(set(counts.edges))
        assert len({repr(edge) for edge in counts.edges}) == len(counts.edges)
        assert sum(counts.rows) == 3_000
    assert bins(baseline, "plain").edges
    assert min(bins(baseline, "plain").rows) >= 50
    assert bins(baseline, "ties").rows == (10, 2_970, 20)


def test_fewer_rows_than_bins(build: Call, csv: Call) -> None:
    counts = bins(build(csv("x", "1.5", "2.5", "2.25")).baseline, "x")
    assert (counts.edges, counts.rows) == ((2.25,), (2, 1))
    assert (counts.minimum, counts.maximum) == (1.5, 2.5)


def test_hostile_numbers_are_missing_or_invalid_and_never_lost(build: Call, tmp_path: Path) -> None:
    values = [1e308, -1e308, float("nan"), None, float("inf"), -0.0, 2.0**53 + 2, 5e-324] * 50
    arrow_parquet.write_table(pa.table({"x": pa.array(values)}), tmp_path / "t.parquet")

    found = feature(build(tmp_path / "t.parquet", "--kind", "x=numeric").baseline, "x")

    assert isinstance(found.counts, Bins)
    assert (found.missing_rows, found.invalid_rows) == (100, 50)
    assert sum(found.counts.rows) == 250
    assert found.counts.standard_deviation == pytest.approx(1e308 * np.sqrt(2 / 5), rel=1e-6)


def test_words_among_numbers_are_invalid_and_words_for_nothing_missing(
    build: Call, csv: Call
) -> None:
    lines = [*(f"{i}.5" for i in range(998)), "n/a", "NULL", "oops", "-inf"]
    path = csv("x,y", *(f"{line},1" for line in lines))

    found = feature(build(path).baseline, "x")

    assert (found.kind, found.missing_rows, found.invalid_rows) == ("numeric", 2, 2)


def test_numbers_written_as_text_in_parquet_stay_texts(build: Call, tmp_path: Path) -> None:
    codes = [str(i % 5) for i in range(500)]
    arrow_parquet.write_table(pa.table({"code": codes}), tmp_path / "t.parquet")

    assert feature(build(tmp_path / "t.parquet").baseline, "code").kind == "categorical"
    forced = build(tmp_path / "t.parquet", "--kind", "code=numeric").baseline
    assert bins(forced, "code").maximum == 4
