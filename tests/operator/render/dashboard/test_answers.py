"""What the queries answer, in Prometheus itself, on counters worked out by hand.

Two features and a prediction, one pod, a scrape every 30 seconds.  Of `age` each scrape brings ten
rows in the first bin, ten in the second, twenty in the third and ten missing; the baseline has 400,
300 and 300 and none missing.  Of 60 requests a scrape three fail.
"""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.dashboard import health_row, shapes, status_row, traffic_row
from modelmonitor_operator.render.dashboard.drift_row import rank
from modelmonitor_operator.render.dashboard.feature_row import flagged_share, quantile_rank
from modelmonitor_operator.render.dashboard.fleet import badness
from modelmonitor_operator.render.dashboard.scope import fleet_scope, monitor_scope
from modelmonitor_operator.render.promql import Expression, call, number
from modelmonitor_operator.render.rules.alerts.annotations import Links
from modelmonitor_operator.render.rules.groups import monitor_groups

pytestmark = pytest.mark.promtool

Json = dict[str, Any]
Series = dict[str, str]
STEPS = 50
MOMENT = "20m"
OWN = {"namespace": "shop", "modelmonitor": "watch"}
MODEL = {**OWN, "model": "churn", "model_version": "3"}
BASELINE = {**MODEL, "baseline": "0badcafe"}
ITSELF = {**OWN, "model": "__other__", "model_version": "unknown"}
TARGET = {"job": "watch", "instance": "10.0.0.1:24090", "pod": "churn-1"}
ALERT = {**MODEL, "alertname": "ModelMonitorFeatureDrift", "feature": "age", "window": "5m"}
SILENT = ("a week ago", "left out {{pod}}", "rollout")
"""Legends of queries that have nothing to say here: no week has passed, nothing is amiss."""
OF_LAST_WEEK = 'test="week"'


def series(metric: str, labels: Series, values: str) -> Json:
    inside = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return {"series": f"{metric}{{{inside}}}", "values": values}


def counter(metric: str, labels: Series, each_scrape: float) -> Json:
    return series(metric, {**labels, **TARGET}, f"0+{each_scrape}x{STEPS}")


def gauge(metric: str, labels: Series, value: float) -> Json:
    return series(metric, {**labels, **TARGET}, f"{value}x{STEPS}")


def bins(
    metric: str, labels: Series, rows: tuple[float, ...], make: Callable[..., Json]
) -> list[Json]:
    found = []
    for index, value in enumerate(rows):
        previous = {"prev": f"{index - 1:02d}"} if index else {}
        found.append(make(metric, {**labels, "bin": f"{index:02d}", **previous}, value))
    return found


def numeric(feature: str, role: str) -> list[Json]:
    own = {**BASELINE, "feature": feature}
    live = {
        names.FEATURE_MISSING_ROWS: 10,
        names.FEATURE_OUT_OF_RANGE_ROWS: 0,
        names.FEATURE_VALUE_SUM: 400,
        names.FEATURE_VALUE_COUNT: 40,
        names.FEATURE_VALUE_SQUARES: 520,
    }
    base = {
        names.BASELINE_MISSING_ROWS: 0,
        names.BASELINE_INVALID_ROWS: 0,
        names.BASELINE_MEAN: 8,
        names.BASELINE_STANDARD_DEVIATION: 2,
    }
    return [
        *bins(names.FEATURE_CUMULATIVE_ROWS, own, (10, 20, 40), counter),
        *bins(names.BASELINE_CUMULATIVE_ROWS, own, (400, 700, 1000), gauge),
        *bins(names.BASELINE_STEP, own, (2, 2, 0), gauge),
        *(counter(metric, own, value) for metric, value in live.items()),
        *(gauge(metric, own, value) for metric, value in base.items()),
        *of_feature(own, role, "numeric", "8;10"),
    ]


def categorical(feature: str) -> list[Json]:
    own = {**BASELINE, "feature": feature}
    cells = (("red", 20, 500), ("blue", 30, 500))
    return [
        *(
            found
            for category, live, base in cells
            for found in (
                counter(names.FEATURE_CATEGORY_ROWS, {**own, "category": category}, live),
                gauge(names.BASELINE_CATEGORY_ROWS, {**own, "category": category}, base),
            )
        ),
        counter(names.FEATURE_MISSING_ROWS, own, 0),
        counter(names.FEATURE_UNSEEN_ROWS, own, 0),
        gauge(names.BASELINE_MISSING_ROWS, own, 0),
        gauge(names.BASELINE_INVALID_ROWS, own, 0),
        *of_feature(own, "input", "categorical", ""),
    ]


def of_feature(own: Series, role: str, kind: str, edges: str) -> list[Json]:
    settings = {
        "minimum_effect": 0.1,
        "minimum_rows": 200,
        "severity": 0,
        "provisional": 0,
        "importance": 1,
        "change_threshold": 15,
        "change_memory_rows": 100,
        "change_rho": 0.001,
        "change_provisional": 0,
    }
    return [
        counter(names.FEATURE_INVALID_ROWS, {**own, "reason": "infinity"}, 0),
        gauge(names.BASELINE_FEATURE_INFO, {**own, "role": role, "kind": kind, "edges": edges}, 1),
        *(gauge(names.BASELINE_RHO, {**own, "window": one}, 0) for one in ("5m", "1h")),
        *(
            gauge(names.FEATURE_SETTING, {**own, "setting": name}, value)
            for name, value in settings.items()
        ),
    ]


def requests() -> list[Json]:
    own = {**MODEL, "route": "/predict"}
    buckets = (("0.1", 30), ("0.5", 57), ("+Inf", 60))
    settings = {
        "confirm": 2,
        "availability_percent": 99,
        "latency_percentile": 95,
        "latency_milliseconds": 500,
    }
    return [
        counter(names.REQUESTS, {**own, "code": "200"}, 57),
        counter(names.REQUESTS, {**own, "code": "500"}, 3),
        counter(names.REQUESTS_WITHIN_OBJECTIVE, {**MODEL, "objective_milliseconds": "500"}, 57),
        *(
            counter(f"{names.REQUEST_DURATION}_bucket", {**own, "le": edge}, value)
            for edge, value in buckets
        ),
        counter(f"{names.REQUEST_DURATION}_sum", own, 12),
        counter(f"{names.REQUEST_DURATION}_count", own, 60),
        counter(names.FRAMES, {**MODEL, "outcome": "decoded"}, 54),
        counter(names.FRAMES, {**MODEL, "outcome": "undecodable"}, 3),
        counter(names.FRAMES_DROPPED, {**MODEL, "reason": "budget"}, 3),
        *(gauge(names.SETTING, {**MODEL, "setting": name}, one) for name, one in settings.items()),
    ]


def sidecars() -> list[Json]:
    counters = {
        names.PROXY_CPU: 0.3,
        names.COLLECTOR_CPU: 0.6,
        names.PROXY_LOOP_FAILURES: 0,
        names.COLLECTOR_ERRORS: 0,
    }
    gauges = {
        names.PROXY_START_TIME: -60,
        names.COLLECTOR_START_TIME: -60,
        names.PROXY_MEMORY: 2e7,
        names.COLLECTOR_MEMORY: 5e7,
        names.PROXY_COLLECTOR_CONNECTED: 1,
        names.SERIES: 90,
        names.SERIES_BUDGET: 5000,
        names.SERIES_DROPPED: 0,
        names.COLLECTOR_BASELINES_BROKEN: 0,
    }
    return [
        *(counter(metric, ITSELF, value) for metric, value in counters.items()),
        *(gauge(metric, ITSELF, value) for metric, value in gauges.items()),
        counter(names.CONNECTIONS, {**ITSELF, "protocol": "http1"}, 6),
        gauge(names.PROXY_CONFIGURATION, {**ITSELF, "state": "loaded"}, 1),
        gauge(names.COLLECTOR_CONFIGURATION, {**ITSELF, "state": "loaded"}, 1),
        gauge(names.MONITOR_INFO, {**ITSELF, "dashboard": names.dashboard_uid("shop", "watch")}, 1),
    ]


def monitor_series() -> list[Json]:
    rows = {names.ROWS: 50, names.ROWS_INVALID: 0, names.ROWS_WITHOUT_PREDICTION: 5}
    memory = {"container": "server", "namespace": "shop", "pod": "churn-1"}
    return [
        *numeric("age", "input"),
        *categorical("colour"),
        *numeric("prediction", "prediction"),
        *(counter(metric, BASELINE, value) for metric, value in rows.items()),
        gauge(names.BASELINE_CREATED, BASELINE, 0),
        *(gauge(names.EVIDENCE_THRESHOLD, {**BASELINE, "window": one}, 4) for one in ("5m", "1h")),
        *requests(),
        *sidecars(),
        series("container_memory_working_set_bytes", memory, f"1e9x{STEPS}"),
        series("ALERTS", {**ALERT, "alertstate": "firing", "severity": "warning"}, f"1x{STEPS}"),
        series("ALERTS_FOR_STATE", {**ALERT, "severity": "warning"}, f"3600x{STEPS}"),
    ]


@pytest.fixture
def asked(promtool: str, tmp_path: Path, filled: Callable[[str], str]) -> Callable[..., str]:
    """Asks Prometheus at one moment; returns what is not as expected, empty when nothing."""

    def ask(given: list[Json], expected: dict[str, list[Json]], *, rules: bool = False) -> str:
        groups = monitor_groups("shop", "watch", ("5m",), Links()) if rules else ()
        recording = [
            {**group.document(), "rules": [r for r in group.document()["rules"] if "record" in r]}
            for group in groups
        ]
        (tmp_path / "rules.yml").write_text(
            json.dumps({"groups": [group for group in recording if group["rules"]]})
        )
        checks = [
            {"expr": filled(expression), "eval_time": MOMENT, "exp_samples": samples}
            for expression, samples in expected.items()
        ]
        test = {
            "rule_files": ["rules.yml"],
            "evaluation_interval": "30s",
            "tests": [{"interval": "30s", "input_series": given, "promql_expr_test": checks}],
        }
        (tmp_path / "test.yml").write_text(json.dumps(test))
        run = subprocess.run(
            [promtool, "test", "rules", "test.yml"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        return "" if run.returncode == 0 else run.stdout + run.stderr

    return ask


def is_there(query: str) -> str:
    return f"count({query}) > bool 0"


def answer(value: float, **labels: str) -> list[Json]:
    inside = ",".join(f'{name}="{text}"' for name, text in labels.items())
    return [{"labels": f"{{{inside}}}", "value": value}]


def rounded(expression: Expression) -> str:
    return call("round", expression, number(0.0001)).text


def questions(panels: list[Json]) -> dict[str, list[Json]]:
    """Every query of the panels, and that it has an answer or, if it is silent, none."""
    return {
        is_there(target["expr"]): [] if silent(target) else answer(1)
        for panel in panels
        for target in panel.get("targets", [])
    }


def silent(target: Json) -> bool:
    return target["legendFormat"] in SILENT or OF_LAST_WEEK in target["expr"]


def test_every_query_of_a_monitor_has_an_answer_by_the_rules(
    asked: Callable[..., str], monitor: Json, panels_of: Callable[[Json], list[Json]]
) -> None:
    expected = questions(panels_of(monitor))
    assert sum(not samples for samples in expected.values()) == len(SILENT) + 1
    assert asked(monitor_series(), expected, rules=True) == ""


def test_every_query_of_the_fleet_has_an_answer_by_the_rules(
    asked: Callable[..., str], fleet: Json, panels_of: Callable[[Json], list[Json]]
) -> None:
    expected = questions(panels_of(fleet))
    given = [*monitor_series(), alert("firing", "critical")]
    assert asked(given, expected, rules=True) == ""


def test_numbers_are_those_worked_out_by_hand(asked: Callable[..., str]) -> None:
    monitor = monitor_scope("shop", "watch", None)
    age = monitor.feature
    one = {"model_version": "3"}
    expected = {
        rounded(traffic_row.error_ratio(monitor.model)): answer(3 / 60),
        rounded(traffic_row.mean_latency(monitor.model)): answer(12 / 60),
        rounded(shapes.mean(age)): answer(10, feature="age", baseline="0badcafe", **one),
        rounded(shapes.deviation(age)): answer(3, feature="age", baseline="0badcafe", **one),
        rounded(quantile_rank(age, 0.05)): answer(0.4, **one),
        rounded(quantile_rank(age, 0.5)): answer(0.7, **one),
        rounded(quantile_rank(age, 0.95)): answer(1, **one),
        rounded(flagged_share(age)): [
            *answer(0.2, test="missing", **one),
            *answer(0, test="invalid", **one),
            *answer(0, test="range", **one),
        ],
        rounded(health_row.copies(monitor)): [
            *answer(1.8, outcome="decoded"),
            *answer(0.1, outcome="undecodable"),
            *answer(0.1, outcome="dropped: budget"),
        ],
        status_row.health(monitor).text: answer(1),
        status_row.since(monitor).text: answer(3_600_000),
    }
    assert asked(monitor_series(), expected, rules=True) == ""


@pytest.mark.parametrize(
    ("given", "health"),
    [
        ([], None),
        (["info"], -1),
        (["info", "undecided"], -1),
        (["info", "unlearned"], -2),
        (["info", "unlearned", "learned"], -1),
        (["info", "learned"], -1),
        (["info", "unlearned", "warning"], 1),
        (["info", "undecided", "decided"], 0),
        (["info", "decided", "warning"], 1),
        (["info", "decided", "warning", "critical"], 2),
        (["critical"], 2),
        (["info", "decided", "pending"], 0),
    ],
)
def test_health_is_what_the_loudest_alert_asks_for(
    asked: Callable[..., str], given: list[str], health: float | None
) -> None:
    baselines = {**OWN, "setting": "baselines"}
    present = {
        "unlearned": series(names.SETTING, {**baselines, "model": "churn"}, f"0x{STEPS}"),
        "learned": series(names.SETTING, {**baselines, "model": "other"}, f"1x{STEPS}"),
        "info": series(names.MONITOR_INFO, ITSELF, f"1x{STEPS}"),
        "undecided": series(recorded.VERDICT, {**BASELINE, "test": "drift"}, f"-1x{STEPS}"),
        "decided": series(recorded.VERDICT, {**BASELINE, "test": "missing"}, f"0x{STEPS}"),
        "warning": alert("firing", "warning"),
        "critical": alert("firing", "critical"),
        "pending": alert("pending", "critical"),
    }
    query = status_row.health(monitor_scope("shop", "watch", None)).text
    expected = {query: [] if health is None else answer(health)}
    assert asked([present[one] for one in given], expected) == ""


def test_while_no_alert_fires_the_last_one_dates_the_health(asked: Callable[..., str]) -> None:
    """It fired until 5 minutes after the start, and pending alerts do not count."""
    given = [
        series("ALERTS", {**ALERT, "alertstate": "firing", "severity": "warning"}, "1x10 _x40"),
        alert("pending", "critical"),
        series("ALERTS_FOR_STATE", {**ALERT, "severity": "critical"}, f"4000x{STEPS}"),
    ]
    query = status_row.since(monitor_scope("shop", "watch", None)).text
    assert asked(given, {query: answer(300_000)}) == ""


def test_another_monitors_series_change_nothing(asked: Callable[..., str]) -> None:
    other = {"alertstate": "firing", "severity": "critical"}
    given = [
        series("ALERTS", {**ALERT, **other, "modelmonitor": "other"}, f"1x{STEPS}"),
        series("ALERTS", {**ALERT, **other, "namespace": "other"}, f"1x{STEPS}"),
    ]
    scope = monitor_scope("shop", "watch", None)
    assert asked(given, {status_row.health(scope).text: [], status_row.since(scope).text: []}) == ""


def test_drift_ranks_first_and_what_lacks_rows_last(asked: Callable[..., str]) -> None:
    """Scores against a threshold of 0.1; the verdict counts for more than the score."""
    tests = {"drifting": (1, 0.2), "near": (0, 0.5), "far": (0, 0.01), "few rows": (-1, 9)}
    given = [
        series(
            metric,
            {**BASELINE, "feature": name, "test": "drift", "window": "5m"},
            f"{value}x{STEPS}",
        )
        for name, (verdict, score) in tests.items()
        for metric, value in (
            (recorded.VERDICT, verdict),
            (recorded.SCORE, score),
            (recorded.THRESHOLD, 0.1),
        )
    ]
    ranks = {"drifting": 1002, "near": 5, "far": 0.1, "few rows": -910}
    labels = {"model": "churn", "model_version": "3", "test": "drift"}
    expected = [
        sample for name, value in ranks.items() for sample in answer(value, feature=name, **labels)
    ]
    query = rounded(rank(monitor_scope("shop", "watch", None).versions))
    assert asked(given, {query: expected}) == ""


def test_pages_are_worse_than_tickets_and_tickets_than_any_score(asked: Callable[..., str]) -> None:
    setting = {"setting": "confirm"}
    named = {name: {**MODEL, "model": name} for name in ("paged", "ticketed", "drifting", "well")}
    judged = {**named["drifting"], "test": "drift", "window": "5m", "feature": "age"}
    given = [
        *(series(names.SETTING, {**labels, **setting}, f"2x{STEPS}") for labels in named.values()),
        series("ALERTS", {**named["paged"], **firing("critical")}, f"1x{STEPS}"),
        series("ALERTS", {**named["ticketed"], **firing("warning")}, f"1x{STEPS}"),
        series(recorded.VERDICT, judged, f"1x{STEPS}"),
        series(recorded.SCORE, judged, f"1e9x{STEPS}"),
        series(recorded.THRESHOLD, judged, f"0.1x{STEPS}"),
    ]
    worst = {"paged": 1_000_000, "ticketed": 1_000, "drifting": 999, "well": 0}
    expected = [
        sample for name, value in worst.items() for sample in answer(value, **OWN, model=name)
    ]
    assert asked(given, {badness(fleet_scope(None)).text: expected}) == ""


def firing(severity: str) -> Series:
    return {"alertname": "Any", "alertstate": "firing", "severity": severity}


def alert(state: str, severity: str) -> Json:
    return series("ALERTS", {**ALERT, "alertstate": state, "severity": severity}, f"1x{STEPS}")
