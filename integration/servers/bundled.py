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


def write_training_csv(name: str, model: Any, path: Path) -> None:
    """Features, what the model answers for them, and the truth, as a training script leaves it."""
    names, data, target = table(name)
    columns = zip(data.tolist(), model.predict(data).tolist(), target.tolist(), strict=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*names, "prediction", "target"])
        writer.writerows([*row, prediction, label] for row, prediction, label in columns)
