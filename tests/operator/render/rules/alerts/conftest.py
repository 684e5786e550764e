"""Stories of alerts, told to every promtool and in both modes of the rules.

Where there is a promtool of Prometheus 3 it gets the rules of mode Shared.  A module of stories has
them in STORIES.
"""

from collections.abc import Mapping
from itertools import cycle
from typing import Final

import pytest

from modelmonitor_operator.render.rules.groups import monitor_groups, shared_groups
from modelmonitor_operator.testing_alerts import Judge
from modelmonitor_operator.testing_stories import LINKS

MODES: Final = {
    "PerMonitor": monitor_groups("team-a", "churn", ("5m",), LINKS),
    "Shared": shared_groups(LINKS),
}


@pytest.fixture(scope="module")
def unkept(
    request: pytest.FixtureRequest, promtools: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, str]:
    """What promtools have to say of the module's stories that do not come true, by promise."""
    said: dict[str, str] = {}
    for promtool, (mode, groups) in zip(cycle(promtools), MODES.items(), strict=False):
        judge = Judge(promtool, tmp_path_factory.mktemp(mode))
        for promise, text in judge.failures(groups, request.module.STORIES).items():
            said[promise] = f"{said.get(promise, '')}{promtool}, {mode}:\n{text}\n"
    return said
