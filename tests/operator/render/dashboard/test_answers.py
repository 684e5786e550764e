"""What the queries answer, in Prometheus itself, on counters worked out by hand."""

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
from modelmonitor_operator.testing_series import (
    ALERT,
    BASELINE,
    ITSELF,
    MODEL,
    OWN,
    STEPS,
    Series,
    monitor_series,
    series,
)

pytestmark = pytest.mark.promtool

Json = dict[str, Any]
MOMENT = "20m"
SILENT = ("a week ago", "left out {{pod}}", "rollout")
"""Legends of queries that have nothing to say here: no week has passed, nothing is amiss."""
OF_LAST_WEEK = 'test="week"'


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
