"""Welch's t from moments, against scipy."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t, ttest_ind, ttest_ind_from_stats

from modelmonitor_sidecar.stats.welch import Sample, welch

samples = st.builds(
    Sample,
    rows=st.integers(2, 10**6),
    mean=st.floats(-1e3, 1e3),
    variance=st.floats(1e-3, 1e3),
)


def test_two_small_samples_by_hand() -> None:
    # s2/n = 1/4 and 4/4, means 1 apart: t = 1 / sqrt(1.25); degrees 1.25^2 / (1/48 + 1/3)
    test = welch(Sample(4, 1.0, 1.0), Sample(4, 0.0, 4.0))

    assert test is not None
    assert test.t == pytest.approx(0.8944272)
    assert test.degrees == pytest.approx(1.5625 / (1 / 48 + 1 / 3))


@given(samples, samples, st.integers(1, 20))
def test_it_is_scipys_with_fewer_rows(live: Sample, base: Sample, phi: int) -> None:
    found = welch(replace(live, rows=live.rows * phi), base, phi)
    expected = ttest_ind_from_stats(
        live.mean, live.variance**0.5, int(live.rows),
        base.mean, base.variance**0.5, int(base.rows), equal_var=False,
    )  # fmt: skip

    assert found is not None
    assert found.t == pytest.approx(expected.statistic, rel=1e-9, abs=1e-12)
    assert 2 * t.sf(abs(found.t), found.degrees) == pytest.approx(expected.pvalue, rel=1e-6)


def test_from_moments_is_as_from_rows() -> None:
    chance = np.random.default_rng(0)
    a, b = chance.normal(size=200), chance.normal(0.3, 2.0, size=5_000)
    expected = ttest_ind(a, b, equal_var=False)

    found = welch(
        Sample.of_population(len(a), a.mean(), a.std()),
        Sample.of_population(len(b), b.mean(), b.std()),
    )

    assert found is not None
    assert found.t == pytest.approx(expected.statistic)
    assert found.degrees == pytest.approx(expected.df)


@given(samples, samples)
def test_the_other_way_round_is_the_other_sign(one: Sample, other: Sample) -> None:
    forth, back = welch(one, other), welch(other, one)

    assert forth is not None
    assert back is not None
    assert (forth.t, forth.degrees) == pytest.approx((-back.t, back.degrees))


def test_one_row_or_no_spread_says_nothing() -> None:
    many = Sample(100, 0.0, 1.0)

    assert welch(Sample(1, 5.0, 0.0), many) is None
    assert welch(Sample(100, 5.0, 1.0), many, phi=100.0) is None
    assert welch(Sample(100, 5.0, 0.0), Sample(100, 4.0, 0.0)) is None
