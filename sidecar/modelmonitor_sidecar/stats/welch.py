"""Has a mean moved?  Welch's t from moments, so that no row needs to be kept.

The mean is what people ask for first.  It sees less than the bins do (no change of spread or
shape), so it explains a verdict and makes none.

B. Welch, "The generalization of Student's problem when several different population variances are
involved", Biometrika 1947.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows, their mean, and their variance: the sum of squares over n - 1.

    Moments that divide by n: `Sample.of_population`.
    """

    rows: float
    mean: float
    variance: float

    @classmethod
    def of_population(cls, rows: int, mean: float, standard_deviation: float) -> "Sample":
        """From a deviation that divides by n, as summaries and baselines have it; rows > 1."""
        return cls(rows, mean, standard_deviation**2 * rows / (rows - 1))


@dataclass(frozen=True, slots=True)
class WelchTest:
    """t, positive where the live mean is larger, and its degrees of freedom."""

    t: float
    degrees: float


def welch(live: Sample, base: Sample, phi: float = 1.0) -> WelchTest | None:
    """t = (mean - mean') / sqrt(s^2/n + s'^2/n'), degrees after Welch and Satterthwaite.

    n live rows count as n / phi independent ones.  None where a side has no more than one of these,
    or nothing varies.
    """
    n, m = live.rows / phi, base.rows
    if n <= 1.0 or m <= 1.0:
        return None
    own, other = live.variance / n, base.variance / m
    if own + other <= 0.0:
        return None
    degrees = (own + other) ** 2 / (own**2 / (n - 1.0) + other**2 / (m - 1.0))
    return WelchTest((live.mean - base.mean) / math.sqrt(own + other), degrees)
