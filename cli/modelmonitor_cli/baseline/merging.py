"""Adds baselines of disjoint data that were counted on the same edges.

Counts are exact: the merged document counts what one pass over all the data would have.  Means,
spread and representatives agree to about the 9 digits that documents hold.  rho is the mean by
rows and the largest change the larger one, which know nothing of differences between files; build
in one pass where those matter.
"""

import math
from collections.abc import Sequence
from pathlib import Path

from modelmonitor_api.baseline import (
    Baseline,
    BaselineFeature,
    Bins,
    CalibrationBin,
    Categories,
    significant,
)
from modelmonitor_api.errors import InputError
from modelmonitor_cli.baseline.counting import MOST_OTHER_HASHES
from modelmonitor_cli.baseline.documents import read_file


def merge_files(paths: Sequence[Path]) -> Baseline:
    """The sum of the baselines in the files; InputError names the file that does not fit."""
    merged = read_file(paths[0])
    for path in paths[1:]:
        merged = merge(merged, read_file(path), str(path))
    return merged


def merge(one: Baseline, other: Baseline, where: str = "the other") -> Baseline:
    """The sum of two baselines; InputError with `where` unless all but the counts is the same."""
    _check_same(one, other, where)
    features = tuple(
        _feature(a, b, one.rows, other.rows)
        for a, b in zip(one.features, other.features, strict=True)
    )
    return Baseline(
        model=one.model,
        version=one.version,
        rows=one.rows + other.rows,
        columns=one.columns,
        features=features,
        calibration=_calibration(one.calibration, other.calibration),
        created_at=max(filter(None, (one.created_at, other.created_at)), default=None),
    )


def _check_same(one: Baseline, other: Baseline, where: str) -> None:
    described = zip(_described(one).items(), _described(other).values(), strict=True)
    for (what, expected), found in described:
        if expected != found:
            raise InputError(where, f"has other {what} than the first; merge parts of one baseline")
    for index, (a, b) in enumerate(zip(one.features, other.features, strict=True)):
        if _frame(a) != _frame(b):
            raise InputError(
                f"{where}: features[{index}]",
                f"{a.name!r} was counted on other edges or categories; "
                "build each file with --edges-from the same baseline",
            )


def _described(baseline: Baseline) -> dict[str, object]:
    return {
        "model": baseline.model,
        "version": baseline.version,
        "columns": baseline.columns,
        "features": [(feature.name, feature.role, feature.kind) for feature in baseline.features],
    }


def _frame(feature: BaselineFeature) -> tuple[object, ...]:
    counts = feature.counts
    return (feature.derived, *(counts.edges if isinstance(counts, Bins) else counts.values))


def _feature(a: BaselineFeature, b: BaselineFeature, rows_a: int, rows_b: int) -> BaselineFeature:
    return BaselineFeature(
        name=a.name,
        role=a.role,
        kind=a.kind,
        counts=_counts(a.counts, b.counts),
        missing_rows=a.missing_rows + b.missing_rows,
        invalid_rows=a.invalid_rows + b.invalid_rows,
        rho={
            window: significant(_mean(a.rho[window], b.rho[window], rows_a, rows_b))
            for window in a.rho
            if window in b.rho
        },
        largest_change=_larger(a.largest_change, b.largest_change),
        derived=a.derived,
    )


def _larger(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else max(a, b)


def _counts(a: Bins | Categories, b: Bins | Categories) -> Bins | Categories:
    if isinstance(a, Bins):
        assert isinstance(b, Bins)
        return _bins(a, b)
    assert isinstance(b, Categories)
    return _categories(a, b)


def _bins(a: Bins, b: Bins) -> Bins:
    rows_a, rows_b = sum(a.rows), sum(b.rows)
    mean = _mean(a.mean, b.mean, rows_a, rows_b)
    variance = _mean(
        a.standard_deviation**2 + (a.mean - mean) ** 2,
        b.standard_deviation**2 + (b.mean - mean) ** 2,
        rows_a,
        rows_b,
    )
    means = zip(a.representatives, b.representatives, a.rows, b.rows, strict=True)
    return Bins(
        edges=a.edges,
        rows=tuple(x + y for x, y in zip(a.rows, b.rows, strict=True)),
        representatives=tuple(significant(_mean(*one)) for one in means),
        mean=significant(mean),
        standard_deviation=significant(math.sqrt(variance)),
        minimum=min(a.minimum, b.minimum),
        maximum=max(a.maximum, b.maximum),
    )


def _categories(a: Categories, b: Categories) -> Categories:
    hashes: set[str] | None = None
    if a.other_hashes is not None and b.other_hashes is not None:
        hashes = {*a.other_hashes, *b.other_hashes}
    known = hashes is not None and len(hashes) <= MOST_OTHER_HASHES
    return Categories(
        values=a.values,
        rows=tuple(x + y for x, y in zip(a.rows, b.rows, strict=True)),
        other_rows=a.other_rows + b.other_rows,
        other_hashes=tuple(sorted(hashes)) if hashes is not None and known else None,
    )


def _calibration(
    a: Sequence[CalibrationBin], b: Sequence[CalibrationBin]
) -> tuple[CalibrationBin, ...]:
    sums: dict[tuple[str, float], tuple[int, int]] = {}
    for one in (*a, *b):
        rows, correct = sums.get((one.predicted, one.edge), (0, 0))
        sums[one.predicted, one.edge] = (rows + one.rows, correct + one.correct)
    return tuple(CalibrationBin(*key, *sums[key]) for key in sorted(sums))


def _mean(a: float, b: float, weight_a: int, weight_b: int) -> float:
    if not weight_a + weight_b:
        return a
    share = weight_b / (weight_a + weight_b)
    return a * (1 - share) + b * share
