"""Evidence: chi-square as scipy has it, a normal score that errs to silence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from modelmonitor_sidecar.stats.distances import (
    expected_population_stability,
    population_stability,
)
from modelmonitor_sidecar.stats.evidence import ChiSquare, chi_square, dispersed, normal_score

counts = st.lists(st.integers(0, 1000), min_size=5, max_size=5).filter(any)


@pytest.mark.parametrize(
    ("live", "base", "statistic", "degrees", "z"),
    [
        ((100, 210, 370, 250, 150), (1000, 2000, 4000, 2000, 1000), 27.79441, 4, 4.089029),
        ((5, 300, 90, 10), (0, 700, 200, 100), 34.58859, 3, 4.898428),
        ((190, 130, 53, 5), (600, 300, 100, 0), 23.45273, 3, 3.890114),
    ],
)
def test_published_values(
    live: tuple[int, ...], base: tuple[int, ...], statistic: float, degrees: int, z: float
) -> None:
    chi = chi_square(live, base)

    assert chi.statistic == pytest.approx(statistic, abs=1e-5)
    assert chi.degrees == degrees
    assert normal_score(chi) == pytest.approx(z, abs=1e-6)


@given(counts, counts)
def test_scipy_agrees_once_bins_empty_on_both_sides_are_gone(
    live: list[int], base: list[int]
) -> None:
    table = np.array([live, base])
    table = table[:, table.sum(axis=0) > 0]

    expected = stats.chi2_contingency(table, correction=False)

    chi = chi_square(live, base)
    assert chi.statistic == pytest.approx(expected.statistic, abs=1e-6)
    assert chi.degrees == expected.dof


@pytest.mark.parametrize("degrees", [1, 3, 9, 49])
@pytest.mark.parametrize("tail", [1e-2, 1e-3, 1e-5])
def test_the_score_has_about_the_tail_of_chi_square_and_rather_too_much(
    degrees: int, tail: float
) -> None:
    z = normal_score(ChiSquare(float(stats.chi2.isf(tail, degrees)), degrees))

    read = float(stats.norm.sf(z))

    assert 0.9 * tail <= read <= 2.5 * tail


def test_one_bin_is_no_evidence() -> None:
    assert normal_score(chi_square([10, 0], [1000, 0])) == 0.0


def test_dispersion_divides_the_statistic_by_hand() -> None:
    assert dispersed(ChiSquare(12.0, 3), 4.0) == ChiSquare(3.0, 3)


@pytest.mark.parametrize("rows", [200, 1000, 5000])
def test_without_drift_the_score_is_calibrated_and_psi_is_as_expected(rows: int) -> None:
    """20,000 pairs of multinomials: 1 in 1,000 beyond 3.09, mean PSI within 5 %."""
    chance = np.random.default_rng(rows)
    shares = np.full(10, 0.1)
    base = chance.multinomial(10_000, shares, size=20_000)
    live = chance.multinomial(rows, shares, size=20_000)

    pairs = list(zip(live, base, strict=True))
    beyond = np.mean([normal_score(chi_square(c, b)) > 3.09 for c, b in pairs])
    psi = np.mean([population_stability(c, b) for c, b in pairs[:5000]])

    assert 0.0005 <= beyond <= 0.002
    assert psi == pytest.approx(expected_population_stability(10, rows, 10_000), rel=0.05)
