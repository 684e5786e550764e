"""Rows of panels on Grafana's grid of 24 columns: places and numbers, never an overlap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from modelmonitor_operator.render.dashboard.panel import Json, Panel

COLUMNS: Final = 24
_TITLE_HEIGHT: Final = 1


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under a title, left to right, then below; a folded row asks nothing until opened."""

    title: str
    panels: tuple[Panel, ...]
    folded: bool = False


def placed(rows: Sequence[Row]) -> list[Json]:
    """All panels as Grafana reads them, numbered from 1 in reading order."""
    documents: list[Json] = []
    top, number = 0, 1
    for row in rows:
        title = _title(row, number, top)
        panels = list(_panels(row.panels, number + 1, top + _TITLE_HEIGHT))
        bottom = max(one["gridPos"]["y"] + one["gridPos"]["h"] for one in panels)
        number += 1 + len(panels)
        title["panels"] = panels if row.folded else []
        documents += [title] if row.folded else [title, *panels]
        top = top + _TITLE_HEIGHT if row.folded else bottom
    return documents


def _title(row: Row, number: int, top: int) -> Json:
    return {
        "collapsed": row.folded,
        "gridPos": {"h": _TITLE_HEIGHT, "w": COLUMNS, "x": 0, "y": top},
        "id": number,
        "title": row.title,
        "type": "row",
    }


def _panels(panels: Sequence[Panel], number: int, top: int) -> Iterator[Json]:
    left, height = 0, 0
    for offset, panel in enumerate(panels):
        if left + panel.width > COLUMNS:
            left, top, height = 0, top + height, 0
        yield panel.document(number + offset, left, top)
        left, height = left + panel.width, max(height, panel.height)
