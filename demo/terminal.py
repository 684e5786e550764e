"""What the tour shows: sentences that stay, and on a terminal a table that lives below them."""

import time
from collections.abc import Sequence
from typing import Final

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from demo.verdicts import Feature

BAR_CELLS: Final = 20
BAR_THRESHOLDS: Final = 10
"""The effect's bar is full at so many times the smallest effect that matters."""
COLOURS: Final = {"ok": "green", "drift": "red", "insufficient": "dim"}
WIDTH_WITHOUT_TERMINAL: Final = 110


class Screen:
    """Lines of text.  Invariant: without a terminal it prints nothing but those lines."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        if not self._console.is_terminal:
            self._console.width = WIDTH_WITHOUT_TERMINAL
        self._live: Live | None = None
        self._started = time.monotonic()

    def step(self, number: int, title: str) -> None:
        """The headline of a chapter."""
        elapsed = f"[dim]{time.monotonic() - self._started:.0f} s[/dim]"
        self._print(f"\n[bold]{number}  {escape(title)}[/bold]  {elapsed}")

    def say(self, sentence: str, style: str = "") -> None:
        """One sentence in the chapter."""
        self._print(
            f"   [{style}]{escape(sentence)}[/{style}]" if style else f"   {escape(sentence)}"
        )

    def command(self, words: list[str]) -> None:
        """What a person would type."""
        self._print(f"   [cyan]$ {escape(' '.join(words))}[/cyan]")

    def live(self, headline: str, features: Sequence[Feature]) -> None:
        """Show requests and features as they are now; a terminal only."""
        if not self._console.is_terminal:
            return
        if self._live is None:
            self._live = Live(console=self._console, transient=True, auto_refresh=False)
            self._live.start()
        self._live.update(Group(Text(f"   {headline}"), _table(features)), refresh=True)

    def quiet(self) -> None:
        """Take the living table away."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _print(self, line: str) -> None:
        self._console.print(line, soft_wrap=self._console.is_terminal is False)


def _table(features: Sequence[Feature]) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    for column in ("   feature", "verdict", "effect", ""):
        table.add_column(column, style="dim" if not column else "")
    for feature in features:
        alarm = " ".join(feature.alarms)
        table.add_row(
            f"   {escape(feature.name)}",
            Text(feature.outcome, style=COLOURS.get(feature.outcome, "")),
            _bar(feature),
            Text(f"alarm: {alarm}" if alarm else "", style="bold red"),
        )
    return table


def _bar(feature: Feature) -> Text:
    full = min(1.0, feature.effect / (feature.effect_threshold * BAR_THRESHOLDS))
    cells = round(full * BAR_CELLS)
    style = "red" if feature.effect > feature.effect_threshold else "green"
    return Text("█" * cells, style=style).append("·" * (BAR_CELLS - cells), style="dim")
