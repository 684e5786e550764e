"""Sums that no order changes; samples that nothing but the number of rows decides."""

import math
import statistics
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_cli.baseline.exact_sum import ExactSums, SquaredDeviations
from modelmonitor_cli.baseline.sample import RowSample

floats = st.floats(allow_nan=False, allow_infinity=False)
groups = st.lists(st.tuples(floats, st.integers(0, 3)), min_size=1, max_size=30)


@given(groups, st.integers(0, 30))
def test_sums_are_exact_however_the_values_are_cut(
    pairs: list[tuple[float, int]], cut: int
) -> None:
    sums = ExactSums()
    for part in (pairs[:cut], pairs[cut:]):
        values = np.array([value for value, _ in part], dtype=np.float64)
        sums.add(values, np.array([group for _, group in part], dtype=np.int64))

    for group in range(4):
        expected = sum((Fraction(value) for value, of in pairs if of == group), Fraction(0))
        assert sums.total(group) == expected


@given(st.lists(floats, min_size=1, max_size=30), floats)
def test_spread_agrees_with_exact_arithmetic(values: list[float], shift: float) -> None:
    squares = SquaredDeviations(shift)
    squares.add(np.array(values))
    mean = sum(map(Fraction, values), Fraction(0)) / len(values)

    found = squares.standard_deviation(len(values), mean)

    exact = statistics.pvariance([Fraction(value) for value in values])
    reach = max(abs(Fraction(value) - Fraction(shift)) for value in values)
    assert math.isfinite(found)
    assert abs(Fraction(found) ** 2 - exact) <= (
        Fraction(1, 10**14) * (reach**2 + exact)
    ) + Fraction(1, 10**300)


def test_the_widest_spread_is_finite() -> None:
    largest = sys.float_info.max
    squares = SquaredDeviations(0.0)
    squares.add(np.array([largest, -largest]))
    assert squares.standard_deviation(2, Fraction(0)) == largest


def sampled(capacity: int, blocks: list[int]) -> list[int]:
    sample, kept = RowSample(capacity), np.zeros(0, dtype=np.int64)
    first = 0
    for block in blocks:
        rows = np.arange(first, first + block)
        kept = np.concatenate((kept, rows[sample.take(block)]))
        still = sample.thin()
        kept = kept if still is None else kept[still]
        first += block
    return kept.tolist()


def test_a_short_table_is_taken_whole() -> None:
    assert sampled(100, [60, 40]) == list(range(100))


@given(st.lists(st.integers(0, 300), min_size=1, max_size=12))
def test_the_sample_depends_on_the_number_of_rows_alone(blocks: list[int]) -> None:
    assert sampled(100, blocks) == sampled(100, [sum(blocks)])


def test_the_sample_is_spread_evenly() -> None:
    kept = np.array(sampled(4_000, [10_000] * 10))
    assert 1_800 <= len(kept) <= 4_000
    tenths = np.bincount(kept // 10_000, minlength=10) / len(kept)
    assert tenths == pytest.approx([0.1] * 10, abs=0.02)
