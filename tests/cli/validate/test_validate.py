"""`modelmonitor validate`: right or wrong, what is worth a word, what it costs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]

MONITOR = """
kind: ModelMonitor
metadata: {name: churn, namespace: team-a}
spec:
  selector: {matchLabels: {app: churn}}
  ports: [http]
  models: [{name: churn, features: [{name: ghost}]}]
"""


@pytest.fixture
def monitor(tmp_path: Path) -> Path:
    file = tmp_path / "monitor.yaml"
    file.write_text(MONITOR)
    return file


@pytest.fixture
def baseline(call: Call, csv: Call, tmp_path: Path) -> Path:
    rows = (f"{place / 7},{'red' if place % 3 else 'blue'}" for place in range(3_000))
    file = tmp_path / "b.json"
    assert call("baseline", "build", csv("age,colour", *rows), "-o", file).status == 0
    return file


def found(call: Call, *arguments: object) -> dict[str, Any]:
    answer = call("validate", *arguments, "--json")
    assert answer.status == 0, answer.err
    document: dict[str, Any] = json.loads(answer.out)
    return document


def test_a_right_monitor_is_said_to_be_valid(call: Call, monitor: Path) -> None:
    answer = call("validate", monitor)
    assert answer.status == 0
    assert answer.out.startswith("team-a/churn: valid\n")


def test_a_wrong_field_is_named_with_status_1(call: Call, monitor: Path) -> None:
    monitor.write_text(MONITOR.replace("ports", "port"))
    answer = call("validate", monitor)
    assert (answer.status, answer.out) == (1, "")
    assert "spec.port" in answer.err


@pytest.mark.parametrize(
    ("line", "instead", "remark"),
    [
        ("  selector: {matchLabels: {app: churn}}\n", "", "spec.selector.matchLabels: is missing"),
        ("  ports: [http]\n", "", "spec.ports: is missing"),
        (
            "name: churn, namespace: team-a}\nspec:",
            "name: 2.churn}\nspec:\n  routing: MonitoredService",
            "metadata.name: is '2.churn'; with spec.routing MonitoredService",
        ),
    ],
)
def test_what_only_a_cluster_needs_is_worth_a_word(
    line: str, instead: str, remark: str, call: Call, monitor: Path
) -> None:
    monitor.write_text(MONITOR.replace(line, instead))
    (said,) = [one for one in found(call, monitor)["remarks"] if "modelmonitor run" in one]
    assert said.startswith(remark)


def test_what_will_not_be_judged_is_worth_a_word(call: Call, monitor: Path, baseline: Path) -> None:
    assert "no --baseline" in " ".join(found(call, monitor)["remarks"])
    said = " ".join(found(call, monitor, "--baseline", baseline)["remarks"])
    assert "feature ghost is in no baseline" in said
    assert "--time COLUMN" in said


def test_replicas_multiply_what_is_scraped_and_not_what_is_recorded(
    call: Call, monitor: Path, baseline: Path
) -> None:
    one = found(call, monitor, "--baseline", baseline)["estimate"]
    ten = found(call, monitor, "--baseline", baseline, "--replicas", 10)["estimate"]
    assert ten["series_recorded"] == one["series_recorded"] > 0
    assert ten["series_a_replica"] == one["series_a_replica"] > 150
    assert ten["memory_bytes"] - one["memory_bytes"] == 9 * 4_000 * one["series_a_replica"]


def test_more_windows_cost_series_and_not_rules(call: Call, monitor: Path, baseline: Path) -> None:
    three = found(call, monitor, "--baseline", baseline)["estimate"]
    monitor.write_text(MONITOR + "  windows: [1m, 5m, 1h, 24h, 7d]\n")
    five = found(call, monitor, "--baseline", baseline)["estimate"]
    assert five["series_recorded"] > 1.4 * three["series_recorded"]
    assert three["rules"] < five["rules"] <= 100


def test_a_budget_that_is_too_small_is_told(
    call: Call, monitor: Path, baseline: Path, tmp_path: Path
) -> None:
    values = tmp_path / "values.yaml"
    values.write_text("sidecar: {seriesBudget: 60}\n")
    told = found(call, monitor, "--baseline", baseline, "--values", values)
    assert told["estimate"]["series_dropped"] > 0
    assert "over the budget of 60" in " ".join(told["remarks"])


def test_windows_too_short_for_the_scrapes_are_told(
    call: Call, monitor: Path, tmp_path: Path
) -> None:
    monitor.write_text(MONITOR + "  windows: [1m]\n")
    values = tmp_path / "values.yaml"
    values.write_text("prometheus: {scrapeIntervalSeconds: 30}\n")
    assert "1m holds fewer than 4 scrapes" in " ".join(
        found(call, monitor, "--values", values)["remarks"]
    )


def test_no_replicas_are_refused(call: Call, monitor: Path) -> None:
    assert "--replicas" in call("validate", monitor, "--replicas", 0).err
