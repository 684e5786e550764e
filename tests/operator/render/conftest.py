"""Alerts of a rule file as promtool sees them fire."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml


@pytest.fixture
def firing(
    promtools: list[str], tmp_path: Path
) -> Callable[[Mapping[str, Any], Mapping[str, str]], set[str]]:
    """Of a rule file, and series with one value a minute: names that fire after an hour."""

    def found(rules: Mapping[str, Any], series: Mapping[str, str]) -> set[str]:
        (tmp_path / "rules.yml").write_text(yaml.safe_dump(dict(rules)))
        names = [rule["alert"] for group in rules["groups"] for rule in group["rules"]]
        return {name for name in names if fires(promtools[0], tmp_path, name, series)}

    return found


def fires(promtool: str, folder: Path, name: str, series: Mapping[str, str]) -> bool:
    """Whether promtool contradicts that it is silent."""
    expected: dict[str, Any] = {"eval_time": "1h", "alertname": name, "exp_alerts": []}
    case = {
        "interval": "1m",
        "input_series": [{"series": key, "values": value} for key, value in series.items()],
        "alert_rule_test": [expected],
    }
    test = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [case]}
    (folder / "test.yml").write_text(yaml.safe_dump(test))
    words: Sequence[str] = [promtool, "test", "rules", "test.yml"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or "FAILED" in done.stdout + done.stderr
    return done.returncode != 0
