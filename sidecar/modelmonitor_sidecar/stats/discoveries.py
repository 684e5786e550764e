"""Which of a long list is worth reading?  Benjamini and Hochberg's answer, for people.

Of forty healthy features two have p < 0.05.  The list that people read marks those for which, on
average, one in twenty is marked wrongly.  Alarms are not made of it: they have the budget.

Y. Benjamini, Y. Hochberg, "Controlling the False Discovery Rate", JRSS B 1995.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

FALSE_DISCOVERY_RATE: Final = 0.05


def adjusted(p_values: ArrayLike) -> NDArray[np.float64]:
    """For each p value the smallest rate at which it is a discovery: min over j >= i of p_j K / j.

    In the order given, each from 0 to 1; ValueError for what is no probability.

    >>> adjusted([0.01, 0.5, 0.02]).tolist()
    [0.03, 0.5, 0.03]
    """
    p = np.asarray(p_values, dtype=np.float64)
    if not np.all((p >= 0.0) & (p <= 1.0)):
        raise ValueError("p values must be from 0 to 1")
    order = np.argsort(p)[::-1]
    ranks = np.arange(len(p), 0, -1)
    smallest = np.minimum.accumulate(p[order] * (len(p) / ranks))
    found = np.empty_like(p)
    found[order] = np.minimum(smallest, 1.0)
    return found


def discoveries(p_values: ArrayLike, rate: float = FALSE_DISCOVERY_RATE) -> NDArray[np.bool_]:
    """Which of the list are discoveries."""
    return np.asarray(adjusted(p_values) <= rate)


def p_value(z: float) -> float:
    """The chance of a normal score this high or higher.

    >>> round(p_value(1.645), 3)
    0.05
    """
    return 0.5 * math.erfc(z / math.sqrt(2.0))
