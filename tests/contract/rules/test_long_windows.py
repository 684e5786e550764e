"""Long windows are made of exactly their parts, at any moment, and count no row twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.rules.rule import Group, Record
from modelmonitor_operator.render.rules.scope import Scope
from modelmonitor_operator.render.rules.service_group import service_group
from modelmonitor_operator.render.rules.window_group import window_group
from modelmonitor_operator.render.rules.windows import ALL_WINDOWS
from modelmonitor_operator.testing_rules import Evaluator

SCOPE: Final = Scope("team-a", "churn")
GROUPS: Final = {
    recorded.COUNTED_ROWS: window_group(SCOPE, ALL_WINDOWS),
    recorded.REQUESTS: service_group(SCOPE),
}
SECONDS: Final = {"5m": 300, "1h": 3_600, "24h": 86_400}
PARTS: Final = {
    (recorded.COUNTED_ROWS, "1h"): ("5m", 12),
    (recorded.COUNTED_ROWS, "24h"): ("1h", 24),
    (recorded.COUNTED_ROWS, "7d"): ("24h", 7),
    (recorded.REQUESTS, "30m"): ("5m", 6),
    (recorded.REQUESTS, "1h"): ("5m", 12),
    (recorded.REQUESTS, "2h"): ("5m", 24),
    (recorded.REQUESTS, "6h"): ("1h", 6),
    (recorded.REQUESTS, "1d"): ("1h", 24),
    (recorded.REQUESTS, "3d"): ("1h", 72),
}
WEEK: Final = 8 * 86_400
MOMENTS: Final = [WEEK, WEEK - 1, WEEK - 30, WEEK - 149, WEEK - 270, WEEK - 3_007]
"""Whole and not; four and a half minutes after a whole five is where versions differ."""


def query_of(group: Group, metric: str, window: str) -> str:
    (found,) = (
        rule
        for rule in group.rules
        if isinstance(rule, Record)
        and rule.name == metric
        and rule.labels.get(names.L_WINDOW) == window
    )
    return str(found.expression)


def series(metric: str, window: str, values: str, **labels: str) -> dict[str, str]:
    own = {"namespace": "team-a", "modelmonitor": "churn", "window": window, **labels}
    inside = ",".join(f'{name}="{text}"' for name, text in own.items())
    return {"series": f"{metric}{{{inside}}}", "values": values}


@pytest.mark.promtool
@pytest.mark.parametrize(("metric", "window"), PARTS)
def test_a_long_window_is_made_of_exactly_its_parts(
    metric: str, window: str, promtools: list[str], tmp_path: Path
) -> None:
    """Parts that are recorded each half minute, as they are or (the shortest) as of 30 s."""
    part, count = PARTS[metric, window]
    step = 30 if part == "5m" else 60
    given = [series(metric, part, f"1x{WEEK // step}")]

    for promtool in promtools:
        found = Evaluator(promtool, tmp_path).answers(
            query_of(GROUPS[metric], metric, window), given, MOMENTS, step_seconds=step
        )
        assert [list(found[moment].values()) for moment in MOMENTS] == [[count]] * len(MOMENTS)


def evaluations(phase: int, gap: range) -> Iterator[int]:
    return (at for at in range(phase, 7_200, 30) if at not in gap)


@pytest.mark.promtool
def test_an_hour_counts_no_row_twice_where_evaluations_are_missing(
    promtools: list[str], tmp_path: Path
) -> None:
    """Prometheus was down for ten minutes; rows come once a second.

    Each part ends in the half minute before a whole five minutes, so that none overlaps another.
    """
    gap = range(3_640, 4_240)
    phases = range(1, 30, 4)
    given = []
    for phase in phases:
        written, following = [], 0
        for at in evaluations(phase, gap):
            written.append(f"_x{at - following} 300")
            following = at + 1
        own = {"feature": str(phase), "test": "missing"}
        given.append(series(recorded.COUNTED_ROWS, "5m", " ".join(written), **own))

    for promtool in promtools:
        query = query_of(GROUPS[recorded.COUNTED_ROWS], recorded.COUNTED_ROWS, "1h")
        found = Evaluator(promtool, tmp_path).answers(query, given, [5_417], step_seconds=1)
        rows = {dict(labels)["feature"]: value for (_, labels), value in found[5_417].items()}
        assert rows == {str(phase): 10 * 300 for phase in phases}
