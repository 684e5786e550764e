"""What rules record of scraped pods, by every promtool that there is."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from modelmonitor_operator.render.rules.rule import Group
from modelmonitor_operator.testing_rules import Evaluator, Samples
from modelmonitor_sidecar.testing_scrapes import Recording


@pytest.fixture
def evaluated(promtools: list[str], tmp_path: Path) -> Callable[..., Iterator[dict[int, Samples]]]:
    """What is recorded, at moments of one evaluation every so many seconds."""

    def evaluate(
        groups: Sequence[Group],
        recording: Recording,
        moments: Sequence[int],
        every_seconds: int = 30,
        step_seconds: int = 1,
    ) -> Iterator[dict[int, Samples]]:
        series = recording.input_series(step_seconds)
        for promtool in promtools:
            yield Evaluator(promtool, tmp_path).recorded(
                groups, series, moments, step_seconds=step_seconds, every_seconds=every_seconds
            )

    return evaluate
