"""Baselines that hold next to nothing: rules agree with numpy, and are silent on their own rows."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from modelmonitor_api import recorded
from modelmonitor_api.baseline import Baseline, Column
from modelmonitor_cli.testing_fleet import NAMESPACE, Pod, Rows, fleet, write_monitor
from modelmonitor_operator.render.rules.baseline_group import baseline_group
from modelmonitor_operator.render.rules.change_group import change_group
from modelmonitor_operator.render.rules.scope import Scope
from modelmonitor_operator.render.rules.window_group import window_group
from modelmonitor_operator.render.rules.windows import needed_windows
from modelmonitor_operator.testing_rules import Samples, of_model, values_of
from modelmonitor_sidecar.testing_baselines import categorical, numeric
from modelmonitor_sidecar.testing_windows import Windows

SCOPE: Final = Scope(NAMESPACE, "churn")
CHAIN: Final = (
    baseline_group(SCOPE),
    window_group(SCOPE, needed_windows(("5m",))),
    change_group(SCOPE),
)
ROWS: Final = 1_000
COLUMNS: Final[dict[str, list[float | None]]] = {
    "constant": [7.0] * ROWS,
    "two values": [0.0, 1.0] * (ROWS // 2),
    "ties": [*[3.0] * (ROWS - 10), *map(float, range(10))],
    "few": [1.0, 2.0, 3.0, 4.0, 5.0] + [None] * (ROWS - 5),
}

Evaluated = Callable[..., Iterator[dict[int, Samples]]]


def degenerate() -> Baseline:
    """The columns, and a category that all rows have."""
    features = [
        numeric(name, [value for value in values if value is not None])
        for name, values in COLUMNS.items()
    ]
    features.append(categorical("one colour", {"red": ROWS}))
    whole = tuple(
        replace(one, missing_rows=ROWS - sum(one.counts.rows), largest_change=1.0)
        for one in features
    )
    columns = tuple(Column(feature.name) for feature in whole)
    return Baseline("churn", None, ROWS, columns, whole)


def own_rows(now: int, pod: Pod) -> Rows:
    """Rows of the baseline itself."""
    places = np.random.default_rng(now).integers(0, ROWS, pod.rows)
    return [
        {name: values[place] for name, values in COLUMNS.items()} | {"one colour": "red"}
        for place in places
    ]


def other_rows(now: int, pod: Pod) -> Rows:
    """Rows that are nothing like it."""
    row = dict.fromkeys(COLUMNS, 2.5) | {"one colour": "blue"}
    return [row] * pod.rows


@pytest.mark.promtool
@pytest.mark.parametrize(("rows", "silent"), [(own_rows, True), (other_rows, False)])
def test_a_degenerate_baseline_is_judged_as_numpy_does(
    rows: Callable[[int, Pod], Rows], silent: bool, tmp_path: Path, evaluated: Evaluated
) -> None:
    folder = write_monitor(tmp_path / "churn", degenerate())
    recording = fleet(folder, [Pod("a"), Pod("b", first=11)], 720, rows)
    expected = Windows(recording.targets, 30).series("5m", 720)
    names = {name for name, _ in expected}

    for samples in evaluated(CHAIN, recording, [720]):
        found = {key: value for key, value in of_model(samples[720]).items() if key[0] in names}
        judged = {key: value for key, value in found.items() if ("window", "5m") in key[1]}
        assert judged == pytest.approx(expected, rel=1e-9, abs=1e-9)
        assert (values_of(samples[720], recorded.DRIFTING_WINDOWS) == []) == silent
        scores = values_of(samples[720], recorded.SCORE, test=recorded.CHANGE)
        assert len(scores) == 5
        assert (max(scores) < 1) == silent
