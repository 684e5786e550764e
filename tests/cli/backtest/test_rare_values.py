"""What was rare in training and becomes common is told, wherever its bin lies."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Call = Callable[..., Any]
ROWS = 12_000

TRAINED = {
    "a flag": {0.0: 9_970, 1.0: 30},
    "a flag, the other way round": {0.0: 30, 1.0: 9_970},
    "one row of ten thousand": {0.0: 9_999, 1.0: 1},
    "beside a frequent value": {0.0: 4_500, 1.0: 30, 2.0: 5_470},
    "many values": {0.0: 9_000, **{float(place): 25 for place in range(1, 41)}},
}
RARE = dict.fromkeys(TRAINED, 1.0) | {"a flag, the other way round": 0.0}


@pytest.fixture
def verdicts(call: Call, file: Call) -> Callable[..., dict[str, Any]]:
    """`baseline build`, then `backtest` of other rows in one window: the column's result."""

    def replayed(trained: dict[float, int], live: dict[float, int]) -> dict[str, Any]:
        built = file({"x": _shuffled(trained), "y": range(10_000)}, "train.csv")
        baseline = built.parent / "b.json"
        kinds = ("--kind", "y=numeric", "--time-ordered")
        assert call("baseline", "build", built, "-o", baseline, *kinds).status == 0
        data = file({"x": _shuffled(live), "y": np.arange(sum(live.values())) % 10_000}, "live.csv")
        options = ("--data", data, "--window", str(ROWS), "--json")
        document = json.loads(call("backtest", "--baseline", baseline, *options).out)
        (result,) = (one for one in document["results"] if one["feature"] == "x")
        return dict(result)

    return replayed


def _shuffled(rows: dict[float, int]) -> np.typing.NDArray[np.float64]:
    values = np.repeat(list(rows), list(rows.values()))
    return np.random.default_rng(3).permutation(values)


def _in_window(trained: dict[float, int]) -> dict[float, int]:
    """The same shares in a window; what rounding leaves goes to the most frequent."""
    rows = {value: round(count * ROWS / 10_000) for value, count in trained.items()}
    rows[max(rows, key=rows.__getitem__)] += ROWS - sum(rows.values())
    return rows


@pytest.mark.parametrize("name", TRAINED)
def test_a_rare_value_in_30_percent_of_the_rows_drifts(verdicts: Call, name: str) -> None:
    live = _in_window(TRAINED[name])
    rare, common = RARE[name], max(live, key=live.__getitem__)
    moved = round(0.3 * ROWS)
    live[common] -= moved
    live[rare] += moved

    found = verdicts(TRAINED[name], live)

    assert found["verdict"] == "drift"
    assert found["df"] >= 1


@pytest.mark.parametrize("name", TRAINED)
def test_as_rare_as_in_training_it_is_ok(verdicts: Call, name: str) -> None:
    assert verdicts(TRAINED[name], _in_window(TRAINED[name]))["verdict"] == "ok"
