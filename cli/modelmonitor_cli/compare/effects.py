"""How large an effect is in words, on one scale for all measures."""

from typing import Final

from modelmonitor_cli.compare.comparison import Effect, Measure, Size

SIZES: Final[dict[Measure, tuple[float, float, float]]] = {
    "hedges_g": (0.2, 0.5, 0.8),
    "omega_squared": (0.01, 0.06, 0.14),
    "epsilon_squared": (0.01, 0.06, 0.14),
    "ks_d": (0.08, 0.20, 0.31),
    "rank_biserial": (0.11, 0.28, 0.43),
    "cramers_v": (0.1, 0.3, 0.5),
}
"""From where on an effect is small, medium, large; below it is tiny.

J. Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd edition, 1988.  D and r have
no convention of their own: theirs are what two normal distributions give that lie 0.2, 0.5 and 0.8
standard deviations apart, D = 2 Phi(g / 2) - 1 and r = 2 Phi(g / sqrt 2) - 1.
"""

_WORDS: Final[tuple[Size, ...]] = ("tiny", "small", "medium", "large")


def sized(measure: Measure, value: float) -> Effect:
    """The effect with its word.

    >>> sized("hedges_g", -0.6).size
    'medium'
    """
    passed = sum(abs(value) >= bound for bound in SIZES[measure])
    return Effect(measure, value, _WORDS[passed])


def weight(effect: Effect | None) -> float:
    """The effect in units of where small begins, so that different measures can be ordered."""
    return 0.0 if effect is None else abs(effect.value) / SIZES[effect.measure][0]
