"""Traffic never depends on the collector, and nothing is lost without being counted."""

from pathlib import Path

import pytest

from modelmonitor_cli import testing_survival

SECONDS = 8  # a full minute of it: integration/test_chaos.py


@pytest.mark.timeout(120)
def test_killing_the_collector_fails_no_request_and_every_request_is_accounted_for(
    tmp_path: Path,
) -> None:
    testing_survival.check(tmp_path, SECONDS)
