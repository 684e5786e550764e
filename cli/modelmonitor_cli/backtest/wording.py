"""Findings in words that terminal and page share: where a row is, how long something took."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from modelmonitor_cli.backtest.results import Alarm, Backtest, Result, Window
from modelmonitor_cli.backtest.stretches import MICROSECONDS
from modelmonitor_sidecar.expose.figures import amount, count, duration, window_name
from modelmonitor_sidecar.stats.dispersion import counts_rows, window_length

MEASURE_WORDS: Final = {
    "psi": "psi",
    "wasserstein": "wasserstein",
    "jensen_shannon": "jensen-shannon",
}
_DAY_SECONDS: Final = 86_400


def what_was_replayed(found: Backtest) -> str:
    """One line: model, baseline, rows, windows."""
    version = f" version {found.version}" if found.version else ""
    windows = f"{len(found.windows):,} windows" if len(found.windows) != 1 else "one window"
    return (
        f"{found.model}{version} against baseline {found.digest8}: "
        f"{found.rows:,} rows in {windows} of {window_name(found.length)}"
    )


def moment(row: int, time: int | None) -> str:
    """A row, by its time where that is known.

    >>> moment(12_000, None), moment(12_000, 60_000_000)
    ('row 12,000', '1970-01-01 00:01')
    """
    if time is None:
        return f"row {count(row)}"
    return datetime.fromtimestamp(time // MICROSECONDS, UTC).strftime("%Y-%m-%d %H:%M")


def window_start(window: Window) -> str:
    """Where a window begins: its day or minute, or its first row."""
    if counts_rows(window.length) or window.start is None:
        return f"row {count(window.start_row)}"
    told = moment(window.start_row, window.start)
    whole_days = window_length(window.length) % _DAY_SECONDS == 0
    return told.split(" ")[0] if whole_days else told


def delay(alarm: Alarm) -> str:
    """How long after the onset the alarm came."""
    if alarm.time is None or alarm.onset_time is None:
        return f"{count(alarm.row - alarm.onset_row + 1)} rows"
    seconds = (alarm.time - alarm.onset_time) / MICROSECONDS
    return duration(seconds) if seconds > 0 else "a moment"


def evidence(alarm: Alarm) -> str:
    """The score beside its threshold."""
    symbol = "ln e" if alarm.kind == "change" else "z"
    return f"{symbol} {amount(alarm.score)} > {amount(alarm.threshold)}"


def alarm_words(alarm: Alarm) -> str:
    """The kind of an alarm, marked where it is provisional."""
    return f"{alarm.kind} ~" if alarm.provisional else alarm.kind


def severity_words(alarm: Alarm) -> str:
    """What it would have made: the severities of alerts in the words of the people who get them."""
    return "page" if alarm.pages else "ticket"


def verdict_words(found: Backtest, feature: int) -> str:
    """What a feature's alarms were; else what its windows said."""
    name = found.features[feature]
    kinds = dict.fromkeys(alarm.kind for alarm in found.alarms if alarm.feature is name)
    if kinds:
        return ", ".join(kinds)
    return _unalarmed(found.series(feature))


def left_out_by_reason(found: Backtest) -> Mapping[str, list[str]]:
    """The columns that were not judged, by why."""
    reasons: dict[str, list[str]] = {}
    for one in found.left_out:
        reasons.setdefault(one.why, []).append(one.column)
    return reasons


def _unalarmed(results: Sequence[Result]) -> str:
    drifting = sum(result.drifts for result in results)
    if drifting:
        return f"ok ({count(drifting)} unconfirmed)"
    if all(result.verdict.verdict == "insufficient" for result in results):
        return "too few rows"
    return "ok"
