"""The findings as an HTML report that stands alone: summary, alarms, a card for what moved."""

from collections.abc import Sequence
from typing import Final

from modelmonitor_cli.backtest.ranking import ranked
from modelmonitor_cli.backtest.report_feature import effect_line, feature_card
from modelmonitor_cli.backtest.results import Alarm, Backtest
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
from modelmonitor_cli.report.page import (
    Heading,
    badge,
    plain_table,
    section,
    standalone_page,
)
from modelmonitor_sidecar.expose.figures import NOTHING, amount
from modelmonitor_sidecar.expose.html import Markup, element

MOST_CARDS: Final = 100
MOST_ALARMS: Final = 500

_HOW_TO_READ_CARDS: Final = (
    "Of each feature that drifted, the window that moved most: bars are its rows, lines the "
    "baseline. Below, window by window: how large the difference was, and how far from chance. "
    "A window drifts, and has a red dot, where both are above their dashed lines and it has rows "
    "enough."
)
_HOW_TO_READ_FEATURES: Final = (
    "Effect is the size of the difference, in the measure and the test where it is largest; z is "
    "how far that is from what chance does. Both are of the window that moved most."
)


def report_page(found: Backtest) -> str:
    """The document; it loads nothing and runs no script."""
    return standalone_page(
        _heading(found), _alarms(found), _cards(found), _features(found), *_told(found)
    )


def _heading(found: Backtest) -> Heading:
    headline, chance = summary_of(found).sentence.split("; ", 1)
    return Heading(
        "modelmonitor backtest",
        headline,
        (f"{chance[0].upper()}{chance[1:]}.", what_was_replayed(found) + "."),
        "drift" if found.alarms else "ok",
    )


def _alarms(found: Backtest) -> Markup | None:
    if not found.alarms:
        return None
    titles = ("Feature", "Alarm", "Makes a", "Since about", "Alarmed after", "Effect", "Evidence")
    rows = [_alarm(alarm) for alarm in found.alarms[:MOST_ALARMS]]
    hint = "In the order in which they were raised."
    if len(found.alarms) > MOST_ALARMS:
        hint += f" These are the first {MOST_ALARMS} of {len(found.alarms):,}."
    return section("Alarms", plain_table(titles, rows), hint=hint)


def _alarm(alarm: Alarm) -> tuple[Markup | str, ...]:
    return (
        alarm.feature.name,
        badge(alarm_words(alarm), "drift"),
        badge(severity_words(alarm), "drift" if alarm.pages else "quiet"),
        moment(alarm.onset_row, alarm.onset_time),
        delay(alarm),
        amount(alarm.effect),
        evidence(alarm),
    )


def _cards(found: Backtest) -> Markup | None:
    moved = [at for at in ranked(found) if at in found.moved and _drifted(found, at)]
    if not moved:
        return None
    cards = [feature_card(found, at) for at in moved[:MOST_CARDS]]
    return section(
        "What moved", element("div", *cards, class_="cards broad"), hint=_HOW_TO_READ_CARDS
    )


def _drifted(found: Backtest, at: int) -> bool:
    feature = found.features[at]
    return any(alarm.feature is feature for alarm in found.alarms) or any(
        result.drifts for result in found.series(at)
    )


def _features(found: Backtest) -> Markup:
    titles = ("Feature", "Verdict", "Effect", "z", "In window from", "Effect by window")
    rows = [_feature(found, at) for at in ranked(found)]
    return section("All features", plain_table(titles, rows), hint=_HOW_TO_READ_FEATURES)


def _feature(found: Backtest, at: int) -> tuple[Markup | str, ...]:
    moved = found.moved.get(at)
    alarmed = any(alarm.feature is found.features[at] for alarm in found.alarms)
    verdict = badge(
        verdict_words(found, at), "drift" if alarmed else "quiet" if moved is None else "ok"
    )
    name = found.features[at].name
    if moved is None:
        return (name, verdict, NOTHING, NOTHING, NOTHING, "")
    return (
        name,
        verdict,
        amount(moved.result.largest_effect),
        amount(moved.result.strongest.z),
        window_start(found.windows[moved.window]),
        effect_line(found, at),
    )


def _told(found: Backtest) -> Sequence[Markup | None]:
    left_out = [
        f"{why}: {', '.join(columns)}" for why, columns in left_out_by_reason(found).items()
    ]
    notes = [f"{note[0].upper()}{note[1:]}." for note in found.notes]
    return (_listed("Remarks", notes), _listed("Columns left out", left_out))


def _listed(title: str, lines: list[str]) -> Markup | None:
    if not lines:
        return None
    items = [element("li", line) for line in lines]
    return section(title, element("ul", *items, class_="left-out"))
