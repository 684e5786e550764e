"""What the user asked of `backtest`, checked as far as it can be without the files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from modelmonitor_api.errors import InputError
from modelmonitor_api.quantity import duration_seconds, window_rows
from modelmonitor_sidecar.stats.budget import ROWS_PER_MONTH
from modelmonitor_sidecar.stats.dispersion import counts_rows

DEFAULT_WINDOW: Final = "5000r"
_UNITS_OF_TIME: Final = tuple("smhd")


@dataclass(frozen=True, slots=True)
class BacktestOptions:
    """One call of `backtest`.

    `window`: "5000r" or "24h"; None: nobody said, and DEFAULT_WINDOW holds.  `scores`: the columns
    of class scores that make the baseline's one score.  `inputs_only`: the table has no answers.
    """

    data: tuple[Path, ...]
    baselines: tuple[str, ...]
    monitor: Path | None = None
    model: str | None = None
    window: str | None = None
    time: str | None = None
    scores: tuple[str, ...] = ()
    inputs_only: bool = False
    rows_per_month: int = ROWS_PER_MONTH

    @property
    def length(self) -> str:
        """The length of the windows."""
        return self.window or DEFAULT_WINDOW

    @property
    def lacks_time(self) -> bool:
        """Windows of time were asked for, and no column tells the time."""
        return not counts_rows(self.length) and self.time is None


def window_of(text: str, where: str) -> str:
    """The name of a window of rows ("5000", "5000r") or time ("24h"); InputError names `where`.

    >>> window_of("5000", "--window"), window_of("24h", "--window")
    ('5000r', '24h')
    """
    if text.endswith(_UNITS_OF_TIME):
        duration_seconds(text, where)
        return text
    try:
        return f"{window_rows(text, where)}r"
    except InputError:
        raise InputError(where, f"{text!r} is no window; write rows or time, e.g. 5000r") from None


def rows_of(text: str, where: str) -> int:
    """A number of rows; InputError names `where`."""
    return window_rows(text.replace("_", "").replace(",", ""), where)
