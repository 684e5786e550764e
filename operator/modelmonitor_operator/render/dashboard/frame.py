"""A whole dashboard around its rows: what every dashboard of ours has alike.

Classic JSON of schema version 38 (Grafana 10.0), which later versions migrate as they read it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from modelmonitor_api.names import FLEET_DASHBOARD
from modelmonitor_operator.render.dashboard.layout import Row, placed
from modelmonitor_operator.render.dashboard.panel import Json

SCHEMA_VERSION: Final = 38
TAG: Final = "modelmonitor"
_SHARED_CROSSHAIR: Final = 1


@dataclass(frozen=True, slots=True)
class Identity:
    """Stable and unique: Grafana stops provisioning everything on a second uid or title."""

    uid: str
    title: str
    description: str
    range_from: str
    """How far back the charts begin, e.g. ``now-24h``."""


def dashboard(
    identity: Identity, rows: Sequence[Row], variables: list[Json], marks: list[Json]
) -> Json:
    """The document that Grafana imports or is given as a file."""
    return {
        "annotations": {"list": marks},
        "description": identity.description,
        "editable": True,
        "fiscalYearStartMonth": 0,
        "graphTooltip": _SHARED_CROSSHAIR,
        "id": None,
        "links": [_fleet(), _others()],
        "liveNow": False,
        "panels": placed(rows),
        "refresh": "1m",
        "schemaVersion": SCHEMA_VERSION,
        "tags": [TAG],
        "templating": {"list": variables},
        "time": {"from": identity.range_from, "to": "now"},
        "timepicker": {},
        "timezone": "browser",
        "title": identity.title,
        "uid": identity.uid,
        "version": 1,
        "weekStart": "",
    }


def _fleet() -> Json:
    return {
        **_link("All monitors", "link"),
        "icon": "dashboard",
        "tooltip": "All monitors, the worst first",
        "url": f"/d/{FLEET_DASHBOARD}",
    }


def _others() -> Json:
    return {**_link("Other monitors", "dashboards"), "asDropdown": True, "tags": [TAG]}


def _link(title: str, kind: str) -> Json:
    return {
        "asDropdown": False,
        "icon": "external link",
        "includeVars": kind == "dashboards",
        "keepTime": True,
        "tags": [],
        "targetBlank": False,
        "title": title,
        "tooltip": "",
        "type": kind,
        "url": "",
    }
