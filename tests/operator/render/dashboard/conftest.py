"""All dashboards and their queries, with Grafana's variables filled in."""

import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from modelmonitor_operator.render.dashboard.fleet import fleet_dashboard
from modelmonitor_operator.render.dashboard.monitor import monitor_dashboard
from modelmonitor_operator.render.dashboard.operator_dashboard import operator_dashboard

Json = dict[str, Any]
RUNBOOK = "https://example.com/runbook"
CHOICES = {
    "${feature:raw}": "age",
    "$__rate_interval": "2m",
    "$model_version": "3",
    "$namespace": "shop",
    "$cluster": "east",
    "$window": "5m",
    "$model": "churn",
}
"""What a reader has chosen, the longer names first."""
DASHBOARDS: dict[str, Callable[[], Json]] = {
    "monitor": lambda: monitor_dashboard("shop", "watch", ("5m", "1h"), RUNBOOK),
    "fleet": fleet_dashboard,
    "monitor of one cluster of several": lambda: monitor_dashboard(
        "shop", "watch", ("5m",), RUNBOOK, "cluster"
    ),
    "fleet over clusters": lambda: fleet_dashboard("cluster"),
    "operator": operator_dashboard,
}


@pytest.fixture
def promtool() -> str:
    """Its path; tests that need it cannot be left out, they judge what Prometheus is given."""
    path = shutil.which("promtool")
    assert path is not None, "promtool is not on the path (Debian: prometheus)"
    return path


@pytest.fixture
def monitor() -> Json:
    return DASHBOARDS["monitor"]()


@pytest.fixture
def fleet() -> Json:
    return DASHBOARDS["fleet"]()


@pytest.fixture(params=DASHBOARDS)
def dashboard(request: pytest.FixtureRequest) -> Json:
    return DASHBOARDS[request.param]()


@pytest.fixture
def panels_of() -> Callable[[Json], list[Json]]:
    """All panels, those of folded rows too; not the rows' titles."""
    return lambda dashboard: list(_panels(dashboard["panels"]))


@pytest.fixture
def queries_of() -> Callable[[Json], list[str]]:
    """Every PromQL of a dashboard: of panels, annotations and variables."""
    return lambda dashboard: list(_queries(dashboard))


@pytest.fixture
def filled() -> Callable[[str], str]:
    """A query as Grafana sends it."""

    def fill(query: str) -> str:
        for name, choice in CHOICES.items():
            query = query.replace(name, choice)
        return query

    return fill


def _panels(panels: list[Json]) -> Iterator[Json]:
    for panel in panels:
        if panel["type"] != "row":
            yield panel
        yield from _panels(panel.get("panels", []))


def _queries(dashboard: Json) -> Iterator[str]:
    for panel in _panels(dashboard["panels"]):
        yield from (target["expr"] for target in panel.get("targets", []))
    yield from (mark["expr"] for mark in dashboard["annotations"]["list"])
    for variable in dashboard["templating"]["list"]:
        if found := re.fullmatch(r"label_values\((.*), \w+\)", variable["query"]):
            yield found[1]
