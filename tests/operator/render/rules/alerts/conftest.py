"""Stories of alerts, told to every promtool and in both modes of the rules.

Rules are evaluated by promtool of the path (2.42 is the oldest that they are for) and, where the
environment variable MODELMONITOR_PROMETHEUS3 names a folder with a `promtool` of Prometheus 3, by
that one as well: it gets the rules of mode Shared then.  A module of stories has them in STORIES.
"""

import os
import shutil
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path
from typing import Final

import pytest

from modelmonitor_api.spec import WINDOWS
from modelmonitor_operator.render.rules.groups import monitor_groups, shared_groups
from modelmonitor_operator.testing_alerts import Judge
from modelmonitor_operator.testing_stories import LINKS

MODES: Final = {
    "PerMonitor": monitor_groups("team-a", "churn", WINDOWS, LINKS),
    "Shared": shared_groups(LINKS),
}


@pytest.fixture(scope="session")
def promtools() -> list[str]:
    """Every promtool that judges here; there must be one."""
    folder = os.environ.get("MODELMONITOR_PROMETHEUS3")
    newer = None if folder is None else str(Path(folder) / "promtool")
    tools = [tool for tool in (shutil.which("promtool"), newer) if tool is not None]
    assert tools, "promtool is not on the path; install it to run this test (Debian: prometheus)"
    return tools


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
