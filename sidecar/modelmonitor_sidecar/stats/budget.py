"""From "so many false alarms a month" to a threshold on z: one formula, published.

The monitor's budget F (alarms a month) is shared out evenly:

    alpha = F / (windows * models * features * kinds * looks)
    z     = the standard normal quantile of 1 - alpha

- `windows`: the windows that are judged; each gets the same share of the budget.
- `models`, `features`: all that are watched (inputs, prediction, score).
- `kinds`: the kinds of test, `KINDS_OF_TEST`.
- `looks`: how often the window is judged in a month.  A window of time slides by a twelfth of its
  length, so it is looked at 12 times a length; a window of rows is judged once, when it is full.
  Where there is no clock, a month is a stated number of rows.

By Bonferroni the expected number of false alarms a month is then at most F, whatever the tests have
to do with each other; asking for several windows in a row (`confirm`) only lowers it.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from .dispersion import counts_rows, window_length

KINDS_OF_TEST: Final = ("drift", "change", "missing", "invalid", "unseen", "range")
MONTH_SECONDS: Final = 30 * 86_400
LOOKS_PER_WINDOW: Final = 12
"""A window of time is judged each time a twelfth of its length has passed."""
ROWS_PER_MONTH: Final = 1_000_000
"""A month's rows where there is no clock."""

_LARGEST_ALPHA: Final = 0.05
"""However large the budget: no alarm on less evidence than this."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a monitor may spend on false alarms, and on how many tests."""

    false_alarms_per_month: float
    models: int
    features: int
    windows: int
    rows_per_month: int = ROWS_PER_MONTH

    def looks(self, window: str) -> float:
        """How often a month the window is judged, at least once."""
        if counts_rows(window):
            return max(1.0, self.rows_per_month / window_length(window))
        return max(1.0, MONTH_SECONDS / window_length(window) * LOOKS_PER_WINDOW)

    def alpha(self, window: str) -> float:
        """The chance of a false alarm that one test at one look may have."""
        tests = self.windows * self.models * self.features * len(KINDS_OF_TEST)
        return min(
            _LARGEST_ALPHA, self.false_alarms_per_month / (max(tests, 1) * self.looks(window))
        )

    def z_threshold(self, window: str) -> float:
        """The z that a test in this window has to exceed.

        >>> round(Budget(0.1, models=1, features=40, windows=3).z_threshold("1h"), 3)
        5.529
        """
        return -NormalDist().inv_cdf(self.alpha(window))
