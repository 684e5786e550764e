"""Distances of counts that were worked out with scipy, and counts that are split over pods."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest

from modelmonitor_api import recorded
from modelmonitor_api.baseline import Baseline, BaselineFeature, Bins, Column
from modelmonitor_cli.testing_fleet import Pod, Rows, Source, fleet, small, source, write_monitor
from modelmonitor_operator.render.rules.baseline_group import baseline_group
from modelmonitor_operator.render.rules.scope import Scope
from modelmonitor_operator.render.rules.window_group import window_group
from modelmonitor_operator.render.rules.windows import needed_windows
from modelmonitor_operator.testing_rules import Labels, Samples, value_of
from modelmonitor_sidecar.testing_baselines import categorical
from modelmonitor_sidecar.testing_scrapes import Recording

SCOPE: Final = Scope("team-a", "churn")
CHAIN: Final = (baseline_group(SCOPE), window_group(SCOPE, needed_windows(("5m",))))
ROWS: Final = 10_000
AGES, AGE_ROWS = (15.0, 25.0, 35.0, 45.0, 55.0), (100, 210, 370, 250, 150)
FARES, FARE_ROWS = (0.5, 1.5, 6.0, 20.0), (5, 300, 90, 10)
COLOURS, COLOUR_ROWS = ("red", "blue", "teal", "mauve"), (190, 130, 53, 5)
AGE_DEVIATION, FARE_DEVIATION = 10.0, 5.0
EXPECTED: Final = {
    "age": {
        "psi": 0.0271012,
        "js": 0.0698180,
        "hellinger": 0.0581654,
        "chi2": 27.79441,
        "ks": 0.0703704,
        "wasserstein": 1.2962963 / AGE_DEVIATION,
    },
    "fare": {
        "psi": 0.1485825,
        "js": 0.1523838,
        "hellinger": 0.1309630,
        "chi2": 34.58859,
        "ks": 0.0753086,
        "wasserstein": 1.3055556 / FARE_DEVIATION,
    },
    "colour": {"psi": 0.0841805, "js": 0.1121856, "hellinger": 0.0971246, "chi2": 23.45273},
}
"""The distance of Wasserstein in standard deviations of the baseline, as rules have it."""

Evaluated = Callable[..., Iterator[dict[int, Samples]]]


def bins(
    name: str, values: Sequence[float], rows: tuple[int, ...], deviation: float
) -> BaselineFeature:
    """Bins around these values, which are the means of their rows."""
    counts = Bins(
        edges=tuple(sum(pair) / 2 for pair in pairwise(values)),
        rows=rows,
        representatives=tuple(values),
        mean=values[1],
        standard_deviation=deviation,
        minimum=values[0] - 1,
        maximum=values[-1] + 1,
    )
    missing = ROWS - sum(rows)
    return BaselineFeature(name, "input", "numeric", counts, missing, rho={"5m": 0.0})


def known() -> Baseline:
    """`mauve` is unseen; `__other__`, which is empty on both sides, is left out of the scrapes."""
    colours = categorical("colour", {"red": 600, "blue": 300, "teal": 100})
    features = (
        bins("age", AGES, (1000, 2000, 4000, 2000, 1000), AGE_DEVIATION),
        bins("fare", FARES, (0, 700, 200, 100), FARE_DEVIATION),
        replace(colours, missing_rows=ROWS - 1000),
    )
    columns = tuple(Column(feature.name) for feature in features)
    return Baseline("churn", None, ROWS, columns, features)


def live() -> Rows:
    """A row a value; the other columns of the shorter ones are missing."""
    columns: dict[str, list[Any]] = {
        name: [value for value, count in zip(values, rows, strict=True) for _ in range(count)]
        for name, values, rows in (
            ("age", AGES, AGE_ROWS),
            ("fare", FARES, FARE_ROWS),
            ("colour", COLOURS, COLOUR_ROWS),
        )
    }
    longest = max(map(len, columns.values()))
    return [
        {name: values[at] if at < len(values) else None for name, values in columns.items()}
        for at in range(longest)
    ]


def shared_out(pods: Sequence[Pod]) -> Source:
    """All rows between the fourth and the fifth minute, one after another to the busy pods."""
    busy = [pod for pod in pods if pod.rows]

    def rows(now: int, pod: Pod) -> Rows:
        mine = pod in busy and 247 <= now < 262
        return live()[busy.index(pod) :: len(busy)] if mine else []

    return rows


def scraped(folder: Path, pods: Sequence[Pod], rows: Source) -> Recording:
    return fleet(folder, pods, 400, rows, into=Recording('category="__other__"'))


def shares(samples: Samples) -> dict[Labels, float]:
    return {labels: value for (name, labels), value in samples.items() if name == recorded.SHARE}


@pytest.mark.promtool
@pytest.mark.parametrize("busy", [1, 2, 10])
def test_distances_are_those_of_scipy_however_many_replicas_counted(
    busy: int, tmp_path: Path, evaluated: Evaluated
) -> None:
    folder = write_monitor(tmp_path / "churn", known())
    pods = [Pod(f"p{one}", first=1 + one) for one in range(busy)]
    recording = scraped(folder, [*pods, Pod("idle", rows=0)], shared_out(pods))

    for samples in evaluated(CHAIN, recording, [390]):
        for feature, distances in EXPECTED.items():
            for distance, expected in distances.items():
                labels = {"feature": feature, "window": "5m", "distance": distance}
                assert value_of(samples[390], recorded.DISTANCE, **labels) == pytest.approx(
                    expected, abs=1e-6, rel=1e-6
                )


@pytest.mark.promtool
def test_a_replica_that_restarts_changes_no_share_by_a_hundredth(
    tmp_path: Path, evaluated: Evaluated
) -> None:
    folder = write_monitor(tmp_path / "churn", small())
    steady = [Pod(f"p{one}", first=1 + one, scrape_seconds=30) for one in range(9)]
    found = []
    for restarts in ((), (270,)):
        pods = [*steady, Pod("restarts", scrape_seconds=30, restarts=restarts)]
        recording = fleet(folder, pods, 390, source(3))
        found.append([shares(samples[390]) for samples in evaluated(CHAIN, recording, [390])])

    for whole, interrupted in zip(*found, strict=True):
        assert interrupted == pytest.approx(whole, abs=0.01)
        assert interrupted != whole
