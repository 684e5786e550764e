"""The same hour a week ago: two samples, both varying more than chance."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from modelmonitor_sidecar.stats.dispersion import dispersion
from modelmonitor_sidecar.stats.effect import Reference
from modelmonitor_sidecar.stats.evidence import chi_square, dispersed, normal_score
from modelmonitor_sidecar.stats.second_opinion import dispersion_of_two, second_opinion
from modelmonitor_sidecar.stats.verdict import Bar, judge
from modelmonitor_sidecar.testing_baselines import categorical, numeric

BAR = Bar(minimum_effect=0.1, z_threshold=4.6)
NORMAL = np.random.default_rng(0).normal(size=100_000)
TEN_BINS = Reference(numeric("x", NORMAL, rho={"1h": 0.001}))
EVEN = np.array([0.1] * 10)
TILTED = np.array([0.2, *[0.8 / 9] * 9])


def rows(shares: Sequence[float] | NDArray[np.float64], count: int, seed: int) -> NDArray[np.int64]:
    return np.random.default_rng(seed).multinomial(count, shares)


def test_the_dispersion_of_two_by_hand() -> None:
    # phi 2 of 101 rows and 3 of 201 with rho 0.01: (2/101 + 3/201) / (1/101 + 1/201)
    assert dispersion_of_two(101, 201, 0.01) == pytest.approx(
        (2 / 101 + 3 / 201) / (1 / 101 + 1 / 201)
    )
    assert dispersion_of_two(101, 10**12, 0.0) == 1.0


def test_like_last_week_is_ok_however_unlike_the_baseline() -> None:
    live, earlier = rows(TILTED, 5_000, 1), rows(TILTED, 4_000, 2)

    assert judge(live, TEN_BINS.feature, "1h", Bar(0.05, 4.6)).verdict == "drift"
    opinion = second_opinion(live, earlier, TEN_BINS, "1h", Bar(0.05, 4.6))

    assert opinion is not None
    assert opinion.verdict == "ok"


def test_unlike_last_week_is_drift_with_its_evidence() -> None:
    live, earlier = rows([0.4, *[0.6 / 9] * 9], 5_000, 1), rows(EVEN, 4_000, 2)

    opinion = second_opinion(live, earlier, TEN_BINS, "1h", BAR)

    phi = (dispersion(5_000, 0.001) / 5_000 + dispersion(4_000, 0.001) / 4_000) / (
        1 / 5_000 + 1 / 4_000
    )
    assert opinion is not None
    assert opinion.verdict == "drift"
    assert opinion.phi == pytest.approx(phi)
    assert opinion.z == pytest.approx(normal_score(dispersed(chi_square(live, earlier), phi)))
    assert opinion.psi_expected == pytest.approx(9 * (1 / 5_000 + 1 / 4_000))


def test_a_distance_is_in_the_baselines_standard_deviations() -> None:
    """A tenth of the rows moves from the first bin to the last: 0.1 times the span between them."""
    assert TEN_BINS.steps is not None
    earlier = np.array([100] * 10)
    live = np.array([0, *[100] * 8, 200])

    opinion = second_opinion(live, earlier, TEN_BINS, "1h", BAR)

    assert opinion is not None
    assert opinion.wasserstein == pytest.approx(0.1 * TEN_BINS.steps.sum())


def test_categories_are_compared_without_an_order() -> None:
    colours = Reference(categorical("c", {"red": 600, "blue": 400}))

    opinion = second_opinion(
        np.array([300, 700, 0, 0]), np.array([700, 300, 0, 0]), colours, "1h", BAR
    )

    assert opinion is not None
    assert opinion.verdict == "drift"
    assert opinion.wasserstein is None


def test_without_earlier_rows_there_is_no_reference() -> None:
    assert second_opinion(rows(EVEN, 500, 1), np.zeros(10, np.int64), TEN_BINS, "1h", BAR) is None


@pytest.mark.parametrize(("live", "earlier"), [(0, 5_000), (199, 5_000), (5_000, 199)])
def test_too_few_rows_on_either_side_are_not_judged(live: int, earlier: int) -> None:
    opinion = second_opinion(
        rows([1.0, *[0.0] * 9], live, 1), rows(EVEN, earlier, 2), TEN_BINS, "1h", BAR
    )

    assert opinion is not None
    assert opinion.verdict == "insufficient"


def test_healthy_weeks_that_differ_raise_nothing() -> None:
    """Weeks with shares of their own (rho 0.002), judged with that rho: 1,000 pairs, no drift."""
    chance = np.random.default_rng(5)
    reference = Reference(numeric("x", NORMAL, rho={"1h": 0.002}))
    weeks = chance.dirichlet(np.full(10, 499 / 10), size=(1_000, 2))
    bar = Bar(minimum_effect=0.0, z_threshold=4.6)

    drifted = 0
    for one, other in weeks:
        live, earlier = chance.multinomial(20_000, one), chance.multinomial(5_000, other)
        opinion = second_opinion(live, earlier, reference, "1h", bar)
        drifted += opinion is not None and opinion.verdict == "drift"

    assert drifted == 0
