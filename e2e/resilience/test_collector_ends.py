"""The collector's worker ends again and again: nobody but its counters can tell."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from e2e.cluster import changes, workloads
from e2e.cluster.kubectl import Place
from e2e.cluster.load import steady_load
from e2e.cluster.twins import WATCHED, Twins
from modelmonitor_api import names
from modelmonitor_cli.testing import eventually, samples, total

pytestmark = pytest.mark.timeout(200)

TIMES = 20
RATE = 20.0
PROGRAM = workloads.PROGRAMS / "end_worker.py"


@pytest.mark.parametrize(("way", "for_memory"), [("kill", 0), ("exhaust", TIMES)])
def test_a_collector_that_dies_twenty_times_is_seen_by_no_client_and_no_service(
    pair: Twins, way: str, for_memory: int
) -> None:
    team, pods = pair.watched, pair.pods()
    deaths = _deaths(team, pods)
    with (
        changes.watched(team, "pods", "app=churn") as seen_pods,
        changes.watched(team, "endpointslices", "kubernetes.io/service-name=churn") as seen_slices,
        steady_load(team, RATE, {WATCHED: pair.addresses()[WATCHED]}) as load,
    ):
        before = changes.restarts(team.pods())
        with ThreadPoolExecutor(len(pods)) as aside:
            ended = aside.map(lambda pod: _end_workers(team, pod, way), pods)
            assert list(ended) == [for_memory] * len(pods)
        assert eventually(lambda: _deaths(team, pods) == deaths + TIMES * len(pods))
        assert changes.restarts(team.pods()) == before

    assert load.answered(WATCHED) > 0
    assert load.failed(WATCHED) == 0, load.counts
    assert len({changes.readiness(pod) for pod in seen_pods.states}) == len(pods)
    assert len({one["metadata"]["resourceVersion"] for one in seen_slices.states}) == 1


def _end_workers(place: Place, pod: str, way: str) -> int:
    """How many of them the kernel killed for want of memory."""
    command = ("exec", "-i", pod, "-c", names.CONTAINER_COLLECTOR, "--", "python", "-")
    return int(place.run(*command, way, str(TIMES), read=PROGRAM.read_text()))


def _deaths(place: Place, pods: list[str]) -> float:
    """Of all workers of these pods; one that has just begun does not answer yet."""
    try:
        texts = [place.from_pod(pod, names.PORT_COLLECTOR, names.PATH_METRICS) for pod in pods]
    except AssertionError:
        return -1
    return sum(total(samples(text), names.COLLECTOR_WORKER_DEATHS) for text in texts)
