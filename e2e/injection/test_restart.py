"""Running pods are nobody's but their owner's: in and out, the sidecars come by a restart."""

import shlex
from collections.abc import Iterator

import pytest

from e2e.cluster import watching, workloads
from e2e.cluster.kubectl import Place, kubectl
from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_team import SOON_SECONDS, monitor

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def running(installed: None) -> Iterator[Place]:
    """A team whose model served before there was a monitor."""
    with watching.new_team() as place:
        place.apply(workloads.deployment(watching.template(), 2))
        place.rolled_out("deployment/churn")
        place.apply(monitor(models=watching.MODELS))
        watching.comes_to(place, "Injected", "PendingRestart")
        assert watching.begins_to_inject(place)
        yield place


def _type(place: Place, told: str) -> None:
    """What the message ends with, as somebody types it; and wait for it."""
    _, found, command = told.partition("kubectl ")
    assert found, told
    kubectl(*shlex.split(command))
    place.rolled_out("deployment/churn")


def _of_pods(place: Place) -> dict[str, list[int]]:
    """How often containers of which pods were restarted."""
    return {
        pod["metadata"]["uid"]: [one["restartCount"] for one in pod["status"]["containerStatuses"]]
        for pod in place.pods()
    }


def test_the_command_that_is_told_injects_and_a_deleted_monitor_takes_nothing_out(
    running: Place,
) -> None:
    before = _of_pods(running)
    pending = running.get("mmon/churn")["status"]["target"]["pendingRestart"]
    assert pending["pods"] == 2
    assert running.condition("Injected")["message"].endswith(pending["command"])
    assert _of_pods(running) == before
    assert list(before.values()) == [[0], [0]]

    _type(running, running.condition("Injected")["message"])
    assert [watching.sidecars(pod) for pod in running.pods()] == [watching.SIDECARS] * 2
    watching.comes_to(running, "Injected", "Injected")
    assert watching.serves(running, 5)

    injected = _of_pods(running)
    running.delete("mmon/churn")
    assert eventually(lambda: not running.get("cm/churn-modelmonitor"), SOON_SECONDS)
    requests, _ = watching.counted(running)
    assert watching.sent(running, 10) == {"200": 10}
    assert eventually(lambda: watching.counted(running)[0] == requests + 10)
    assert _of_pods(running) == injected

    running.restart("deployment/churn")
    assert [watching.sidecars(pod) for pod in running.pods()] == [set(), set()]
    assert watching.serves(running, 5)


def test_a_suspended_monitor_tells_the_command_that_takes_sidecars_out(running: Place) -> None:
    _type(running, running.condition("Injected")["message"])
    watching.comes_to(running, "Injected", "Injected")
    injected = _of_pods(running)

    running.patch("mmon/churn", spec={"suspend": True})
    watching.comes_to(running, "Armed", "Suspended")
    assert eventually(lambda: not watching.injects(running))
    told = watching.comes_to(running, "Injected", "StillInjected")
    assert "2 of 2 pods still have sidecars" in told
    assert _of_pods(running) == injected

    _type(running, told)
    assert [watching.sidecars(pod) for pod in running.pods()] == [set(), set()]
    assert watching.serves(running, 5)
