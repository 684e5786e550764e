"""Dispersion: rho by hand, by simulation, for windows of unequal size; which window has which."""

import numpy as np
import pytest

from modelmonitor_api.baseline import DEFAULT_RHO
from modelmonitor_sidecar.stats.dispersion import (
    dispersion,
    intra_window_correlation,
    rho_for,
    window_length,
)
from modelmonitor_sidecar.stats.evidence import chi_square, dispersed, normal_score


def test_windows_that_differ_by_hand() -> None:
    """Five windows of ten rows; each against the other forty."""
    counts = [[8, 2], [2, 8], [8, 2], [2, 8], [5, 5]]

    # 8 of 10 against 17 of 40: chi2 = 50 (8*23 - 2*17)^2 / (10*40*25*25) = 4.5; 2 of 10 likewise;
    # 5 of 10 against 20 of 40: 0.  Mean phi = 18/5 = 3.6, so rho = (3.6 - 1)/9.
    assert intra_window_correlation(counts) == pytest.approx(2.6 / 9)


def test_windows_of_independent_rows_have_none_to_speak_of() -> None:
    counts = np.random.default_rng(1).multinomial(1000, [0.1] * 10, size=200)

    rho = intra_window_correlation(counts)

    assert rho is not None
    assert rho < 0.0001


@pytest.mark.parametrize("rho", [0.001, 0.01])
def test_a_known_correlation_is_found_again_also_in_windows_of_unequal_size(rho: float) -> None:
    """Shares drawn from a Dirichlet with concentration k have rho = 1/(1 + k)."""
    chance = np.random.default_rng(7)
    shares = chance.dirichlet(np.full(10, (1 / rho - 1) / 10), size=400)
    sizes = chance.integers(200, 2000, size=400)
    counts = [chance.multinomial(n, p) for n, p in zip(sizes, shares, strict=True)]

    assert intra_window_correlation(counts) == pytest.approx(rho, rel=0.1)


def test_regular_windows_are_no_reason_to_believe_more() -> None:
    assert intra_window_correlation([[50, 50]] * 10) == 0.0


def test_too_few_windows_say_nothing_and_one_bin_says_no() -> None:
    assert intra_window_correlation([[10, 20]] * 4) is None
    assert intra_window_correlation([[10, 20]] * 4 + [[0, 0]] * 10) is None
    assert intra_window_correlation([[10, 0]] * 9) == 0.0


def test_a_correlation_learned_at_a_small_volume_holds_at_a_large_one() -> None:
    """A constant phi fires on 92 % of healthy windows at a hundred times the rows; rho on none."""
    chance = np.random.default_rng(3)
    days = chance.dirichlet(np.full(10, 50.0), size=300)
    learned = [chance.multinomial(100, day) for day in days]
    base = np.sum(learned, axis=0)
    rho = intra_window_correlation(learned)
    assert rho is not None

    scores = []
    for day in chance.dirichlet(np.full(10, 50.0), size=300):
        chi = chi_square(chance.multinomial(10_000, day), base * 10)
        scores.append(normal_score(dispersed(chi, dispersion(10_000, rho))))

    assert np.mean(np.array(scores) > 4.6) < 0.01


def test_phi_never_falls_below_one() -> None:
    assert dispersion(1, 0.5) == dispersion(0, 0.5) == dispersion(1000, 0.0) == 1.0
    assert dispersion(101, 0.01) == pytest.approx(2.0)


def test_a_window_without_its_own_takes_the_next_longers() -> None:
    stored = {"24h": 0.1, "5m": 0.3, "1h": 0.2, "500r": 0.4, "5000r": 0.5}

    assert rho_for(stored, "1h") == 0.2
    assert rho_for(stored, "1m") == 0.3
    assert rho_for(stored, "2000r") == 0.5
    assert rho_for(stored, "7d") == 0.1  # none is longer: the longest
    assert rho_for(stored, "50000r") == 0.5
    assert rho_for({"500r": 0.4, "5000r": 0.5}, "1h") == 0.5  # the other sort: the largest
    assert rho_for({}, "1h") == DEFAULT_RHO


def test_lengths_of_windows() -> None:
    assert [window_length(w) for w in ("1m", "5m", "1h", "24h", "7d", "500r")] == [
        60, 300, 3600, 86_400, 604_800, 500,
    ]  # fmt: skip
