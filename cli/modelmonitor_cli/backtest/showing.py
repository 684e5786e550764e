"""The findings as tables for people, in 80 columns where it must be."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from modelmonitor_cli.backtest.ranking import ranked
from modelmonitor_cli.backtest.results import Alarm, Backtest, Result
from modelmonitor_cli.backtest.summary import summary_of
from modelmonitor_cli.backtest.wording import (
    alarm_words,
    delay,
    evidence,
    left_out_by_reason,
    moment,
    severity_words,
    verdict_words,
    what_was_replayed,
    window_start,
)
from modelmonitor_cli.report.terminal import printable, report_console
from modelmonitor_sidecar.expose.figures import amount

MOST_BARS: Final = 24
MOST_ALARMS: Final = 30
_BARS: Final = "▁▂▃▄▅▆▇█"
_NOT_JUDGED: Final = "·"
_ALARM: Final = "red"


def show(found: Backtest) -> None:
    """Print features, alarms, what to bear in mind, and the summary in one sentence."""
    console = report_console()
    console.print(Text(printable(what_was_replayed(found)), style="bold"), highlight=False)
    console.print(_features(found))
    if found.alarms:
        console.print()
        console.print(_alarms(found.alarms))
    console.print()
    for line in _footnotes(found):
        console.print(Text(printable(line)), highlight=False)
    _print_summary(console, found)


def sparkline(results: Sequence[Result]) -> Text:
    """A bar for each window, or for the worst of several; half height is what matters.

    The height is effect / (effect + smallest that matters); red where the window drifts.
    """
    text = Text()
    for group in _groups(results):
        judged = [one for one in group if one.verdict.verdict != "insufficient" or one.drifts]
        if not judged:
            text.append(_NOT_JUDGED)
            continue
        height = max(one.largest_effect / (one.largest_effect + _unit(one)) for one in judged)
        bar = _BARS[min(len(_BARS) - 1, int(height * len(_BARS)))]
        text.append(bar, _ALARM if any(one.drifts for one in judged) else None)
    return text


def _groups(results: Sequence[Result]) -> Iterator[Sequence[Result]]:
    """At most MOST_BARS groups of windows that follow each other."""
    groups = min(MOST_BARS, len(results))
    for at in range(groups):
        yield results[at * len(results) // groups : (at + 1) * len(results) // groups]


def _unit(result: Result) -> float:
    return result.verdict.effect_threshold or 1.0


def _features(found: Backtest) -> Table:
    table = _empty_table("feature", "verdict", "largest", "in window from", "window by window")
    for at in ranked(found):
        moved = found.moved.get(at)
        words = verdict_words(found, at)
        alarmed = any(alarm.feature is found.features[at] for alarm in found.alarms)
        table.add_row(
            Text(printable(found.features[at].name)),
            Text(words, _ALARM if alarmed else ""),
            "" if moved is None else amount(moved.result.largest_effect),
            "" if moved is None else window_start(found.windows[moved.window]),
            sparkline(found.series(at)),
        )
    return table


def _alarms(alarms: Sequence[Alarm]) -> Table:
    titles = ("since about", "alarm", "makes a", "feature", "after", "effect", "evidence")
    table = _empty_table(*titles)
    for alarm in alarms[:MOST_ALARMS]:
        table.add_row(
            moment(alarm.onset_row, alarm.onset_time),
            Text(alarm_words(alarm), _ALARM),
            Text(severity_words(alarm), _ALARM if alarm.pages else ""),
            Text(printable(alarm.feature.name)),
            delay(alarm),
            amount(alarm.effect),
            evidence(alarm),
        )
    return table


def _empty_table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        right = title in ("largest", "effect", "after")
        fold = title == "feature" or title == "verdict"
        table.add_column(
            title,
            justify="right" if right else "left",
            overflow="fold",
            no_wrap=not fold,
            min_width=8 if fold else None,
        )
    return table


def _footnotes(found: Backtest) -> Iterator[str]:
    if len(found.alarms) > MOST_ALARMS:
        yield f"and {len(found.alarms) - MOST_ALARMS} more alarms; --output FILE writes them all"
    for why, columns in left_out_by_reason(found).items():
        yield f"left out ({why}): {', '.join(columns)}"
    yield from (f"note: {note}" for note in found.notes)


def _print_summary(console: Console, found: Backtest) -> None:
    console.print(Text(summary_of(found).sentence, style="bold"), highlight=False)
