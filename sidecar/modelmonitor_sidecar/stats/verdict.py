"""One feature in one window: ok, drift, or not enough data.

Drift needs three things at once: an effect above the smallest that matters, evidence above the
threshold of the false-alarm budget after correcting for dispersion, and enough rows.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from modelmonitor_api.baseline import BaselineFeature

from .dispersion import dispersion, rho_for
from .effect import Measure, Reference, all_distances, largest_effect
from .evidence import chi_square, dispersed, normal_score

Outcome = Literal["ok", "drift", "insufficient"]

VERDICT_VALUES: Final[dict[Outcome, int]] = {"ok": 0, "drift": 1, "insufficient": -1}
"""The same as a series."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What a window has to exceed: the smallest effect that matters, and the budget's z."""

    minimum_effect: float
    z_threshold: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement with all of its evidence; None where a number does not apply (no rows)."""

    verdict: Outcome
    n: int
    needed_rows: int
    effect: float | None
    effect_measure: Measure | None
    effect_threshold: float
    z: float | None
    z_threshold: float
    psi: float | None
    psi_expected: float | None
    js: float | None
    hellinger: float | None
    ks: float | None
    wasserstein: float | None
    chi2: float | None
    df: int | None
    phi: float | None
    provisional: bool


def judge(live: NDArray[np.int64], feature: BaselineFeature, window: str, bar: Bar) -> Verdict:
    """Hold live rows by cell (as `effect.baseline_counts` lays them out) against the baseline.

    `window` ("5m", "2000r") chooses the stored rho.  Provisional: no time order told how much
    healthy windows differ; such a verdict never pages.  The effect must exceed, not reach, its bar.
    """
    return judge_against(Reference(feature), live, window, bar)


def judge_against(reference: Reference, live: NDArray[np.int64], window: str, bar: Bar) -> Verdict:
    """The same, for who judges one feature again and again."""
    phi = dispersion(int(live.sum()), rho_for(reference.feature.rho, window))
    return judge_with(reference, live, phi, bar)


def judge_with(reference: Reference, live: NDArray[np.int64], phi: float, bar: Bar) -> Verdict:
    """The same, for who knows by how much the difference varies more than chance."""
    n, feature, base = int(live.sum()), reference.feature, reference.counts
    if n == 0 or reference.rows == 0:
        return _nothing_seen(n, reference, bar)
    found = all_distances(live, reference)
    effect = largest_effect(found)
    chi = chi_square(live, base)
    z = normal_score(dispersed(chi, phi))
    return Verdict(
        verdict=_outcome(n >= reference.needed_rows, effect.value, z, bar),
        n=n,
        needed_rows=reference.needed_rows,
        effect=effect.value,
        effect_measure=effect.measure,
        effect_threshold=bar.minimum_effect,
        z=z,
        z_threshold=bar.z_threshold,
        psi=found.psi,
        psi_expected=found.psi_expected,
        js=found.js,
        hellinger=found.hellinger,
        ks=found.ks,
        wasserstein=found.wasserstein,
        chi2=chi.statistic,
        df=chi.degrees,
        phi=phi,
        provisional=feature.provisional,
    )


def _outcome(enough: bool, effect: float, z: float, bar: Bar) -> Outcome:
    if not enough:
        return "insufficient"
    return "drift" if effect > bar.minimum_effect and z > bar.z_threshold else "ok"


def _nothing_seen(n: int, reference: Reference, bar: Bar) -> Verdict:
    return Verdict(
        verdict="insufficient",
        n=n,
        needed_rows=reference.needed_rows,
        effect=None,
        effect_measure=None,
        effect_threshold=bar.minimum_effect,
        z=None,
        z_threshold=bar.z_threshold,
        psi=None,
        psi_expected=None,
        js=None,
        hellinger=None,
        ks=None,
        wasserstein=None,
        chi2=None,
        df=None,
        phi=None,
        provisional=reference.feature.provisional,
    )
