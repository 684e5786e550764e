"""The tables that scikit-learn ships, as training rows and as what a client sends."""

import csv
from pathlib import Path
from typing import Any

from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

LOADERS = {"wine": load_wine, "cancer": load_breast_cancer}


def table(name: str) -> tuple[list[str], Any, Any]:
    """Feature names without blanks, a 2-d float64 array, labels."""
    bunch = LOADERS[name]()
    names = [str(feature).replace(" ", "_").replace("/", "_") for feature in bunch.feature_names]
    return names, bunch.data, bunch.target


def trained(name: str) -> Any:
    """A small classifier of that table."""
    _, data, target = table(name)
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(data, target)


def write_training_csv(name: str, path: Path) -> None:
    """Features and a column `target`, as the team's training script would leave it."""
    names, data, target = table(name)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*names, "target"])
        rows = zip(data.tolist(), target.tolist(), strict=True)
        writer.writerows([*row, label] for row, label in rows)
