"""A second opinion: is it also unlike the same hour a week ago?

The baseline may be old, or never have seen a Monday.  The same hour of last week is closer, but
nobody vouches for it.  So it is shown beside the verdict and is never an alarm.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .dispersion import dispersion, rho_for
from .effect import Reference
from .verdict import Bar, Verdict, judge_with, needed_rows

Integers = NDArray[np.int64]


def second_opinion(
    live: Integers, earlier: Integers, reference: Reference, window: str, bar: Bar
) -> Verdict | None:
    """Hold live rows by cell against earlier ones; None, for no reference, where there are none.

    Distances and effect as against the baseline, in the baseline's standard deviations.  Both sides
    need the rows that a verdict needs.
    """
    n, m = int(live.sum()), int(earlier.sum())
    if m == 0:
        return None
    phi = dispersion_of_two(n, m, rho_for(reference.feature.rho, window))
    verdict = judge_with(reference.in_place(earlier), live, phi, bar)
    enough = m >= needed_rows(len(earlier))
    return verdict if enough else replace(verdict, verdict="insufficient")


def dispersion_of_two(n: int, m: int, rho: float) -> float:
    """(phi_n / n + phi_m / m) / (1/n + 1/m): both samples vary more than chance; 1 of no rows.

    >>> dispersion_of_two(1001, 1001, 0.002)
    3.0
    """
    if n == 0 or m == 0:
        return 1.0
    return (dispersion(n, rho) / n + dispersion(m, rho) / m) / (1.0 / n + 1.0 / m)
