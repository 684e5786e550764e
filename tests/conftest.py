"""What every test shares: hypothesis without clocks, tools that CI must not lack.

Rules are judged by promtool of the path (2.42 is the oldest that they are for) and, where the
environment variable MODELMONITOR_PROMETHEUS3 names a folder with a `promtool` of Prometheus 3, by
that one as well.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Machines are shared and slow at times: a law does not depend on how long its examples took.
settings.register_profile("laws", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("laws")


def _needed(tool: str) -> str:
    """The tool's path; without it CI fails, and elsewhere the test says loudly what it misses."""
    path = shutil.which(tool)
    if path is None:
        verdict = pytest.fail if os.environ.get("CI") else pytest.skip
        verdict(f"{tool} is not on the path; install it to run this test (Debian: prometheus)")
    return path


@pytest.fixture(scope="session")
def promtools() -> list[str]:
    """Every promtool that judges here; there must be one."""
    folder = os.environ.get("MODELMONITOR_PROMETHEUS3")
    newer = None if folder is None else str(Path(folder) / "promtool")
    tools = [tool for tool in (shutil.which("promtool"), newer) if tool is not None]
    assert tools, "promtool is not on the path; install it to run this test (Debian: prometheus)"
    return tools


@pytest.fixture
def promtool_check_metrics() -> Callable[[str], str]:
    """Judges an exposition; returns what promtool has to say, empty when it finds nothing."""
    promtool = _needed("promtool")

    def check(exposition: str) -> str:
        run = subprocess.run(
            [promtool, "check", "metrics"],
            input=exposition.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return run.stdout.decode()

    return check
