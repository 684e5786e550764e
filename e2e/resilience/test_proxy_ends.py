"""The proxy's worker ends again and again under load."""

import pytest

from e2e.cluster import changes, workloads
from e2e.cluster.kubectl import Place
from e2e.cluster.load import steady_load
from e2e.cluster.twins import WATCHED, Twins
from modelmonitor_api import names
from modelmonitor_cli.testing import eventually, samples, total

pytestmark = pytest.mark.timeout(300)

TIMES = 20
CLIENTS = 2
RATE = 20.0
PROGRAM = workloads.PROGRAMS / "end_worker.py"


def test_a_proxy_whose_worker_dies_refuses_no_connection_and_goes_on_counting(
    pair: Twins,
) -> None:
    team, pod = pair.watched, pair.pods()[0]
    addresses = {WATCHED: pair.addresses()[WATCHED]}
    with (
        changes.watched(team, "pods", "app=churn") as seen,
        steady_load(team, RATE, addresses) as load,
    ):
        before = changes.restarts(team.pods())
        _kill_workers(team, pod)
        assert changes.restarts(team.pods()) == before

    assert load.of(WATCHED, "ConnectionRefusedError") == 0, load.counts
    # Lost is only what was inside a worker when it died: at most a request a client.
    assert load.failed(WATCHED) <= TIMES * CLIENTS, load.counts
    assert len({changes.readiness(one) for one in seen.states}) == len(pair.pods())
    _goes_on_counting(pair, addresses)


def _goes_on_counting(pair: Twins, addresses: dict[str, str]) -> None:
    before = _counted(pair)
    with steady_load(pair.watched, RATE, addresses) as load:
        assert eventually(lambda: _counted(pair) > before)
    assert load.failed(WATCHED) == 0, load.counts
    assert eventually(lambda: _counted(pair) == before + load.answered(WATCHED)), load.counts


def _kill_workers(place: Place, pod: str) -> None:
    command = ("exec", "-i", pod, "-c", names.CONTAINER_PROXY, "--", "python", "-", "kill")
    place.run(*command, str(TIMES), read=PROGRAM.read_text())


def _counted(pair: Twins) -> float:
    texts = [
        pair.watched.from_pod(pod, names.PORT_PROXY_ADMIN, names.PATH_METRICS)
        for pod in pair.pods()
    ]
    return sum(total(samples(text), names.REQUESTS, model="churn", code="200") for text in texts)
