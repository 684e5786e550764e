"""What holds whatever pods, versions, baselines and scrapes do."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from modelmonitor_api import names, recorded
from modelmonitor_api.baseline import digest
from modelmonitor_cli.testing_fleet import NAMESPACE, Pod, Rows, fleet, small, source, write_monitor
from modelmonitor_operator.render.rules.baseline_group import baseline_group
from modelmonitor_operator.render.rules.scope import Scope
from modelmonitor_operator.render.rules.window_group import window_group
from modelmonitor_operator.render.rules.windows import needed_windows
from modelmonitor_operator.testing_rules import Samples, of_model, values_of
from modelmonitor_sidecar.testing_replicas import FLAGS
from modelmonitor_sidecar.testing_scrapes import Recording
from modelmonitor_sidecar.testing_windows import Windows

SCOPE: Final = Scope(NAMESPACE, "churn")
CHAIN: Final = (baseline_group(SCOPE), window_group(SCOPE, needed_windows(("5m",))))
AGE: Final = {"feature": "age", "window": "5m"}

Evaluated = Callable[..., Iterator[dict[int, Samples]]]


def counted_by_pods(recording: Recording) -> int:
    """All rows of `age` that were ever seen."""
    last = [
        max((look for look in target.looks if look.counted), key=lambda look: look.at_seconds)
        for target in recording.targets
    ]
    return sum(
        int(counters[:-FLAGS].sum())
        for look in last
        for row, counters in (look.counted or {}).items()
        if row.feature == "age"
    )


def rows_of(samples: Samples, feature: str, baseline: str) -> list[float]:
    labels = {"feature": feature, "baseline": baseline}
    return values_of(samples, recorded.ROWS, test=recorded.DRIFT, window="5m", **labels)


def rows_at(samples: Samples, **labels: str) -> list[float]:
    return values_of(samples, recorded.ROWS, test=recorded.DRIFT, **AGE, **labels)


@pytest.mark.promtool
def test_windows_laid_end_to_end_add_up_to_the_counters(
    tmp_path: Path, evaluated: Evaluated
) -> None:
    folder = write_monitor(tmp_path / "churn", small())
    pods = [
        Pod("stays", age=5),
        Pod("ends", last=812, age=5, scrape_seconds=30),
        Pod("is short", first=633, last=770, age=5),
        Pod("is new", first=991, age=60),
    ]
    recording = fleet(folder, [*pods, Pod("idle", rows=0)], 1_500, source(1))
    ends = range(300, 1_501, 300)

    for samples in evaluated(CHAIN, recording, [*ends]):
        windows = [sum(rows_at(samples[end])) for end in ends]
        assert sum(windows) == counted_by_pods(recording)


@pytest.mark.promtool
def test_no_rows_are_not_enough_rows(tmp_path: Path, evaluated: Evaluated) -> None:
    folder = write_monitor(tmp_path / "churn", small())
    recording = fleet(folder, [Pod("a", rows=0), Pod("b", rows=0, first=11)], 400, source(1))

    for samples in evaluated(CHAIN, recording, [390]):
        verdicts = values_of(samples[390], recorded.VERDICT)
        assert verdicts == [-1.0] * len(verdicts) != []
        assert rows_at(samples[390]) == [0.0]
        for name in (recorded.DISTANCE, recorded.SCORE, recorded.EVIDENCE, recorded.ALARM):
            assert values_of(samples[390], name) == []


@pytest.mark.promtool
def test_alarms_wait_while_a_version_is_young_and_come_afterwards(
    tmp_path: Path, evaluated: Evaluated
) -> None:
    """Version 2 comes a quarter of an hour after version 1; both drift all the time."""
    recording = Recording()
    for version, first in (("1", 7), ("2", 907)):
        model = {"name": "churn", "version": {"from": "Fixed", "value": version}}
        folder = write_monitor(tmp_path / version, small(), models=[model])
        fleet(folder, [Pod(version, first=first, age=5)], 1_500, source(1, 1.0), into=recording)
    moments = [900, 1_140, 1_470]

    for samples in evaluated(CHAIN, recording, moments):
        alarms = {
            moment: {
                dict(labels)["model_version"]
                for (name, labels) in samples[moment]
                if name == recorded.ALARM
            }
            for moment in moments
        }
        waits = [bool(values_of(samples[moment], recorded.ROLLOUT)) for moment in moments]
        assert waits == [False, True, False]
        assert alarms == {900: {"1"}, 1_140: set(), 1_470: {"1", "2"}}


@pytest.mark.promtool
def test_no_window_mixes_two_baselines(tmp_path: Path, evaluated: Evaluated) -> None:
    """The configuration gets another after ten minutes; its page is scraped each two minutes."""
    first, second = small(), replace(small(), version="later")
    of_first, of_second = digest(first)[:8], digest(second)[:8]
    folder = write_monitor(tmp_path / "churn", first)

    def rows(now: int, pod: Pod) -> Rows:
        if now == 607:
            write_monitor(folder, second)
        return source(now)(now, pod)

    recording = fleet(folder, [Pod("a"), Pod("b")], 1_000, rows)
    moments = [600, 660, 780, 990]
    windows = Windows(recording.targets, 30)

    for samples in evaluated(CHAIN, recording, moments):
        for moment in moments:
            for row, counters in windows.counted("5m", moment).items():
                found = rows_of(samples[moment], row.feature, row.baseline)
                judged = row.baseline == (of_first if moment < 727 else of_second)
                assert found == ([counters[:-FLAGS].sum()] if judged else [])
        assert rows_at(samples[660], baseline=of_first) != []
        assert rows_at(samples[780], baseline=of_second) != []


@pytest.mark.promtool
def test_a_pod_that_vanishes_counts_until_its_end(tmp_path: Path, evaluated: Evaluated) -> None:
    folder = write_monitor(tmp_path / "churn", small())
    pods = [Pod("stays", rows=0), Pod("vanishes", last=702)]
    recording = fleet(folder, pods, 1_050, source(1))

    for samples in evaluated(CHAIN, recording, [690, 840, 960, 1_020]):
        found = [sum(rows_at(samples[at])) for at in samples]
        whole = found[0]
        assert found[1] == pytest.approx(whole / 2, rel=0.15)
        assert 0 < found[2] < found[1]
        assert found[3] == 0


@pytest.mark.promtool
def test_without_start_times_a_falling_counter_is_a_restart(
    tmp_path: Path, evaluated: Evaluated
) -> None:
    folder = write_monitor(tmp_path / "churn", small())
    recording = Recording(names.COLLECTOR_START_TIME)
    fleet(folder, [Pod("a", restarts=(700,)), Pod("b")], 760, source(1), into=recording)
    expected = Windows(recording.targets, 30).series("5m", 750)

    for samples in evaluated(CHAIN, recording, [750]):
        found = of_model(samples[750])
        rows = {key: value for key, value in expected.items() if key[0] == recorded.ROWS}
        assert {key: found[key] for key in rows} == rows
        assert values_of(samples[750], recorded.CONTINUITY) == []


@pytest.mark.promtool
def test_a_gap_invents_no_rows(tmp_path: Path, evaluated: Evaluated) -> None:
    """After ten minutes without scrapes nothing is counted until there is a value to subtract."""
    folder = write_monitor(tmp_path / "churn", small())
    recording = fleet(folder, [Pod("a", gap=range(600, 1_200)), Pod("b")], 1_700, source(1))
    moments = [1_200, 1_260, 1_500, 1_560, 1_680]
    windows = Windows(recording.targets, 30)

    for samples in evaluated(CHAIN, recording, moments):
        for moment in moments:
            assert sum(rows_at(samples[moment])) <= 2 * 21 * 40
            expected = windows.series("5m", moment)
            found = of_model(samples[moment])
            assert {k: v for k, v in expected.items() if k[0] == recorded.ROWS} == {
                k: v for k, v in found.items() if k[0] == recorded.ROWS
            }
