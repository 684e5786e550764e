"""Monitors that cover all options of the resource and the values pairwise: Prometheus takes the
rules of each, they alarm for their own monitor, and for nobody else's.
"""

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, product
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from modelmonitor_api import names, recorded

Call = Callable[..., Any]
Choice = Mapping[str, Any]

OPTIONS: Final[Mapping[str, Sequence[Any]]] = {
    "name": ["m", "churn.v2", "c" * 50],
    "namespace": ["team-a", "n" * 63],
    "windows": [["5m", "1h", "24h"], ["1m"], ["7d"], ["1m", "5m", "1h", "24h", "7d"]],
    "verdict": [{}, {"falseAlarmsPerMonth": "1000", "minimumEffect": "0.001", "confirm": 10}],
    "objectives": [
        {},
        {"availability": "99.9"},
        {"latency": {"milliseconds": 250}},
        {"availability": "50", "latency": {"milliseconds": 1, "percentile": "99.99"}},
    ],
    "models": [
        None,
        [{"name": "a"}, {"name": "b", "protocol": "V1", "maximumAge": "30d"}],
        [
            {
                "name": "a",
                "version": {"from": "Fixed", "value": '"}] or vector(1) #'},
                "features": [{"name": 'x"{}\n{{ . }}', "severity": "Page"}],
                "prediction": {"index": 0, "severity": "Page"},
            }
        ],
    ],
    "labels": [{}, {"release": "kps"}],
    "folder": [None, "Models of today"],
    "suspend": [False, True],
    "size": ["Small", "Large"],
    "mode": ["PerMonitor", "Shared"],
    "links": [{}, {"rules": {"runbookUrl": "https://r.example/x;a=b/%20"}}],
    "grafana": [{}, {"url": "https://g.example", "instanceSelector": {"dashboards": "g"}}],
    "interval": [5, 60],
}


def pairwise(options: Mapping[str, Sequence[Any]]) -> Iterator[Choice]:
    """Choices such that every two values of two options meet in one; greedy, always the same."""
    wanted = {
        (a, i, b, j)
        for a, b in combinations(options, 2)
        for i, j in product(range(len(options[a])), range(len(options[b])))
    }
    while wanted:
        first = min(wanted, key=str)
        places = {first[0]: first[1], first[2]: first[3]}
        for name in options:
            if name not in places:
                places[name] = max(
                    range(len(options[name])),
                    key=lambda place, name=name: len(_met({**places, name: place}) & wanted),  # type: ignore[misc]
                )
        wanted -= _met(places)
        yield {name: options[name][place] for name, place in places.items()}


def _met(places: Mapping[str, int]) -> set[tuple[str, int, str, int]]:
    return {
        (a, places[a], b, places[b]) for a, b in combinations(OPTIONS, 2) if {a, b} <= set(places)
    }


CHOICES: Final = list(pairwise(OPTIONS))


def monitor_of(choice: Choice) -> dict[str, Any]:
    spec = {
        "selector": {"matchLabels": {"app": "x"}},
        "ports": ["http"],
        "windows": choice["windows"],
        "verdict": choice["verdict"],
        "objectives": choice["objectives"],
        "prometheus": {"labels": choice["labels"]},
        "sidecar": {"size": choice["size"]},
        "suspend": choice["suspend"],
        **({} if choice["models"] is None else {"models": choice["models"]}),
        **({} if choice["folder"] is None else {"grafana": {"folder": choice["folder"]}}),
    }
    metadata = {"name": choice["name"], "namespace": choice["namespace"]}
    kind = {"apiVersion": names.API_VERSION, "kind": names.KIND}
    return {**kind, "metadata": metadata, "spec": spec}


def values_of(choice: Choice) -> dict[str, Any]:
    return {
        "rules": {"mode": choice["mode"], **choice["links"].get("rules", {})},
        "grafana": choice["grafana"],
        "prometheus": {"scrapeIntervalSeconds": choice["interval"]},
    }


def story(file: Path, choice: Choice) -> dict[str, Any]:
    """Series are left out for this monitor; a neighbour's are, too, in a namespace of its own."""
    own = {"namespace": choice["namespace"], "modelmonitor": choice["name"]}
    neighbour = {"namespace": "elsewhere", "modelmonitor": choice["name"]}
    told = [own, neighbour] if choice["mode"] == "Shared" else [own]
    series = [
        {"series": names.SERIES_DROPPED + _labels(who), "values": "5x60"}
        for who in (own, neighbour)
    ]
    firing = {"alertname": recorded.SERIES_BUDGET_EXCEEDED, "alertstate": "firing"}
    check = {
        "expr": f"ALERTS{_labels(firing)}",
        "eval_time": "13m7s",
        "exp_samples": [_sample({**firing, **who}) for who in told],
    }
    test = {"interval": "30s", "input_series": series, "promql_expr_test": [check]}
    return {"rule_files": [file.name], "evaluation_interval": "30s", "tests": [test]}


def _sample(labels: Mapping[str, str]) -> dict[str, Any]:
    rest = {"model": names.OTHER, "model_version": "all", "severity": "warning"}
    return {"labels": "ALERTS" + _labels({**labels, **rest}), "value": 1}


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f"{name}={json.dumps(value)}" for name, value in labels.items()) + "}"


@pytest.fixture
def rendered(call: Call, tmp_path: Path) -> list[tuple[Path, Choice]]:
    """The rule file of each choice."""
    files = []
    for place, choice in enumerate(CHOICES):
        monitor, values = tmp_path / f"m{place}.yaml", tmp_path / f"v{place}.yaml"
        monitor.write_text(yaml.safe_dump(monitor_of(choice)))
        values.write_text(yaml.safe_dump(values_of(choice)))
        out = tmp_path / f"out{place}"
        answer = call("render", monitor, "--values", values, "-o", out)
        assert answer.status == 0, answer.err
        files.append(((out / "rules.yaml").rename(tmp_path / f"rules{place}.yaml"), choice))
    return files


def test_every_two_values_of_two_options_meet() -> None:
    assert 16 <= len(CHOICES) <= 40
    for a, b in combinations(OPTIONS, 2):
        met = [(choice[a], choice[b]) for choice in CHOICES]
        assert all(pair in met for pair in product(OPTIONS[a], OPTIONS[b]))


@pytest.mark.promtool
def test_prometheus_takes_what_is_rendered_and_alarms_for_its_monitor_alone(
    rendered: list[tuple[Path, Choice]], promtools: list[str], tmp_path: Path
) -> None:
    tests = []
    for place, (file, choice) in enumerate(rendered):
        tests.append(tmp_path / f"story{place}.yaml")
        tests[-1].write_text(yaml.safe_dump(story(file, choice)))
    for promtool in promtools:
        for words in (
            ["check", "rules", *(file for file, _ in rendered)],
            ["test", "rules", *tests],
        ):
            run = subprocess.run(
                [promtool, *map(str, words)],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
            )
            assert run.returncode == 0, run.stdout[-3_000:] + run.stderr[-3_000:]
            assert run.stdout.count("SUCCESS") == len(rendered)
