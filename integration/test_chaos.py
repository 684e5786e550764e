"""A minute of killing the collector's worker each second, under load."""

from pathlib import Path

import pytest

from modelmonitor_cli import testing_survival

SECONDS = 60


@pytest.mark.timeout(SECONDS + 120)
def test_a_minute_of_killing_the_collector_fails_no_request_and_loses_no_count(
    tmp_path: Path,
) -> None:
    testing_survival.check(tmp_path, SECONDS)
