"""Traffic never depends on the collector, and nothing is lost without being counted."""

import os
from pathlib import Path

import pytest

from modelmonitor_api import names
from modelmonitor_cli import testing_chaos as chaos
from modelmonitor_cli.testing import RunningPair, accounted, eventually, running_pair, total

SECONDS = float(os.environ.get("MODELMONITOR_CHAOS_SECONDS", "8"))


def all_accounted_for(pair: RunningPair, requests: int) -> bool:
    found = pair.requests()
    counted = total(found, names.REQUESTS, model=chaos.MODEL)
    return counted == requests and accounted(found, chaos.MODEL) == requests


def rows(pair: RunningPair) -> float:
    return total(pair.features(), names.ROWS, model=chaos.MODEL)


@pytest.mark.timeout(SECONDS + 90)
def test_killing_the_collector_fails_no_request_and_every_request_is_accounted_for(
    tmp_path: Path,
) -> None:
    baseline = f"{chaos.MODEL}={chaos.baseline_file(tmp_path)}"
    with chaos.model_server() as upstream, running_pair(upstream, baselines=[baseline]) as pair:
        killer = chaos.Killer(pair.process.pid)
        killer.start()
        sent = chaos.send_for(pair.listen, SECONDS)
        killer.stop()
        sent += chaos.send(pair.listen, chaos.poison())
        assert killer.kills >= SECONDS / chaos.KILL_EVERY_SECONDS * 0.5
        assert sent.failed == 0
        assert eventually(lambda: all_accounted_for(pair, sent.answered)), pair.requests()
        before = rows(pair)
        sent += chaos.send(pair.listen, iter([(chaos.GOOD, {})] * 10))
        counted = before + 10 * chaos.ROWS_OF_GOOD
        assert eventually(lambda: rows(pair) == counted), (rows(pair), counted)
        assert eventually(lambda: all_accounted_for(pair, sent.answered)), pair.requests()
        assert total(pair.requests(), names.REQUESTS, code="200") == sent.answered
