"""The kinds of panels that the dashboards are made of, with the looks that they share.

It refuses to know what is shown.  Options are those of Grafana 10; later versions fill in the rest.
"""

from typing import Any, Final

from modelmonitor_operator.render.dashboard.fields import GREEN, thresholds
from modelmonitor_operator.render.dashboard.panel import Json, Panel, Query

NEEDS_ROWS: Final = "no data yet: needs a baseline and 200 rows in a window"
"""What a panel of verdicts says while there are none."""
_SHOWN: Final[Json] = {"legend": False, "tooltip": False, "viz": False}
_LINES: Final[Json] = {
    "axisPlacement": "auto",
    "drawStyle": "line",
    "fillOpacity": 0,
    "hideFrom": _SHOWN,
    "lineInterpolation": "linear",
    "lineWidth": 1,
    "pointSize": 5,
    "scaleDistribution": {"type": "linear"},
    "showPoints": "auto",
    "spanNulls": False,
    "stacking": {"group": "A", "mode": "none"},
    "thresholdsStyle": {"mode": "off"},
}
_LAST: Final[Json] = {"calcs": ["lastNotNull"], "fields": "", "values": False}


def time_series(title: str, description: str, unit: str, *queries: Query) -> Panel:
    """Lines over time."""
    options = {"legend": _legend(), "tooltip": {"mode": "multi", "sort": "desc"}}
    return Panel("timeseries", title, description, unit, queries, options).having(
        color={"mode": "palette-classic"}, custom=_LINES, min=0, thresholds=thresholds(GREEN)
    )


def stacked(title: str, description: str, unit: str, *queries: Query) -> Panel:
    """Areas over time, one upon the other."""
    looks = {"fillOpacity": 60, "lineWidth": 0, "stacking": {"group": "A", "mode": "normal"}}
    return time_series(title, description, unit, *queries).having(custom=looks)


def stat(title: str, description: str, unit: str, *queries: Query) -> Panel:
    """A large number for each query, or the text that stands for it."""
    options = {
        "colorMode": "background",
        "graphMode": "none",
        "justifyMode": "auto",
        "orientation": "auto",
        "reduceOptions": _LAST,
        "textMode": "auto",
        "wideLayout": True,
    }
    return Panel("stat", title, description, unit, queries, options).having(
        color={"mode": "thresholds"}, thresholds=thresholds(GREEN)
    )


def table(title: str, description: str, unit: str, *queries: Query) -> Panel:
    """Rows; columns are labels and values (see `columns`)."""
    options = {
        "cellHeight": "sm",
        "footer": {
            "countRows": False,
            "enablePagination": True,
            "fields": "",
            "reducer": ["sum"],
            "show": False,
        },
        "showHeader": True,
    }
    looks = {"align": "auto", "cellOptions": {"type": "auto"}, "filterable": True, "inspect": False}
    return Panel("table", title, description, unit, queries, options).having(
        color={"mode": "thresholds"}, custom=looks, thresholds=thresholds(GREEN)
    )


def bar_chart(title: str, description: str, unit: str, *queries: Query) -> Panel:
    """Groups of bars; the first text column names the groups."""
    options = {
        "barRadius": 0,
        "barWidth": 0.9,
        "fullHighlight": False,
        "groupWidth": 0.8,
        "legend": _legend(),
        "orientation": "auto",
        "showValue": "never",
        "stacking": "none",
        "tooltip": {"mode": "multi", "sort": "none"},
        "xTickLabelRotation": 0,
        "xTickLabelSpacing": 0,
    }
    looks = {"axisPlacement": "auto", "fillOpacity": 80, "hideFrom": _SHOWN, "lineWidth": 1}
    return Panel("barchart", title, description, unit, queries, options).having(
        color={"mode": "palette-classic"}, custom=looks, min=0, thresholds=thresholds(GREEN)
    )


def text(title: str, description: str, markdown: str) -> Panel:
    """Fixed text of ours; no text of a user may come here, Grafana reads variables in it."""
    options = {
        "code": {"language": "plaintext", "showLineNumbers": False, "showMiniMap": False},
        "content": markdown,
        "mode": "markdown",
    }
    return Panel("text", title, description, "", (), options)


def alert_list(title: str, description: str, matchers: str) -> Panel:
    """Alerts with their texts, as far as Grafana reads the rules of its data sources."""
    states = {"error": True, "firing": True, "noData": False, "normal": False, "pending": True}
    options = {
        "alertInstanceLabelFilter": matchers,
        "alertName": "",
        "dashboardAlerts": False,
        "groupBy": [],
        "groupMode": "default",
        "maxItems": 20,
        "showInstances": True,
        "sortOrder": 3,
        "stateFilter": states,
        "viewMode": "list",
    }
    return Panel("alertlist", title, description, "", (), options)


def _legend() -> dict[str, Any]:
    return {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True}
