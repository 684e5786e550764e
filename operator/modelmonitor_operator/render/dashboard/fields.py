"""Grafana's field configuration: thresholds, texts and colours for values, looks of single fields.

It refuses to know which panel a field is in.
"""

from typing import Any, Final

from modelmonitor_operator.render.dashboard.panel import Json

GREEN: Final = "green"
YELLOW: Final = "yellow"
ORANGE: Final = "orange"
RED: Final = "red"
BLUE: Final = "blue"
GREY: Final = "#8e8e8e"

NOTHING: Final = "-"
"""An empty cell of a table that has others."""

Threshold = tuple[float, str]


def thresholds(base: str, *steps: Threshold) -> Json:
    """A colour below all steps, and one from each step on."""
    first: Json = {"color": base, "value": None}
    return {
        "mode": "absolute",
        "steps": [first, *({"color": color, "value": value} for value, color in steps)],
    }


def drawn(base: str, *steps: Threshold) -> dict[str, Any]:
    """Field defaults of a chart over time: thresholds as lines."""
    return {
        "custom": {"thresholdsStyle": {"mode": "line"}},
        "thresholds": thresholds(base, *steps),
    }


def texts(meanings: dict[str, tuple[str, str]]) -> list[Json]:
    """What stands for a value, and its colour."""
    options = {
        value: {"color": color, "index": index, "text": text}
        for index, (value, (text, color)) in enumerate(meanings.items())
    }
    return [{"options": options, "type": "value"}]


VERDICTS: Final = texts({"1": ("drift", RED), "0": ("ok", GREEN), "-1": ("not enough data", GREY)})
SEVERITIES: Final = texts({"critical": ("critical", RED), "warning": ("warning", ORANGE)})


def field(name: str, **properties: Any) -> Json:
    """Looks of the field of this name; `__` in a property's name stands for a dot."""
    return _override("byName", name, properties)


def fields(pattern: str, **properties: Any) -> Json:
    """Looks of all fields whose names the pattern matches."""
    return _override("byRegexp", f"/{pattern}/", properties)


def reference(pattern: str, color: str = GREY) -> Json:
    """Looks of a line to compare others with: dashed, in one colour, nothing beneath."""
    return fields(
        pattern,
        color={"fixedColor": color, "mode": "fixed"},
        custom__lineStyle={"dash": [8, 6], "fill": "dash"},
        custom__fillOpacity=0,
        custom__showPoints="never",
        custom__stacking={"group": "A", "mode": "none"},
    )


def colored_cells(mappings: list[Json]) -> dict[str, Any]:
    """Properties of a table's column whose cells bear the colour of their value."""
    return {
        "mappings": mappings,
        "custom__cellOptions": {"mode": "basic", "type": "color-background"},
    }


def link(title: str, url: str) -> list[Json]:
    """Properties `links` of a field.  The url is ours; values come in percent-encoded."""
    return [{"targetBlank": False, "title": title, "url": url}]


def _override(matcher: str, options: str, properties: dict[str, Any]) -> Json:
    return {
        "matcher": {"id": matcher, "options": options},
        "properties": [
            {"id": name.replace("__", "."), "value": value} for name, value in properties.items()
        ],
    }
