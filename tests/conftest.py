"""What every test shares: hypothesis without clocks, tools that CI must not lack."""

import os
import shutil
import subprocess
from collections.abc import Callable

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
