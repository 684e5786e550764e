"""One operator after another, and two at once: the Lease, and what a new one finds."""

import uuid
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_operator import OperatorProcess, running_operator
from modelmonitor_cli.testing_team import Kubectl, Team, monitor

pytestmark = pytest.mark.timeout(300)

START_SECONDS = 60.0
SOON_SECONDS = 30.0
LEASE_SECONDS = 3
QUICK = {"unsettledSeconds": 1, "resyncSeconds": 10, "leaseSeconds": LEASE_SECONDS}


@pytest.fixture
def home(kubectl: Kubectl, crd: None) -> Iterator[str]:
    """A namespace of the operators: pods of their own are never injected."""
    name = f"mm-test-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


def test_started_anew_it_writes_nothing(
    kubectl: Kubectl, home: str, namespace: str, tmp_path: Path
) -> None:
    team = Team(kubectl, namespace)
    with running_operator(tmp_path, home, "before", operator=QUICK) as before:
        assert eventually(before.is_ready, START_SECONDS), before.log.read_text()
        team.apply(monitor())
        assert team.is_ready()
    versions = {name: version(team, name) for name in ("mmon/churn", "cm/churn-modelmonitor")}

    with running_operator(tmp_path, home, "after", operator=QUICK) as after:
        assert eventually(after.is_ready, START_SECONDS), after.log.read_text()
        assert eventually(lambda: looks(after) >= 3, SOON_SECONDS)
    assert {name: version(team, name) for name in versions} == versions


def version(team: Team, name: str) -> str:
    found: str = team.get(name)["metadata"]["resourceVersion"]
    return found


def test_when_the_leader_is_killed_the_other_goes_on(
    kubectl: Kubectl, home: str, namespace: str, tmp_path: Path
) -> None:
    team, quarters = Team(kubectl, namespace), Team(kubectl, home)
    with running_operator(tmp_path, home, "first", operator=QUICK) as first:
        assert eventually(first.is_ready, START_SECONDS), first.log.read_text()
        assert eventually(partial(leads, quarters, "first"), START_SECONDS)
        with running_operator(tmp_path, home, "second", operator=QUICK) as second:
            assert eventually(second.is_ready, START_SECONDS), second.log.read_text()
            assert second.counted("modelmonitor_operator_leader") == 0
            first.kill()
            assert eventually(partial(leads, quarters, "second"), 5 * LEASE_SECONDS)
            team.apply(monitor())
            assert team.is_ready()


def leads(quarters: Team, identity: str) -> bool:
    spec: Mapping[str, Any] = quarters.get("lease/modelmonitor-operator").get("spec", {})
    return spec.get("holderIdentity") == identity


def test_told_to_stop_it_gives_the_lease_back(kubectl: Kubectl, home: str, tmp_path: Path) -> None:
    quarters = Team(kubectl, home)
    with running_operator(tmp_path, home, operator=QUICK) as started:
        assert eventually(partial(leads, quarters, "operator-1"), START_SECONDS)
        assert started.stop() == 0
    assert leads(quarters, "")


def looks(operator: OperatorProcess) -> float:
    return operator.counted("modelmonitor_operator_reconciles_total")
