"""The second opinion of the rules is numpy's: this hour against the same hour of last week."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from modelmonitor_api import names, recorded
from modelmonitor_cli.testing_fleet import NAMESPACE, Pod, small, source, write_monitor
from modelmonitor_operator.render.rules.baseline_group import baseline_group
from modelmonitor_operator.render.rules.scope import Scope
from modelmonitor_operator.render.rules.window_group import window_group
from modelmonitor_operator.render.rules.windows import needed_windows
from modelmonitor_operator.testing_rules import Samples, value_of, values_of
from modelmonitor_sidecar.stats.effect import Reference
from modelmonitor_sidecar.stats.second_opinion import second_opinion
from modelmonitor_sidecar.stats.verdict import VERDICT_VALUES
from modelmonitor_sidecar.testing_replicas import FLAGS, Replica, watched_rows
from modelmonitor_sidecar.testing_scrapes import Recording, labels_of, samples, written

SCOPE: Final = Scope(NAMESPACE, "churn")
CHAIN: Final = (baseline_group(SCOPE), window_group(SCOPE, needed_windows(("1h",))))
WEEK: Final = 7 * 86_400
COUNTED: Final = (names.FEATURE_CUMULATIVE_ROWS, names.FEATURE_CATEGORY_ROWS)

Evaluated = Callable[..., Iterator[dict[int, Samples]]]


class Hours(Recording):
    """Rows of two hours as rules count them, a week apart, and the baseline at both."""

    def __init__(self, then: Replica, now: Replica) -> None:
        super().__init__()
        self.hours = (then, now)
        target = self.target(NAMESPACE, now)
        for at in (0, WEEK):
            self.scrape_baselines(target, at)

    def input_series(self, step_seconds: int = 1) -> list[dict[str, str]]:
        then, now = map(counted, self.hours)
        return [
            *super().input_series(step_seconds),
            *({"series": one, "values": f"{then[one]} {now[one]}"} for one in now),
        ]


def counted(replica: Replica) -> dict[str, float]:
    """By series, as if all rows had come in one hour."""
    own = f'namespace="{NAMESPACE}",window="1h"'
    return {
        written((recorded.COUNTED_ROWS, labels_of(labels, own))): value
        for name, labels, value in samples(replica.page())
        if name in COUNTED and f'category="{names.MISSING}"' not in labels
    }


def fed(folder: Path, seed: int, rows: int, moved: float) -> Replica:
    replica = Replica(folder, "a", -60.0)
    replica.take(source(seed, moved)(0, Pod("a", rows=rows)))
    return replica


@pytest.mark.promtool
@pytest.mark.parametrize(("rows", "moved"), [(900, 0.0), (700, 1.0), (150, 1.0)])
def test_the_opinion_is_numpys(
    rows: int, moved: float, tmp_path: Path, evaluated: Evaluated
) -> None:
    folder = write_monitor(tmp_path / "churn", small(), windows=["1h"])
    then, now = fed(folder, 1, 1_100, 0.0), fed(folder, 2, rows, moved)
    hours = Hours(then, now)
    (version,) = now.versions
    places = dict(version.statistics.watched())

    for found in evaluated(CHAIN, hours, [0, WEEK], every_seconds=WEEK, step_seconds=WEEK):
        assert values_of(found[0], recorded.VERDICT, test=recorded.WEEK) == []
        for row, place in watched_rows(version).items():
            feature = places[place].baseline
            assert feature is not None
            live, earlier = (one.counted()[row][:-FLAGS] for one in (now, then))
            bar = version.statistics.bar("1h")
            opinion = second_opinion(live, earlier, Reference(feature), "1h", bar)
            assert opinion is not None
            expected = {
                recorded.ROWS: min(live.sum(), earlier.sum()),
                recorded.SCORE: opinion.effect,
                recorded.EVIDENCE: opinion.z,
                recorded.VERDICT: VERDICT_VALUES[opinion.verdict],
            }
            labels = {"feature": row.feature, "test": recorded.WEEK, "window": "1h"}
            assert {
                name: value_of(found[WEEK], name, **labels) for name in expected
            } == pytest.approx(expected, rel=1e-9, abs=1e-9)
        assert values_of(found[WEEK], recorded.ALARM, test=recorded.WEEK) == []
