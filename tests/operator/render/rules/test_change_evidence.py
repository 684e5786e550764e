"""What the change detector adds up where Prometheus itself was away between two batches."""

from pathlib import Path
from typing import Final

import pytest

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.promql import selector
from modelmonitor_operator.render.rules.change_group import change_group
from modelmonitor_operator.render.rules.rule import Record
from modelmonitor_operator.render.rules.scope import Scope
from modelmonitor_operator.testing_rules import Evaluator

pytestmark = pytest.mark.promtool

FEATURE: Final = {names.L_FEATURE: "age"}
MEMORY: Final = {recorded.L_MEMORY: "short"}
THRESHOLD: Final = {names.L_SETTING: "change_threshold"}
BEFORE, GAINED = 2.0, 0.5


def evidence(promtool: str, folder: Path, batches: tuple[int, int]) -> float:
    """Of the second of two batches, rows of one bin; what was gained is of the first alone.

    A value that is left out is no end of its series: so it is after a restart of Prometheus.
    """
    rules = change_group(Scope()).rules
    records = {rule.name: rule for rule in rules if isinstance(rule, Record)}
    age = FEATURE | {names.L_BIN: "00"}
    series = {
        selector(recorded.LOG_EVIDENCE, FEATURE | MEMORY): f"{BEFORE} _",
        selector(recorded.BATCH_EVIDENCE, FEATURE | MEMORY): f"{GAINED} _",
        selector(recorded.BATCH_DISPERSION, FEATURE | MEMORY): "1 1",
        selector(recorded.BATCH_CELL_ROWS, age): f"{batches[0]} {batches[1]}",
        selector(recorded.FEATURE_SETTING, FEATURE | THRESHOLD): "100 100",
    }
    given = [{"series": str(one), "values": values} for one, values in series.items()]
    query = str(records[recorded.LOG_EVIDENCE].expression)
    answers = Evaluator(promtool, folder).answers(query, given, [60], step_seconds=60)
    (value,) = answers[60].values()
    return value


def test_what_a_batch_gained_is_added_once_though_prometheus_went_away_after_it(
    tmp_path: Path, promtools: list[str]
) -> None:
    """The first evaluation after its return comes before the first scrape: no rows."""
    for promtool in promtools:
        assert evidence(promtool, tmp_path, (40, 0)) == BEFORE


def test_what_a_batch_with_rows_gained_is_added(tmp_path: Path, promtools: list[str]) -> None:
    for promtool in promtools:
        assert evidence(promtool, tmp_path, (40, 40)) == BEFORE + GAINED
