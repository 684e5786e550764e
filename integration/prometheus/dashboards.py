"""Every query of both dashboards as Grafana sends it, and which of them have an answer.

Grafana's variables are filled in; a query has an answer where one of its values is a number.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from prometheus import subject
from prometheus.server import Prometheus

from modelmonitor_operator.render.dashboard.fleet import fleet_dashboard
from modelmonitor_operator.render.dashboard.monitor import monitor_dashboard

Json = dict[str, Any]

RUNBOOK: Final = "https://example.com/runbook"


@dataclass(frozen=True, slots=True)
class Question:
    """One query; `place` names dashboard, panel and legend."""

    place: str
    query: str

    def answered(self, server: Prometheus, begin: float, end: float, step: float) -> bool:
        """Whether there is a number in this time."""
        found = server.over(self.query, begin, end, step)
        return any(not math.isnan(value) for one in found for value in one.values.values())


def questions(windows: tuple[str, ...], choices: Mapping[str, str]) -> list[Question]:
    """Of panels, annotations and variables."""
    dashboards = {
        "monitor": monitor_dashboard(subject.NAMESPACE, subject.MONITOR, windows, RUNBOOK),
        "fleet": fleet_dashboard(),
    }
    chosen = {
        "${feature:raw}": subject.DRIFTED[0],
        "$model_version": ".*",
        "$model": subject.MODEL,
        "$namespace": ".*",
        **choices,
    }
    return [
        Question(f"{name}: {place}", _filled(query, chosen))
        for name, dashboard in dashboards.items()
        for place, query in _queries(dashboard)
    ]


def _filled(query: str, chosen: Mapping[str, str]) -> str:
    for name, choice in chosen.items():
        query = query.replace(name, choice)
    assert "$" not in re.sub(r'"[^"]*"', "", query), query
    return query


def _queries(dashboard: Json) -> Iterator[tuple[str, str]]:
    for panel in _panels(dashboard["panels"]):
        for target in panel.get("targets", []):
            legend = target["legendFormat"]
            place = target["refId"] if legend == "__auto" else legend
            yield f"{panel['title']}: {place}", target["expr"]
    for mark in dashboard["annotations"]["list"]:
        yield f"annotation: {mark['name']}", mark["expr"]
    for variable in dashboard["templating"]["list"]:
        if found := re.fullmatch(r"label_values\((.*), \w+\)", variable["query"]):
            series = found[1]
            yield f"variable: {variable['name']}", f"count({series})"


def _panels(panels: list[Json]) -> Iterator[Json]:
    for panel in panels:
        if panel["type"] != "row":
            yield panel
        yield from _panels(panel.get("panels", []))
