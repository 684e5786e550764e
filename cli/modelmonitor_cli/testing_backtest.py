"""A small model for tests of `backtest`: its baseline, and healthy rows of it."""

from dataclasses import replace
from typing import Any

import numpy as np

from modelmonitor_api.baseline import Baseline, BaselineFeature
from modelmonitor_sidecar.testing_baselines import baseline, categorical, numeric

COLOURS = {"red": 5_000, "green": 3_000, "blue": 2_000}


def known() -> Baseline:
    """Ten thousand rows of a number, a colour and a prediction, in an order that says nothing."""
    chance = np.random.default_rng(1)
    features = [
        numeric("age", chance.normal(40, 10, 10_000)),
        categorical("colour", COLOURS),
        numeric("prediction", chance.normal(0, 1, 10_000), role="prediction"),
    ]
    return baseline([replayed(one) for one in features])


def replayed(feature: BaselineFeature, largest_change: float = 5.0) -> BaselineFeature:
    """As if the training rows had been replayed in their order."""
    return replace(feature, largest_change=largest_change)


def rows(count: int, seed: int = 2) -> dict[str, Any]:
    """So many healthy rows, by column."""
    chance = np.random.default_rng(seed)
    shares = np.array(list(COLOURS.values())) / sum(COLOURS.values())
    return {
        "age": chance.normal(40, 10, count),
        "colour": chance.choice(list(COLOURS), count, p=shares).astype(object),
        "prediction": chance.normal(0, 1, count),
    }


def times(count: int, start: str, step_seconds: float) -> Any:
    """One row after the other, `step_seconds` apart."""
    steps = (np.arange(count) * step_seconds * 1e6).astype("timedelta64[us]")
    return np.datetime64(start, "us") + steps
