"""One sentence: how many alarms, in how much data, and how many of them chance explains."""

from dataclasses import dataclass
from typing import Final

from modelmonitor_cli.backtest.results import Backtest
from modelmonitor_cli.backtest.stretches import MICROSECONDS
from modelmonitor_sidecar.stats.budget import KINDS_OF_TEST, MONTH_SECONDS
from modelmonitor_sidecar.stats.dispersion import counts_rows

_DAY_SECONDS: Final = 86_400
_HOUR_SECONDS: Final = 3_600


@dataclass(frozen=True, slots=True)
class Summary:
    """`expected`: alarms by chance in as much healthy data, at most; `days` None without times."""

    sentence: str
    expected: float
    days: float | None


def summary_of(found: Backtest) -> Summary:
    """The sentence and its numbers.

    The budget is for a month: of 30 days for windows of time, else of `rows_per_month` rows.  The
    change detector looks at batches of rows, so more rows than that a month spend more of it.
    """
    seconds = _seconds(found)
    by_rows = found.rows / found.rows_per_month
    months = by_rows if counts_rows(found.length) else (seconds or 0.0) / MONTH_SECONDS
    change = 1 / len(KINDS_OF_TEST)
    spent = (1 - change) * months + change * max(months, by_rows)
    expected = found.false_alarms_per_month * spent
    count = len(found.alarms)
    sentence = (
        f"{count} alarm{'' if count == 1 else 's'} in {_extent(found, seconds)}; "
        f"expected by chance: {_shown(expected)}"
    )
    return Summary(sentence, expected, None if seconds is None else seconds / _DAY_SECONDS)


def _seconds(found: Backtest) -> float | None:
    """From the beginning of the first window to the end of the last."""
    start, end = found.windows[0].start, found.windows[-1].end
    return None if start is None or end is None else (end - start) / MICROSECONDS


def _extent(found: Backtest, seconds: float | None) -> str:
    if counts_rows(found.length) or seconds is None:
        return f"{found.rows:,} row{'' if found.rows == 1 else 's'}"
    if seconds >= 2 * _DAY_SECONDS:
        return f"{seconds / _DAY_SECONDS:,.0f} days"
    hours = seconds / _HOUR_SECONDS
    return f"{hours:.3g} hour{'' if hours == 1 else 's'}"


def _shown(expected: float) -> str:
    """One digit that counts.

    >>> [_shown(value) for value in (0.0, 0.00002, 0.0126, 0.1, 2.34)]
    ['0', 'less than 0.001', '0.01', '0.1', '2.3']
    """
    if 0 < expected < 0.001:
        return "less than 0.001"
    return f"{expected:.1g}" if expected < 1 else f"{expected:,.1f}"
