"""A label on pods or on a namespace is stronger than any monitor, and the monitor says so."""

from collections.abc import Iterator

import pytest

from e2e.cluster import watching, workloads
from e2e.cluster.kubectl import Place, kubectl
from modelmonitor_api.names import LABEL_INJECT
from modelmonitor_cli.testing_team import monitor

pytestmark = pytest.mark.timeout(600)

OUT = {LABEL_INJECT: "false"}


@pytest.fixture
def team(installed: None) -> Iterator[Place]:
    """A team whose new pods get sidecars."""
    with watching.new_team() as place:
        place.apply(monitor())
        assert watching.begins_to_inject(place)
        yield place


def test_pods_with_the_label_come_up_without_sidecars(team: Place) -> None:
    of = watching.template()
    of["metadata"]["labels"] |= OUT
    team.apply(workloads.deployment(of))
    team.rolled_out("deployment/churn")

    assert [watching.sidecars(pod) for pod in team.pods()] == [set()]
    told = watching.comes_to(team, "Injected", "OptedOut")
    assert f'all 1 pods bear the label {LABEL_INJECT}: "false"' in told
    assert watching.injects(team)


def test_pods_of_a_namespace_with_the_label_come_up_without_sidecars(team: Place) -> None:
    kubectl("label", "namespace", team.namespace, f"{LABEL_INJECT}=false")
    team.apply(workloads.deployment(watching.template()))
    team.rolled_out("deployment/churn")

    assert [watching.sidecars(pod) for pod in team.pods()] == [set()]
    told = watching.comes_to(team, "Armed", "NamespaceOptedOut")
    assert f'namespace {team.namespace} bears the label {LABEL_INJECT}: "false"' in told

    kubectl("label", "namespace", team.namespace, f"{LABEL_INJECT}-")
    watching.comes_to(team, "Injected", "PendingRestart")
    assert watching.begins_to_inject(team)
