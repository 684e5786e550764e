"""A namespace that enforces the Pod Security profile `restricted`."""

from collections.abc import Iterator

import pytest

from e2e.cluster import watching, workloads
from e2e.cluster.kubectl import Place
from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_team import monitor

pytestmark = pytest.mark.timeout(600)

PROFILE = "pod-security.kubernetes.io"
RESTRICTED = {f"{PROFILE}/{mode}": "restricted" for mode in ("enforce", "warn", "audit")}


@pytest.fixture(scope="module")
def team(installed: None) -> Iterator[Place]:
    """A team in such a namespace that is watched."""
    with watching.new_team(RESTRICTED) as place:
        place.apply(monitor(models=watching.MODELS))
        assert watching.begins_to_inject(place)
        place.apply(workloads.deployment(watching.template(), 2))
        yield place


def test_its_pods_come_up_with_both_sidecars_and_are_counted(team: Place) -> None:
    team.rolled_out("deployment/churn")
    assert [watching.sidecars(pod) for pod in team.pods()] == [watching.SIDECARS] * 2

    assert watching.serves(team)
    requests, rows = watching.counted(team)
    assert watching.sent(team, 10) == {"200": 10}
    assert eventually(lambda: watching.counted(team) == (requests + 10, rows + 10))


def test_nobody_is_warned_of_a_pod_with_sidecars(team: Place) -> None:
    """kubectl takes a warning for an error here; only the one about a careless app comes."""
    assert watching.injects(team)

    careless = watching.template(watching.server(securityContext=None))
    with pytest.raises(AssertionError, match="restricted") as told:
        watching.tried(team, careless)
    assert '"server"' in str(told.value)
    assert not any(name in str(told.value) for name in watching.SIDECARS)
