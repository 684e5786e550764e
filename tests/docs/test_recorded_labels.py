"""What the rules record of a monitor that drifts has the labels of docs/rules.md, and no others."""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.rules.alerts.annotations import Links
from modelmonitor_operator.render.rules.groups import monitor_groups

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| `(modelmonitor:\w+)` \| ([^|]*)\| (.*) \|$", re.MULTILINE)
OF_EVERY_SERIES: Final = ("namespace", names.L_MONITOR, names.L_MODEL, names.L_VERSION)


def labels_of(cell: str, meaning: str) -> list[str]:
    common = OF_EVERY_SERIES[:3] if "No `model_version`" in meaning else OF_EVERY_SERIES
    return [*common, *re.findall(r"`(\w+)`", cell)]


LABELS: Final = {
    name: labels_of(cell, meaning)
    for name, cell, meaning in ROW.findall((ROOT / "docs" / "rules.md").read_text())
}
MINUTES: Final = 25
LOOKED_AT: Final = {recorded.ROLLOUT: 4}
"""Minutes after the start; a rollout is over when the version is older than the window."""


def test_the_page_has_every_recorded_series() -> None:
    assert len(LABELS) > 20


@pytest.mark.promtool
def test_a_recorded_series_has_the_labels_of_the_page_and_no_others(tmp_path: Path) -> None:
    groups = [
        group.document()
        for group in monitor_groups("n", "m", ("5m",), Links())
        if group.name != "modelmonitor-alerts"
    ]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": groups}))
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump(unit_tests()))

    run = subprocess.run(
        ["promtool", "test", "rules", "tests.yaml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr


def unit_tests() -> dict[str, Any]:
    return {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": list(drifting_monitor()),
                "promql_expr_test": [one for name in LABELS for one in expectations(name)],
            }
        ],
    }


def expectations(name: str) -> Iterable[dict[str, Any]]:
    """Each label is there; without them all, one series without labels is left."""
    minute = LOOKED_AT.get(name, MINUTES)
    for label in LABELS[name]:
        yield found(f'count({name}{{{label}!=""}}) > bool 0', minute)
    yield found(f"group without ({', '.join(LABELS[name])}) ({name})", minute)


def found(expression: str, minute: int) -> dict[str, Any]:
    samples = [{"labels": "{}", "value": 1}]
    return {"expr": expression, "eval_time": f"{minute}m", "exp_samples": samples}


def drifting_monitor() -> Iterable[dict[str, str]]:
    """A numeric and a categorical feature with rows where the baseline has few; half of the
    requests fail.
    """
    for name, labels, each_minute in counters():
        yield series(name, labels, f"0+{each_minute}x{MINUTES}")
    for name, labels, value in gauges():
        yield series(name, labels, f"{value}+0x{MINUTES}")
    restarting = f"0+0x{MINUTES - 2} {60 * MINUTES}+0x2"
    yield series(names.COLLECTOR_START_TIME, {"pod": "another"}, restarting)


def counters() -> Iterable[tuple[str, dict[str, str], int]]:
    age, job = {"baseline": "b", "feature": "age"}, {"baseline": "b", "feature": "job"}
    yield names.ROWS, {"baseline": "b"}, 100
    yield names.FEATURE_CUMULATIVE_ROWS, {**age, "bin": "00"}, 90
    yield names.FEATURE_CUMULATIVE_ROWS, {**age, "bin": "01", "prev": "00"}, 95
    yield names.FEATURE_CATEGORY_ROWS, {**job, "category": "cook"}, 95
    yield names.FEATURE_CATEGORY_ROWS, {**job, "category": "smith"}, 5
    for feature in (age, job):
        yield names.FEATURE_MISSING_ROWS, feature, 5
        yield names.FEATURE_INVALID_ROWS, {**feature, "reason": "type"}, 0
    yield names.FEATURE_OUT_OF_RANGE_ROWS, age, 0
    yield names.FEATURE_UNSEEN_ROWS, job, 0
    yield names.REQUESTS, {"route": "r", "code": "200"}, 50
    yield names.REQUESTS, {"route": "r", "code": "500"}, 50
    yield names.REQUESTS_WITHIN_OBJECTIVE, {"objective_milliseconds": "100"}, 50
    yield f"{names.REQUEST_DURATION}_sum", {"route": "r"}, 1
    yield f"{names.REQUEST_DURATION}_count", {"route": "r"}, 100


def gauges() -> Iterable[tuple[str, dict[str, str], float]]:
    age, job = {"baseline": "b", "feature": "age"}, {"baseline": "b", "feature": "job"}
    yield names.COLLECTOR_START_TIME, {}, 0
    yield names.PROXY_START_TIME, {}, 0
    yield names.BASELINE_CUMULATIVE_ROWS, {**age, "bin": "00"}, 500
    yield names.BASELINE_CUMULATIVE_ROWS, {**age, "bin": "01", "prev": "00"}, 1000
    yield names.BASELINE_CATEGORY_ROWS, {**job, "category": "cook"}, 500
    yield names.BASELINE_CATEGORY_ROWS, {**job, "category": "smith"}, 500
    yield names.BASELINE_STEP, {**age, "bin": "00"}, 2
    yield names.BASELINE_STEP, {**age, "bin": "01", "prev": "00"}, 0
    yield names.BASELINE_STANDARD_DEVIATION, age, 1
    yield names.EVIDENCE_THRESHOLD, {"baseline": "b", "window": "5m"}, 5
    yield names.SETTING, {"setting": "confirm"}, 2
    yield names.SETTING, {"setting": "availability_percent"}, 99
    yield "container_memory_working_set_bytes", {"container": "server"}, 1e6
    for feature in (age, job):
        yield names.BASELINE_MISSING_ROWS, feature, 0
        yield names.BASELINE_INVALID_ROWS, feature, 0
        yield names.BASELINE_RHO, {**feature, "window": "5m"}, 0
        for setting, value in SETTINGS.items():
            yield names.FEATURE_SETTING, {**feature, "setting": setting}, value


SETTINGS: Final = {
    "minimum_effect": 0.1,
    "minimum_rows": 200,
    "page": 0,
    "change_threshold": 10,
    "change_memory_rows": 100,
    "change_rho": 0,
    "change_page": 0,
}


def series(name: str, labels: dict[str, str], values: str) -> dict[str, str]:
    own = dict(zip(OF_EVERY_SERIES, ("n", "m", "a", "1"), strict=True))
    target = {"job": "j", "instance": "i", "pod": "p"}
    inside = ", ".join(f'{key}="{value}"' for key, value in (own | target | labels).items())
    return {"series": f"{name}{{{inside}}}", "values": values}
