"""Distances between histograms: worked by hand, by their laws, and by scipy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import spatial, stats

from modelmonitor_sidecar.stats import distances

AGE = ((100, 210, 370, 250, 150), (1000, 2000, 4000, 2000, 1000), (15, 25, 35, 45, 55))
FARE = ((5, 300, 90, 10), (0, 700, 200, 100), (0.5, 1.5, 6, 20))
COLOUR = ((190, 130, 53, 5), (600, 300, 100, 0), (0, 1, 2, 3))

counts = st.lists(st.integers(0, 10_000), min_size=6, max_size=6).filter(any)


@pytest.mark.parametrize(
    ("case", "psi", "js", "hellinger"),
    [
        (AGE, 0.0271012, 0.0698180, 0.0581654),
        (FARE, 0.1485825, 0.1523838, 0.1309630),
        (COLOUR, 0.0841805, 0.1121856, 0.0971246),
    ],
)
def test_smoothed_distances_have_their_published_values(
    case: tuple[tuple[int, ...], ...], psi: float, js: float, hellinger: float
) -> None:
    live, base, _ = case

    assert distances.population_stability(live, base) == pytest.approx(psi, abs=1e-6)
    assert distances.jensen_shannon(live, base) == pytest.approx(js, abs=1e-6)
    assert distances.hellinger(live, base) == pytest.approx(hellinger, abs=1e-6)


@pytest.mark.parametrize(
    ("case", "ks", "moved"), [(AGE, 0.0703704, 1.2962963), (FARE, 0.0753086, 1.3055556)]
)
def test_ordered_distances_have_their_published_values(
    case: tuple[tuple[float, ...], ...], ks: float, moved: float
) -> None:
    live, base, representatives = case

    assert distances.kolmogorov_smirnov(live, base) == pytest.approx(ks, abs=1e-6)
    assert distances.wasserstein(live, base, representatives) == pytest.approx(moved, abs=1e-6)


def test_psi_of_two_bins_by_hand() -> None:
    # (1 + 1/2)/(2 + 1) = 1/2 and 1/2 against (0 + 1/2)/(2 + 1) = 1/6 and 5/6:
    # (1/3) ln 3 + (-1/3) ln (3/5) = (1/3) ln 5
    assert distances.population_stability([1, 1], [0, 2]) == pytest.approx(math.log(5) / 3)


def test_expected_psi_by_hand() -> None:
    # 9 (1/1000 + 1/10000)
    assert distances.expected_population_stability(10, 1000, 10_000) == pytest.approx(0.0099)


@given(counts, counts)
def test_all_but_wasserstein_are_symmetric_and_bounded(live: list[int], base: list[int]) -> None:
    for distance in (
        distances.jensen_shannon,
        distances.hellinger,
        distances.kolmogorov_smirnov,
        distances.population_stability,
    ):
        there, back = distance(live, base), distance(base, live)
        assert there == pytest.approx(back, abs=1e-9)
        assert there >= 0.0
        if distance is not distances.population_stability:
            assert there <= 1.0 + 1e-12


@given(counts)
def test_nothing_is_apart_from_itself(live: list[int]) -> None:
    # the square root of a divergence turns an error of 1e-16 into 1e-8
    assert distances.population_stability(live, live) == pytest.approx(0.0, abs=1e-12)
    assert distances.jensen_shannon(live, live) == pytest.approx(0.0, abs=1e-7)
    assert distances.hellinger(live, live) == pytest.approx(0.0, abs=1e-7)
    assert distances.kolmogorov_smirnov(live, live) == 0.0
    assert distances.wasserstein(live, live, range(6)) == 0.0


@given(counts, counts)
def test_scipy_agrees(live: list[int], base: list[int]) -> None:
    q, p = distances.smoothed_shares(live), distances.smoothed_shares(base)
    places = [0.5, 1.5, 6.0, 20.0, 21.0, 40.0]

    js = spatial.distance.jensenshannon(p, q, base=2)
    moved = stats.wasserstein_distance(places, places, live, base)

    if not np.isnan(js):  # scipy takes the root of a rounding error below 0
        assert distances.jensen_shannon(live, base) == pytest.approx(js, abs=1e-7)
    assert distances.wasserstein(live, base, places) == pytest.approx(moved, abs=1e-9)


def test_binned_kolmogorov_smirnov_is_that_of_values_rounded_to_their_bins() -> None:
    live, base, representatives = AGE
    values, reference = np.repeat(representatives, live), np.repeat(representatives, base)

    statistic = stats.ks_2samp(values, reference, method="asymp").statistic

    assert distances.kolmogorov_smirnov(live, base) == pytest.approx(statistic)
