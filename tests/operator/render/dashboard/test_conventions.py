"""What kubernetes-mixin and its linter ask of dashboards, and what Grafana's provisioning needs."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import promql_parser
import pytest

from modelmonitor_api import names, operator_metrics, recorded
from modelmonitor_operator.render.dashboard.config_map import written
from modelmonitor_operator.render.dashboard.monitor import monitor_dashboard

Json = dict[str, Any]
Panels = Callable[[Json], list[Json]]
Queries = Callable[[Json], list[str]]
DATA_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
UNITS = {
    "none", "short", "percentunit", "s", "bytes", "reqps", "cps", "ops", "dateTimeFromNow",
}  # fmt: skip
"""Grafana's identifiers of units; a misspelt one is shown as text behind every number."""
WITHOUT_DATA = {"text", "alertlist"}
FOREIGN = {"ALERTS", "ALERTS_FOR_STATE"}
BUILT_IN = {"__rate_interval", "__data", "__url_time_range"}
MAX_BYTES = 200 * 1024
OWN = {
    value
    for module in (names, operator_metrics, recorded)
    for value in vars(module).values()
    if isinstance(value, str) and value.startswith("modelmonitor")
}
HISTOGRAM_PARTS = {
    f"{histogram}_{part}"
    for histogram in (
        names.REQUEST_DURATION,
        names.TIME_TO_FIRST_BYTE,
        operator_metrics.RECONCILE_DURATION,
    )
    for part in ("bucket", "sum", "count")
}


def test_identity_is_stable_unique_and_short(monitor: Json, fleet: Json) -> None:
    assert monitor["uid"] == names.dashboard_uid("shop", "watch")
    assert fleet["uid"] == names.FLEET_DASHBOARD
    assert max(len(monitor["uid"]), len(fleet["uid"])) <= 40
    assert "shop/watch" in monitor["title"]
    assert monitor["title"] != fleet["title"]


def test_monitors_whose_names_run_together_stay_apart() -> None:
    """`a-b` in `c` and `b` in `c-a` would collide in anything joined by dashes."""
    one, other = (
        monitor_dashboard(namespace, name, ("5m",), "https://example.com")
        for namespace, name in (("c", "a-b"), ("c-a", "b"))
    )
    assert one["uid"] != other["uid"]
    assert one["title"] != other["title"]


def test_it_is_classic_json_that_grafana_10_takes(dashboard: Json) -> None:
    assert 36 <= dashboard["schemaVersion"] <= 39
    assert dashboard["id"] is None
    assert dashboard["refresh"]
    assert dashboard["time"] == {"from": "now-24h", "to": "now"}
    assert "modelmonitor" in dashboard["tags"]


def test_the_others_are_one_click_away_with_the_choices_kept(dashboard: Json) -> None:
    (link,) = [link for link in dashboard["links"] if link["type"] == "dashboards"]
    assert link["asDropdown"]
    assert link["includeVars"]
    assert link["keepTime"]
    assert link["tags"] == ["modelmonitor"]


def test_no_data_source_is_hard_coded(dashboard: Json, panels_of: Panels) -> None:
    first = dashboard["templating"]["list"][0]
    assert (first["name"], first["type"], first["query"]) == (
        "datasource", "datasource", "prometheus",
    )  # fmt: skip
    asking = [one for one in panels_of(dashboard) if one["type"] not in WITHOUT_DATA]
    asking += [target for panel in asking for target in panel["targets"]]
    asking += dashboard["annotations"]["list"]
    asking += [one for one in dashboard["templating"]["list"] if one["type"] == "query"]
    assert [one["datasource"] for one in asking if one["datasource"] != DATA_SOURCE] == []


def test_every_panel_says_what_its_number_is(dashboard: Json, panels_of: Panels) -> None:
    panels = panels_of(dashboard)
    assert [
        p["title"] for p in panels if not re.fullmatch(r"[A-Z].{15,}\.", p["description"])
    ] == []
    titles = [panel["title"] for panel in panels]
    assert len(set(titles)) == len(titles)


def test_every_panel_has_a_unit_and_a_text_for_no_data(dashboard: Json, panels_of: Panels) -> None:
    showing = [panel for panel in panels_of(dashboard) if panel["type"] not in WITHOUT_DATA]
    for panel in showing:
        defaults = panel["fieldConfig"]["defaults"]
        assert defaults["unit"] in UNITS, panel["title"]
        assert defaults["noValue"], panel["title"]
        properties = [p for o in panel["fieldConfig"]["overrides"] for p in o["properties"]]
        assert {p["value"] for p in properties if p["id"] == "unit"} <= UNITS


def test_panels_are_numbered_once_and_do_not_overlap(dashboard: Json, panels_of: Panels) -> None:
    rows = [panel for panel in dashboard["panels"] if panel["type"] == "row"]
    identifiers = [panel["id"] for panel in (*rows, *panels_of(dashboard))]
    assert len(set(identifiers)) == len(identifiers)
    for level in (dashboard["panels"], *(row["panels"] for row in rows)):
        places = [panel["gridPos"] for panel in level]
        assert all(p["x"] >= 0 and p["x"] + p["w"] <= 24 for p in places)
        assert not any(overlap(one, other) for one, other in combinations(places, 2))


def overlap(one: Json, other: Json) -> bool:
    return all(
        one[start] < other[start] + other[length] and other[start] < one[start] + one[length]
        for start, length in (("x", "w"), ("y", "h"))
    )


@pytest.mark.promtool
def test_every_query_parses(
    dashboard: Json,
    queries_of: Queries,
    filled: Callable[[str], str],
    promtool: str,
    tmp_path: Path,
) -> None:
    """By the parser that the operator has, and by Prometheus' own."""
    queries = [filled(query) for query in queries_of(dashboard)]
    for query in queries:
        promql_parser.parse(query)
    rules = [{"record": "a:query", "expr": query} for query in queries]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "all", "rules": rules}]}))
    run = subprocess.run(
        [promtool, "check", "rules", "--lint=none", "rules.yml"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_rate_is_over_grafanas_rate_interval(dashboard: Json, queries_of: Queries) -> None:
    ranges = [
        found
        for query in queries_of(dashboard)
        for found in re.findall(r"(?:rate|increase|delta|resets)\([^][]*\[([^]]*)\]", query)
    ]
    assert len(ranges) >= 3
    assert set(ranges) == {"$__rate_interval"}


def test_every_metric_is_one_that_is_exposed_or_recorded(
    dashboard: Json, queries_of: Queries, filled: Callable[[str], str]
) -> None:
    metrics = {
        selector.name for query in queries_of(dashboard) for selector in selectors(filled(query))
    }
    assert len(metrics) >= 8
    assert metrics - OWN - HISTOGRAM_PARTS - FOREIGN == set()


def test_every_selector_is_bound_to_the_monitor(
    monitor: Json, queries_of: Queries, filled: Callable[[str], str]
) -> None:
    """A reader's choice, or a name from the data, shows no other team's series."""
    bound = {("namespace", "shop"), ("modelmonitor", "watch")}
    for query in queries_of(monitor):
        for selector in selectors(filled(query)):
            equal = {
                (matcher.name, matcher.value)
                for matcher in selector.matchers.matchers
                if matcher.op == promql_parser.MatchOp.Equal
            }
            assert bound <= equal, query


def selectors(query: str) -> Iterator[Any]:
    found: list[Any] = []

    def visit(node: Any) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)

    promql_parser.walk(promql_parser.parse(query), visit)
    return iter(found)


def test_quantiles_come_from_buckets_summed_over_pods(monitor: Json, queries_of: Queries) -> None:
    """The mean of the pods' quantiles is no quantile of anything."""
    quantiles = [query for query in queries_of(monitor) if "histogram_quantile" in query]
    assert len(quantiles) == 3
    assert all("sum by(le)(rate(" in query for query in quantiles)
    assert not any("quantile=" in query for query in queries_of(monitor))


def test_a_variable_that_is_used_is_defined(dashboard: Json) -> None:
    defined = {variable["name"] for variable in dashboard["templating"]["list"]}
    used = set(re.findall(r"\$\{?([a-z_]\w*)", written(dashboard)))
    assert "datasource" in used
    assert used - defined - BUILT_IN == set()


def test_a_cluster_is_chosen_only_where_there_are_several() -> None:
    alone = monitor_dashboard("shop", "watch", ("5m",), "https://example.com")
    several = monitor_dashboard("shop", "watch", ("5m",), "https://example.com", "region")
    assert "cluster" not in [one["name"] for one in alone["templating"]["list"]]
    assert "cluster" in [one["name"] for one in several["templating"]["list"]]
    queries = [t["expr"] for p in several["panels"] for t in p.get("targets", [])]
    assert all('region="$cluster"' in query for query in queries)


def test_legends_name_labels_that_their_queries_keep(dashboard: Json, panels_of: Panels) -> None:
    for panel in panels_of(dashboard):
        for target in panel.get("targets", []):
            for label in re.findall(r"\{\{(.*?)\}\}", target["legendFormat"]):
                assert re.search(rf"[(,]{label}[,)]|\"{label}\"", target["expr"]), panel["title"]


@pytest.mark.parametrize(
    ("windows", "chosen"),
    [(("5m", "1h", "24h"), "1h"), (("1m", "5m"), "1m"), (("24h",), "24h")],
)
def test_an_hour_is_chosen_where_there_is_one(windows: tuple[str, ...], chosen: str) -> None:
    variables = monitor_dashboard("a", "b", windows, "https://example.com")["templating"]["list"]
    (window,) = [variable for variable in variables if variable["name"] == "window"]
    assert [option["value"] for option in window["options"]] == list(windows)
    assert [o["value"] for o in window["options"] if o["selected"]] == [chosen]
    assert window["current"]["value"] == chosen


def test_the_first_row_answers_the_four_questions(monitor: Json) -> None:
    (row, *panels) = monitor["panels"][:5]
    assert row["type"] == "row"
    assert [p["title"] for p in panels] == ["Healthy?", "Since", "Which alert", "What to do"]
    assert {p["gridPos"]["y"] for p in panels} == {1}


def test_a_dashboard_stays_far_below_what_a_configmap_holds(dashboard: Json) -> None:
    assert len(written(dashboard)) < MAX_BYTES


def test_text_has_no_markup_but_markdown(dashboard: Json, panels_of: Panels) -> None:
    texts = [p["options"] for p in panels_of(dashboard) if p["type"] == "text"]
    assert all(one["mode"] == "markdown" and "<" not in one["content"] for one in texts)
    assert "javascript:" not in written(dashboard)
