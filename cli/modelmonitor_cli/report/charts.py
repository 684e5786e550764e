"""Pictures of reports as inline SVG, beside those of the status page.

`modelmonitor_sidecar.expose.charts` has the meter and the bar of a category.  Colours come from the
page's style by class; a picture says in words what it shows.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from modelmonitor_sidecar.expose.charts import GAP
from modelmonitor_sidecar.expose.html import Markup, element

WIDTH: Final = 320
HEIGHT: Final = 110
"""Of the drawing; on the page its style decides."""


def histogram(
    shares: Sequence[float],
    labels: Sequence[str],
    top: float,
    told: str,
    marks: Sequence[float] | None = None,
) -> Markup:
    """A bar for each share, `top` as high as the picture; `marks` are lines to compare with."""
    place = WIDTH / max(len(shares), 1)
    scale = HEIGHT / (top or 1.0)
    bars = [
        _bar(label, place * at, place, share * scale)
        for at, (share, label) in enumerate(zip(shares, labels, strict=True))
    ]
    lines = [_mark(place * at, place, HEIGHT - mark * scale) for at, mark in enumerate(marks or ())]
    return element(
        "svg",
        *bars,
        *lines,
        class_="histogram",
        viewBox=f"0 -2 {WIDTH} {HEIGHT + 3}",
        preserveAspectRatio="none",
        role="img",
        aria_label=told,
    )


def axis(ticks: Sequence[tuple[float, str]]) -> Markup:
    """Words under a picture, each at its share of the width."""
    words = [
        element("text", word, x=f"{100 * place:.2f}%", y="11", text_anchor=_anchor(place))
        for place, word in ticks
    ]
    return element("svg", *words, class_="axis", aria_hidden="true")


def timeline(
    values: Sequence[float | None],
    thresholds: Sequence[float],
    marked: Sequence[bool],
    told: str,
) -> Markup:
    """Values in their order as a line, the thresholds dashed, a dot where one is marked.

    None, where nothing was judged, is a gap.  0 and all values are in the picture.
    """
    known = [value for value in values if value is not None]
    low = min([0.0, *known])
    high = max([*known, *thresholds, low + 1e-12])
    heights = [None if value is None else _height(value, low, high) for value in values]
    limits = [_height(threshold, low, high) for threshold in thresholds]
    places = [_place(at, len(values)) for at in range(len(values))]
    over = [
        element("path", class_="over", d=f"M{_number(place)},{_number(height)} h0")
        for place, height, mark in zip(places, heights, marked, strict=True)
        if height is not None and mark
    ]
    return element(
        "svg",
        *_lines(places, limits, "limit"),
        *_lines(places, heights, "path"),
        *over,
        class_="timeline",
        viewBox=f"0 -4 {WIDTH} {HEIGHT + 8}",
        preserveAspectRatio="none",
        role="img",
        aria_label=told,
    )


def _bar(label: str, x: float, place: float, size: float) -> Markup:
    return element(
        "rect",
        element("title", label),
        class_="live",
        x=_number(x + place * GAP / 2),
        y=_number(HEIGHT - size),
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


def _lines(places: Sequence[float], heights: Sequence[float | None], name: str) -> list[Markup]:
    """A line for each stretch without a gap; a stretch of one is a short dash."""
    runs = groupby(zip(places, heights, strict=True), key=lambda point: point[1] is not None)
    lines = []
    for is_known, run in runs:
        if is_known:
            points = [f"{_number(x)},{_number(y)}" for x, y in run if y is not None]
            first = points[0]
            start = f"M{first} h1" if len(points) == 1 else f"M{' L'.join(points)}"
            lines.append(element("path", class_=name, d=start))
    return lines


def _place(at: int, count: int) -> float:
    return WIDTH * (at + 0.5) / count


def _height(value: float, low: float, high: float) -> float:
    return HEIGHT * (1 - (value - low) / (high - low))


def _anchor(place: float) -> str:
    if place <= 0:
        return "start"
    return "end" if place >= 1 else "middle"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
