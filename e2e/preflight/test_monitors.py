"""Several monitors of the same pods, and one that is to rest."""

from collections.abc import Iterator
from typing import Any

import pytest

from e2e.cluster import watching, workloads
from e2e.cluster.kubectl import Place
from modelmonitor_api.names import LABEL_MONITOR
from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_team import monitor

pytestmark = pytest.mark.timeout(600)

OBJECTS = ("configmaps", "podmonitors", "prometheusrules")
MADE = "modelmonitor.io/monitor-uid"


@pytest.fixture
def team(installed: None) -> Iterator[Place]:
    """A team with nothing watched yet."""
    with watching.new_team() as place:
        yield place


def _watched_by(pod: dict[str, Any]) -> str:
    label: str = pod["metadata"]["labels"].get(LABEL_MONITOR, "nobody")
    return label


def test_of_two_monitors_the_older_keeps_the_pods_and_the_younger_says_so(team: Place) -> None:
    team.apply(monitor("first"))
    assert eventually(lambda: team.condition("Armed", "first").get("status") == "True", 60)
    team.apply(monitor("second"))
    assert team.comes_to("Armed", "Overlap", "second")
    assert "ModelMonitor first is older" in team.condition("Armed", "second")["message"]

    assert watching.begins_to_inject(team)
    team.apply(workloads.deployment(watching.template()))
    team.rolled_out("deployment/churn")
    (pod,) = team.pods()
    assert (_watched_by(pod), watching.sidecars(pod)) == ("first", watching.SIDECARS)

    team.delete("mmon/first")
    assert eventually(lambda: team.condition("Armed", "second").get("status") == "True", 60)
    assert eventually(lambda: _watched_by(watching.tried(team, watching.template())) == "second")
    (same,) = team.pods()
    assert (same["metadata"]["uid"], _watched_by(same)) == (pod["metadata"]["uid"], "first")
    assert watching.serves(team)


def _made(place: Place) -> set[str]:
    return {
        f"{kind}/{one['metadata']['name']}" for kind in OBJECTS for one in place.all(kind, MADE)
    }


def _alerts(place: Place) -> list[str]:
    groups = [
        group for one in place.all("prometheusrules", MADE) for group in one["spec"]["groups"]
    ]
    return [rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule]


def test_a_suspended_monitor_injects_and_alerts_nobody_and_keeps_its_objects(team: Place) -> None:
    team.apply(monitor())
    assert watching.begins_to_inject(team)
    assert eventually(lambda: bool(_alerts(team)))
    before = _made(team)

    team.patch("mmon/churn", spec={"suspend": True})
    assert "set it to false" in watching.comes_to(team, "Armed", "Suspended")
    assert eventually(lambda: not watching.injects(team))
    assert eventually(lambda: not _alerts(team))
    assert _made(team) == before
    assert any(one.startswith("prometheusrules/") for one in before)

    team.patch("mmon/churn", spec={"suspend": False})
    assert watching.begins_to_inject(team)
    assert eventually(lambda: bool(_alerts(team)))
