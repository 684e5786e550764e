"""Small pictures as inline SVG: two distributions side by side, a meter, a line of activity.

Colours come from the page's style by class; a picture says in its title what it shows.  Every
coordinate is a number made here, every text is escaped by `html`.
"""

from collections.abc import Sequence
from typing import Final

from modelmonitor_sidecar.expose.figures import percent
from modelmonitor_sidecar.expose.html import Markup, element, text
from modelmonitor_sidecar.expose.status import Cell

GAP: Final = 0.16
"""Of a bar's place."""


def shares_of(cells: Sequence[Cell]) -> tuple[list[float], list[float] | None]:
    """Live and baseline shares of the cells; None without a baseline."""
    live = sum(cell.live_rows for cell in cells) or 1
    lives = [cell.live_rows / live for cell in cells]
    known = [cell.baseline_rows for cell in cells if cell.baseline_rows is not None]
    if len(known) != len(cells):
        return lives, None
    base = sum(known) or 1
    return lives, [rows / base for rows in known]


def histogram(cells: Sequence[Cell], width: int, height: int) -> Markup:
    """Live shares as bars, the baseline's as a line over each; both on one scale."""
    lives, bases = shares_of(cells)
    top = max([*lives, *(bases or ())], default=0.0) or 1.0
    place = width / max(len(cells), 1)
    bars = [
        _bar(cell, share, place * index, place, height * share / top, height)
        for index, (cell, share) in enumerate(zip(cells, lives, strict=True))
    ]
    marks = [
        _mark(place * index, place, height - height * share / top)
        for index, share in enumerate(bases or ())
    ]
    return element(
        "svg",
        *bars,
        *marks,
        class_="histogram",
        viewBox=f"0 -2 {width} {height + 3}",
        preserveAspectRatio="none",
        role="img",
        aria_label="Distribution now (bars) beside the baseline (lines)",
    )


def _bar(cell: Cell, share: float, x: float, place: float, size: float, height: int) -> Markup:
    base = cell.baseline_rows
    told = f"{cell.label}: {percent(share)} now" + ("" if base is None else f", {base:,} rows then")
    return element(
        "rect",
        element("title", told),
        class_="live",
        x=_number(x + place * GAP / 2),
        y=_number(height - size),
        width=_number(place * (1 - GAP)),
        height=_number(max(size, 0.0)),
    )


def _mark(x: float, place: float, y: float) -> Markup:
    return element(
        "line",
        class_="base",
        x1=_number(x + place * GAP / 4),
        x2=_number(x + place * (1 - GAP / 4)),
        y1=_number(y),
        y2=_number(y),
    )


def share_bar(live: float, base: float | None, top: float) -> Markup:
    """One category: a lying bar for now, a standing line for then; `top` fills the width."""
    bar = element("rect", class_="live", x=0, y=1, width=_number(100 * live / top), height=8)
    line = None
    if base is not None:
        x = _number(min(100 * base / top, 99.5))
        line = element("line", class_="base", x1=x, x2=x, y1=0, y2=10)
    return element(
        "svg",
        bar,
        line,
        class_="sharebar",
        viewBox="0 0 100 10",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


def meter(value: float, threshold: float) -> Markup:
    """How far a value is from its threshold: a bar, and a line where it begins to matter."""
    top = max(threshold * 2.5, value * 1.08) or 1.0
    return element(
        "svg",
        element("rect", class_="track", x=0, y=3, width=100, height=4),
        element("rect", class_="fill", x=0, y=3, width=_number(100 * value / top), height=4),
        element(
            "line",
            class_="limit",
            x1=_number(100 * threshold / top),
            x2=_number(100 * threshold / top),
            y1=0,
            y2=10,
        ),
        class_="meter",
        viewBox="0 0 100 10",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


def portion(value: float, whole: float) -> Markup:
    """How much of something is used up."""
    share = min(value / whole, 1.0) if whole else 1.0
    return element(
        "svg",
        element("rect", class_="track", x=0, y=3, width=100, height=4),
        element("rect", class_="fill", x=0, y=3, width=_number(100 * share), height=4),
        class_="meter",
        viewBox="0 0 100 10",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


def activity(values: Sequence[int], told: str) -> Markup:
    """A line of bars, oldest first: something flows, or it does not."""
    top = max(values, default=0) or 1
    place = 100 / max(len(values), 1)
    bars = [
        element(
            "rect",
            x=_number(index * place),
            y=_number(24 - max(24 * value / top, 0.6)),
            width=_number(place * 0.72),
            height=_number(max(24 * value / top, 0.6)),
        )
        for index, value in enumerate(values)
    ]
    return element(
        "svg",
        element("title", told),
        text(*bars),
        class_="activity",
        viewBox="0 0 100 24",
        preserveAspectRatio="none",
        role="img",
    )


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
