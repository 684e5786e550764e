"""Where quotas and limits have no room for the sidecars, the team's own pods come up without."""

from collections.abc import Iterator
from typing import Any

import pytest

from e2e.cluster import watching, workloads
from e2e.cluster.kubectl import Place
from modelmonitor_cli.testing_team import monitor

pytestmark = pytest.mark.timeout(600)

WATCHED = monitor(models=watching.MODELS)


def _quota(mebibytes: int) -> dict[str, Any]:
    """The client and each pod request 64, the sidecars of a pod 320."""
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "tight"},
        "spec": {"hard": {"requests.memory": f"{mebibytes}Mi"}},
    }


def _limits(mebibytes: int) -> dict[str, Any]:
    bounds = {"type": "Container", "max": {"memory": f"{mebibytes}Mi"}}
    return {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": "tight"},
        "spec": {"limits": [bounds]},
    }


@pytest.fixture
def team(installed: None) -> Iterator[Place]:
    """A team with nothing watched yet."""
    with watching.new_team() as place:
        yield place


def _pods(place: Place) -> list[set[str]]:
    place.rolled_out("deployment/churn")
    return sorted((watching.sidecars(pod) for pod in place.pods()), key=len)


def _is_watched_after_a_restart(place: Place) -> bool:
    watching.comes_to(place, "Armed", "Armed")
    assert watching.begins_to_inject(place)
    place.restart("deployment/churn")
    return _pods(place) == [watching.SIDECARS] * 2


def test_a_quota_that_is_too_small_is_named_until_it_is_raised(team: Place) -> None:
    watching.applied(team, _quota(300), workloads.deployment(watching.template(), 2), WATCHED)

    told = watching.comes_to(team, "Armed", "QuotaTooSmall")
    assert "ResourceQuota tight has" in told
    assert "of requests.memory left and the sidecars need" in told
    assert not watching.injects(team)
    assert _pods(team) == [set(), set()]

    watching.applied(team, _quota(1500))
    assert _is_watched_after_a_restart(team)


def test_pods_for_which_a_quota_has_no_room_with_sidecars_come_up_without(team: Place) -> None:
    """The first pod fits with them.  The second does not, and nobody knew that there would be.

    A ReplicaSet that was refused tries again later and later, so a new one is asked for.
    """
    watching.applied(team, _quota(600), WATCHED)
    watching.comes_to(team, "Armed", "NothingSelected")
    assert watching.begins_to_inject(team)

    watching.applied(team, workloads.deployment(watching.template(), 2))
    told = watching.comes_to(team, "Armed", "PodsRefused")
    assert "tight" in told
    assert not watching.injects(team)
    team.restart("deployment/churn")
    assert _pods(team) == [set(), set()]
    assert watching.serves(team, 5)


def test_a_limit_range_that_has_no_room_is_named_until_it_is_changed(team: Place) -> None:
    watching.applied(team, _limits(100), workloads.deployment(watching.template(), 2), WATCHED)

    told = watching.comes_to(team, "Armed", "LimitRange")
    assert "LimitRange tight" in told
    assert not watching.injects(team)
    assert _pods(team) == [set(), set()]

    watching.applied(team, _limits(200))
    assert _is_watched_after_a_restart(team)
