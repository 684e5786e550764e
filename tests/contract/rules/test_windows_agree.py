"""Every number that rules record of a window is numpy's, on the same scrapes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from modelmonitor_api import recorded
from modelmonitor_api.baseline import Baseline
from modelmonitor_cli.testing_fleet import Pod, fleet, known, small, source, write_monitor
from modelmonitor_operator.render.rules.baseline_group import baseline_group
from modelmonitor_operator.render.rules.rule import Group
from modelmonitor_operator.render.rules.scope import Scope
from modelmonitor_operator.render.rules.window_group import window_group
from modelmonitor_operator.render.rules.windows import needed_windows
from modelmonitor_operator.testing_rules import Samples, of_model
from modelmonitor_sidecar.testing_windows import Key, Windows

SCOPE = Scope("team-a", "churn")
JUDGED = (
    recorded.DISTANCE, recorded.ROWS, recorded.SCORE, recorded.EVIDENCE, recorded.VERDICT,
    recorded.THRESHOLD, recorded.DRIFTING_WINDOWS,
)  # fmt: skip

Evaluated = Callable[..., Iterator[dict[int, Samples]]]


@dataclass(frozen=True)
class Case:
    """`moved`: how unlike the baseline rows are; `every`: seconds between evaluations.

    `step`: seconds of which all scrapes are multiples.
    """

    pods: Sequence[Pod]
    end: int
    windows: tuple[str, ...] = ("1m", "5m")
    moved: float = 0.0
    every: int = 30
    step: int = 1
    baseline: Callable[[], Baseline] = known


CASES = {
    "one replica": Case([Pod("a", rows=20)], 520),
    "two replicas, one idle": Case([Pod("a"), Pod("b", rows=0, first=11)], 640, moved=0.4),
    "ten replicas": Case(
        [Pod(f"p{one}", rows=4, first=1 + one, scrape_seconds=30) for one in range(10)],
        520,
        ("5m",),
        moved=0.2,
        baseline=small,
    ),
    "restarting, new and ending, between whole minutes": Case(
        [
            Pod("restarts", first=4, restarts=(730,)),
            Pod("is new", first=701, age=9),
            Pod("ends", first=2, last=690),
            Pod("was short", first=655, last=700, age=5),
            Pod("restarts and ends", first=5, restarts=(700,), last=745),
            Pod("is found late", first=640, age=480),
        ],
        810,
        moved=0.6,
        every=27,
    ),
    "a scrape a minute": Case(
        [Pod("a", scrape_seconds=60, rows=90), Pod("b", scrape_seconds=60, first=41)],
        700,
        ("5m",),
        moved=0.3,
        every=29,
    ),
    "an hour of windows of five minutes": Case(
        [
            Pod("a", scrape_seconds=60, first=13, restarts=(2_000,)),
            Pod("b", scrape_seconds=60, first=41, last=3_200, rows=20),
        ],
        3_990,
        ("5m", "1h"),
        moved=0.3,
        every=60,
        baseline=small,
    ),
    "a day of a few hours": Case(
        [Pod("a", rows=4, first=70, scrape_seconds=240, restarts=(7_000,))],
        14_500,
        ("1h", "24h"),
        moved=0.2,
        every=300,
        step=10,
        baseline=small,
    ),
}


def chain(*windows: str) -> list[Group]:
    return [baseline_group(SCOPE), window_group(SCOPE, needed_windows(windows))]


def found(samples: Samples, windows: Sequence[str]) -> dict[Key, float]:
    return {
        (name, labels): value
        for (name, labels), value in of_model(samples).items()
        if name in JUDGED and dict(labels).get("window") in windows
    }


def outcomes(expected: dict[Key, float]) -> set[float]:
    """Verdicts, but for windows that lack rows."""
    return {value for (name, _), value in expected.items() if name == recorded.VERDICT} - {-1}


@pytest.mark.promtool
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_rules_record_what_numpy_finds(case: Case, tmp_path: Path, evaluated: Evaluated) -> None:
    folder = write_monitor(tmp_path / "churn", case.baseline(), windows=[*case.windows])
    recording = fleet(folder, case.pods, case.end, source(1, case.moved))
    moments = [case.end - 47, case.end]

    windows = Windows(recording.targets, case.every)
    for samples in evaluated(chain(*case.windows), recording, moments, case.every, case.step):
        for moment in moments:
            expected: dict[Key, float] = {}
            for window in case.windows:
                expected |= windows.series(window, moment)
            recorded_now = found(samples[moment], case.windows)
            assert recorded_now == pytest.approx(expected, rel=1e-9, abs=1e-9)
            assert outcomes(expected) == {0, 1}
