"""From "so many false alarms a month" to a threshold of each test: one formula, published.

The monitor's budget F (alarms a month) is shared out evenly:

    alpha = F / (windows * models * features * kinds * looks)
    z     = the standard normal quantile of 1 - alpha

- `windows`: the windows that are judged; each gets the same share of the budget.
- `models`, `features`: all that are watched (inputs, prediction, score).
- `kinds`: the kinds of test, `KINDS_OF_TEST`.
- `looks`: how often the window is judged in a month.  A window of time is judged at most 24 times
  a length: the Prometheus rules judge a day each hour and an hour each five minutes, the status
  page each twelfth of any window.  A window of rows is judged once, when it is full.  Where there
  is no clock, a month is a stated number of rows.

The change detector has no windows.  Its test is a kind like the others and gets a kind's share; it
looks after every batch:

    threshold = ln(models * features * kinds * looks / F)

By Bonferroni the expected number of false alarms a month is then at most F, whatever the tests have
to do with each other; asking for several windows in a row (`confirm`) only lowers it.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from .dispersion import counts_rows, window_length

KINDS_OF_TEST: Final = ("drift", "change", "missing", "invalid", "unseen", "range")
MONTH_SECONDS: Final = 30 * 86_400
LOOKS_PER_WINDOW: Final = 24
"""A window of time is judged so often while its length passes, or less often."""
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
        return self._share(self.windows, self.looks(window))

    def z_threshold(self, window: str) -> float:
        """The z that a test in this window has to exceed.

        >>> round(Budget(0.1, models=1, features=40, windows=3).z_threshold("1h"), 3)
        5.65
        """
        return -NormalDist().inv_cdf(self.alpha(window))

    def change_threshold(self, looks_per_month: float) -> float:
        """The log evidence that the change detector of one feature has to exceed.

        Evidence that starts at 1 and grows by 1 a look at most, on average, exceeds e^threshold
        once in so many looks.

        >>> round(Budget(0.1, models=1, features=40, windows=3).change_threshold(43_200), 2)
        18.46
        """
        return -math.log(self._share(1, looks_per_month))

    def _share(self, windows: int, looks: float) -> float:
        """What is left of the budget for one test at one look."""
        tests = windows * self.models * self.features * len(KINDS_OF_TEST)
        return min(_LARGEST_ALPHA, self.false_alarms_per_month / (max(tests, 1) * looks))
