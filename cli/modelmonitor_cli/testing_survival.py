"""For tests: what must hold while the collector dies again and again, for as long as is asked."""

from pathlib import Path

from modelmonitor_api import names
from modelmonitor_cli import testing_chaos as chaos
from modelmonitor_cli.testing import RunningPair, accounted, eventually, running_pair, total

REQUESTS_AFTERWARDS = 10


def check(folder: Path, seconds: float) -> None:
    """Kill the worker each second under load, then feed poison; assert what was promised.

    No request fails, the proxy's counters equal the clients', the law of frames holds at rest, and
    features go on being counted.
    """
    baseline = f"{chaos.MODEL}={chaos.baseline_file(folder)}"
    with chaos.model_server() as upstream, running_pair(upstream, baselines=[baseline]) as pair:
        killer = chaos.Killer(pair.process.pid)
        killer.start()
        sent = chaos.send_for(pair.listen, seconds)
        killer.stop()
        assert killer.kills >= seconds / chaos.KILL_EVERY_SECONDS / 2
        sent += chaos.send(pair.listen, chaos.poison())
        _check_accounts(pair, sent)
        before = _rows(pair)
        sent += chaos.send(pair.listen, iter([(chaos.GOOD, {})] * REQUESTS_AFTERWARDS))
        expected = before + REQUESTS_AFTERWARDS * chaos.ROWS_OF_GOOD
        assert eventually(lambda: _rows(pair) == expected), (_rows(pair), expected)
        _check_accounts(pair, sent)


def _check_accounts(pair: RunningPair, sent: chaos.Sent) -> None:
    def accounted_for() -> bool:
        found = pair.requests()
        counted = total(found, names.REQUESTS, model=chaos.MODEL, code="200")
        return counted == accounted(found, chaos.MODEL) == sent.answered

    assert sent.failed == 0
    assert eventually(accounted_for), (sent, _accounts(pair))
    assert total(pair.requests(), names.REQUESTS) == sent.answered


def _accounts(pair: RunningPair) -> list[object]:
    interesting = (names.REQUESTS, names.FRAMES, names.FRAMES_DROPPED)
    return [one for one in pair.requests() if one.name in interesting and one.value]


def _rows(pair: RunningPair) -> float:
    return total(pair.features(), names.ROWS, model=chaos.MODEL)
