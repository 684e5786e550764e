"""The model that is watched here: its monitor, its training rows, its live rows, its answers.

Five numbers, two categories and a text, which make ten features; with prediction and score twelve.
All rows come from a seed.
"""

import csv
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

NAMESPACE: Final = "shop"
MONITOR: Final = "watch"
MODEL: Final = "churn"
VERSION: Final = "1"
PATH: Final = "/score"
BASELINE: Final = "baseline.json"
DRIFTED: Final = ("age", "colour")
"""Features that `drifted` moves."""
PAGING: Final = "colour"
"""Whose drift is a page."""
TRAINING_ROWS: Final = 30_000
TRAINING_ROW_SECONDS: Final = 0.1
COLOURS: Final = {"red": 0.5, "green": 0.3, "blue": 0.2}
OTHER_COLOURS: Final = {"red": 0.3, "green": 0.3, "blue": 0.38, "violet": 0.02}
PLANS: Final = {"free": 0.7, "paid": 0.25, "trial": 0.05}
WORDS: Final = ("good", "slow", "cheap", "broken", "nice", "late", "again", "never", "fast", "fine")

Row = Mapping[str, Any]

_MONITOR: Final = f"""\
apiVersion: modelmonitor.io/v1alpha1
kind: ModelMonitor
metadata: {{name: {MONITOR}, namespace: {NAMESPACE}}}
spec:
  selector:
    matchLabels: {{app: {MODEL}}}
  ports: [http]
  models:
  - name: {MODEL}
    match: {{paths: [{PATH}]}}
    protocol: JSON
    instances: {{path: instances}}
    features:
    - {{name: {PAGING}, severity: Page}}
    prediction: {{path: predictions}}
    score: {{path: scores}}
    version: {{from: Fixed, value: "{VERSION}"}}
  windows: WINDOWS
  verdict: {{falseAlarmsPerMonth: "0.1", minimumEffect: "0.1", confirm: 2}}
  objectives:
    availability: "99.9"
    latency: {{milliseconds: 250}}
"""


def write_monitor(file: Path, windows: tuple[str, ...]) -> None:
    """The resource, as a team writes it."""
    file.write_text(_MONITOR.replace("WINDOWS", f"[{', '.join(windows)}]"))


def build_baseline(folder: Path) -> Path:
    """Training rows in the order of their time, counted by `modelmonitor baseline build`."""
    table, file = folder / "train.csv", folder / BASELINE
    _write_training_table(table)
    command = [sys.executable, "-m", "modelmonitor_cli", "baseline", "build", str(table)]
    command += ["--model", MODEL, "--prediction", "prediction", "--score", "score"]
    command += ["--time", "seen_at", "--kind", "comment=text", "-o", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    return file


def rows(random: np.random.Generator, count: int, *, age: float = 40.0) -> list[Row]:
    """As the training rows were; `age` is the mean of one of their features."""
    return _rows(random, count, age, COLOURS)


def drifted(random: np.random.Generator, count: int) -> list[Row]:
    """Older by half a standard deviation, and in other colours; the rest is as it was."""
    return _rows(random, count, 46.0, OTHER_COLOURS)


def answer(asked: list[Row]) -> dict[str, list[float]]:
    """What the model says: a score that depends on a few features, and the amount at stake."""
    scores = [_score(row) for row in asked]
    amounts = [
        round(score * (row["income"] or 1_000.0) / 100.0, 2)
        for score, row in zip(scores, asked, strict=True)
    ]
    return {"predictions": amounts, "scores": scores}


def _rows(
    random: np.random.Generator, count: int, age: float, colours: Mapping[str, float]
) -> list[Row]:
    ages, incomes = random.normal(age, 12.0, count), random.lognormal(8.0, 0.5, count)
    tenures, clicks = random.exponential(30.0, count), random.poisson(6.0, count)
    balances = random.normal(0.0, 100.0, count)
    nulls = random.random(count) < 0.03
    colour, plan = _chosen(random, colours, count), _chosen(random, PLANS, count)
    lengths = random.integers(2, 8, count)
    return [
        {
            "age": round(float(ages[at]), 1),
            "income": None if nulls[at] else round(float(incomes[at]), 2),
            "tenure": round(float(tenures[at]), 2),
            "balance": round(float(balances[at]), 2),
            "clicks": float(clicks[at]),
            "colour": str(colour[at]),
            "plan": str(plan[at]),
            "comment": " ".join(random.choice(WORDS, lengths[at])),
        }
        for at in range(count)
    ]


def _chosen(random: np.random.Generator, shares: Mapping[str, float], count: int) -> Any:
    return random.choice(list(shares), count, p=list(shares.values()))


def _score(row: Row) -> float:
    pull = 0.02 * (row["age"] - 40.0) - 0.01 * row["tenure"] + 0.05 * row["clicks"]
    return round(float(1.0 / (1.0 + np.exp(-pull))), 4)


def _write_training_table(file: Path) -> None:
    training = rows(np.random.default_rng(11), TRAINING_ROWS)
    answers = answer(training)
    begin = datetime(2026, 1, 5, tzinfo=UTC)
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["seen_at", *training[0], "prediction", "score"])
        for at, row in enumerate(training):
            seen = begin + timedelta(seconds=at * TRAINING_ROW_SECONDS)
            outputs = answers["predictions"][at], answers["scores"][at]
            writer.writerow([seen.isoformat(), *row.values(), *outputs])
