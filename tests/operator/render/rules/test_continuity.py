"""Which sidecars are said to have begun anew, and that nothing of it is left behind."""

from pathlib import Path
from typing import Final

import pytest

from modelmonitor_api import names
from modelmonitor_operator.render.promql import selector
from modelmonitor_operator.render.rules.differences import collector_counters
from modelmonitor_operator.render.rules.scope import Scope
from modelmonitor_operator.testing_rules import Evaluator

pytestmark = pytest.mark.promtool

POD: Final = "pod"
STARTED: Final = {
    "steady": "-1000x20",
    "restarted": "-1000x17 1080 1080 1080",
    "unseen": "_x10 -1000x10",
    "new": "_x16 1000 1000 1000 1000",
    "gone": "-1000x3",
}
"""When each began, a value a minute, in seconds after the first."""
MINUTE: Final = 60


def continuity(promtool: str, folder: Path, minute: int) -> dict[str, float]:
    rule = collector_counters(Scope(), "rows").continuity("5m")
    series = [
        {"series": str(selector(names.COLLECTOR_START_TIME, {POD: pod})), "values": values}
        for pod, values in STARTED.items()
    ]
    asked = Evaluator(promtool, folder).answers(
        str(rule.expression), series, [minute * MINUTE], step_seconds=MINUTE
    )
    return {dict(labels)[POD]: value for (_, labels), value in asked[minute * MINUTE].items()}


def test_each_sidecar_that_is_seen_has_one_state(tmp_path: Path, promtools: list[str]) -> None:
    for promtool in promtools:
        assert continuity(promtool, tmp_path, 19) == {
            "steady": 0, "restarted": 1, "unseen": 0, "new": 0,
        }  # fmt: skip


def test_an_old_sidecar_without_a_value_before_the_window_is_not_compared(
    tmp_path: Path, promtools: list[str]
) -> None:
    """It is seen since minute 10; a new one counts from 0 and is no such case."""
    for promtool in promtools:
        assert continuity(promtool, tmp_path, 13)["unseen"] == 2
        assert continuity(promtool, tmp_path, 17)["new"] == 0


def test_a_state_that_is_over_is_said_to_be_over(tmp_path: Path, promtools: list[str]) -> None:
    """By a sample, not by its absence: a Prometheus that was away would see the last one still."""
    for promtool in promtools:
        assert continuity(promtool, tmp_path, 17)["restarted"] == 0
        assert continuity(promtool, tmp_path, 18)["restarted"] == 1
        assert continuity(promtool, tmp_path, 20)["restarted"] == 1
        assert continuity(promtool, tmp_path, 9).keys() == {"steady", "restarted"}
