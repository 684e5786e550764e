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


def with_feature(monitor: Path, feature: str) -> Path:
    monitor.write_text(MONITOR.replace("{name: ghost}", feature))
    return monitor


@pytest.mark.parametrize(
    ("feature", "said"),
    [
        ('{name: age, range: {minimum: "0", maximum: "428"}}', "up to 10.00%"),
        ('{name: age, range: {minimum: "100"}}', "20.00% to 30.00% of the training rows"),
        ("{name: colour, allowedValues: [red]}", "33.33% of the training rows are not in allowedV"),
        ("{name: colour, allowedValues: [blue, tan]}", "66.67% of the training rows are not in"),
    ],
)
def test_rules_that_the_training_rows_break_are_told_with_their_share(
    feature: str, said: str, call: Call, monitor: Path, baseline: Path
) -> None:
    told = found(call, with_feature(monitor, feature), "--baseline", baseline)["remarks"]
    (remark,) = [one for one in told if "training rows" in one]
    assert remark.startswith("model churn: feature ")
    assert said in remark


@pytest.mark.parametrize(
    "feature",
    [
        '{name: age, range: {minimum: "0", maximum: "1000"}}',
        "{name: colour, allowedValues: [red, blue, green]}",
        '{name: age, range: {minimum: "100"}, ignore: true}',
    ],
)
def test_rules_that_the_training_rows_keep_are_not_worth_a_word(
    feature: str, call: Call, monitor: Path, baseline: Path
) -> None:
    told = found(call, with_feature(monitor, feature), "--baseline", baseline)["remarks"]
    assert not [one for one in told if "training rows" in one]


def test_what_is_nearly_always_the_same_is_told_with_the_rows_that_it_needs(
    call: Call, csv: Call, monitor: Path, tmp_path: Path
) -> None:
    file = tmp_path / "flag.json"
    rows = (f"{int(place % 1_500 == 0)},{place % 7}" for place in range(3_000))
    assert call("baseline", "build", csv("flag,day", *rows), "-o", file).status == 0
    told = " ".join(found(call, monitor, "--baseline", file)["remarks"])
    assert "feature flag: nearly always the same, so a window needs 1,500 rows" in told
    assert "feature day" not in told


def test_one_bin_of_several_values_is_told(
    call: Call, csv: Call, monitor: Path, tmp_path: Path
) -> None:
    first, file = tmp_path / "first.json", tmp_path / "b.json"
    assert call("baseline", "build", csv("x,y", *["5,1", "5,2"] * 500), "-o", first).status == 0
    other = csv("x,y", *["5,1", "7,2"] * 500)
    built = call("baseline", "build", other, "--edges-from", first, "-o", file)
    assert built.status == 0
    told = " ".join(found(call, monitor, "--baseline", file)["remarks"])
    assert "feature x: all training rows are in one bin" in told
