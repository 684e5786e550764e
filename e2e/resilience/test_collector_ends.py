"""The collector's worker ends again and again: nobody but its counters can tell."""

import pytest

from e2e.cluster import changes, workloads
from e2e.cluster.kubectl import Place
from e2e.cluster.load import steady_load
from e2e.cluster.twins import WATCHED, Twins
from modelmonitor_api import names
from modelmonitor_cli.testing import eventually, samples, total

pytestmark = pytest.mark.timeout(300)

TIMES = 20
RATE = 20.0
PROGRAM = workloads.PROGRAMS / "end_worker.py"


@pytest.mark.parametrize(("way", "for_memory"), [("kill", 0), ("exhaust", TIMES)])
def test_a_collector_that_dies_twenty_times_is_seen_by_no_client_and_no_service(
    pair: Twins, way: str, for_memory: int
) -> None:
    team, pod = pair.watched, pair.pods()[0]
    assert eventually(lambda: _deaths(team, pod) >= 0)
    deaths = _deaths(team, pod)
    with (
        changes.watched(team, "pods", "app=churn") as seen_pods,
        changes.watched(team, "endpointslices", "kubernetes.io/service-name=churn") as seen_slices,
        steady_load(team, RATE, {WATCHED: pair.addresses()[WATCHED]}) as load,
    ):
        before = changes.restarts(team.pods())
        assert _end_workers(team, pod, way) == for_memory
        assert eventually(lambda: _deaths(team, pod) == deaths + TIMES), _deaths(team, pod)
        assert changes.restarts(team.pods()) == before

    assert load.answered(WATCHED) > 0
    assert load.failed(WATCHED) == 0, load.counts
    assert len({changes.readiness(one) for one in seen_pods.states}) == len(pair.pods())
    assert len({one["metadata"]["resourceVersion"] for one in seen_slices.states}) == 1


def _end_workers(place: Place, pod: str, way: str) -> int:
    """How many of them the kernel killed for want of memory."""
    command = ("exec", "-i", pod, "-c", names.CONTAINER_COLLECTOR, "--", "python", "-")
    return int(place.run(*command, way, str(TIMES), read=PROGRAM.read_text()))


def _deaths(place: Place, pod: str) -> float:
    """Of all workers of this pod; below zero while one begins and does not answer yet."""
    try:
        text = place.from_pod(pod, names.PORT_COLLECTOR, names.PATH_METRICS)
    except AssertionError:
        return -1
    return total(samples(text), names.COLLECTOR_WORKER_DEATHS)
