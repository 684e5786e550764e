"""What rules record of scraped pods, by every promtool that there is.

Rules are evaluated by promtool of the path (2.42 is the oldest that they are for) and, where the
environment variable MODELMONITOR_PROMETHEUS3 names a folder with a `promtool` of Prometheus 3, by
that one as well; every test asks all of them.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from modelmonitor_operator.render.rules.rule import Group
from modelmonitor_operator.testing_rules import Evaluator, Samples
from modelmonitor_sidecar.testing_scrapes import Recording


@pytest.fixture(scope="session")
def promtools() -> list[str]:
    found = [shutil.which("promtool"), _of_folder()]
    tools = [tool for tool in found if tool is not None]
    assert tools, "promtool is not on the path; install it to run this test (Debian: prometheus)"
    return tools


def _of_folder() -> str | None:
    folder = os.environ.get("MODELMONITOR_PROMETHEUS3")
    return None if folder is None else str(Path(folder) / "promtool")


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
