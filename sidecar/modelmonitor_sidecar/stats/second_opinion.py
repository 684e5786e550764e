"""A second opinion: is it also unlike the same hour a week ago?

The baseline may be old, or never have seen a Monday.  The same hour of last week is closer, but
nobody vouches for it.  So it is shown beside the verdict and is never an alarm.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .dispersion import dispersion, rho_for
from .effect import Reference
from .verdict import Bar, Outcome, Verdict, judge_with

Integers = NDArray[np.int64]


def second_opinion(
    live: Integers, earlier: Integers, reference: Reference, window: str, bar: Bar
) -> Verdict | None:
    """Hold live rows by cell against earlier ones; None, for no reference, where there are none.

    Distances as against the baseline, in the baseline's standard deviations; the effect is PSI
    beyond chance, for features of every kind.  Both sides need the rows that a verdict needs.
    """
    n, m = int(live.sum()), int(earlier.sum())
    if m == 0:
        return None
    phi = dispersion_of_two(n, m, rho_for(reference.feature.rho, window))
    verdict = judge_with(reference.in_place(earlier), live, phi, bar)
    if verdict.psi is None or verdict.psi_expected is None:
        return verdict
    effect = max(0.0, verdict.psi - verdict.psi_expected)
    enough = verdict.verdict != "insufficient" and m >= reference.needed_rows
    return replace(
        verdict, effect=effect, effect_measure="psi", verdict=_outcome(verdict, effect, enough, bar)
    )


def _outcome(verdict: Verdict, effect: float, enough: bool, bar: Bar) -> Outcome:
    if not enough or verdict.z is None:
        return "insufficient"
    return "drift" if effect > bar.minimum_effect and verdict.z > bar.z_threshold else "ok"


def dispersion_of_two(n: int, m: int, rho: float) -> float:
    """(phi_n / n + phi_m / m) / (1/n + 1/m): both samples vary more than chance; 1 of no rows.

    >>> dispersion_of_two(1001, 1001, 0.002)
    3.0
    """
    if n == 0 or m == 0:
        return 1.0
    return (dispersion(n, rho) / n + dispersion(m, rho) / m) / (1.0 / n + 1.0 / m)
