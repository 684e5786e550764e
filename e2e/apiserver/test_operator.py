"""The operator on a real API server: it makes, mends, keeps, prunes and says, and then is quiet.

One operator serves all tests of this file; each has a namespace of its own.
"""

import json
from collections.abc import Iterator

import pytest

from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_operator import OperatorProcess, running_operator
from modelmonitor_cli.testing_team import Kubectl, Team, deployment, monitor, service
from modelmonitor_operator.testing_monitors import baseline, baseline_config_map

pytestmark = pytest.mark.timeout(300)

START_SECONDS = 60.0
HEAL_SECONDS = 2.0
SOON_SECONDS = 30.0
QUICK = {"unsettledSeconds": 1, "resyncSeconds": 10}


@pytest.fixture(scope="module")
def operator(home: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperatorProcess]:
    """Running and ready."""
    with running_operator(tmp_path_factory.mktemp("operator"), home, operator=QUICK) as started:
        assert eventually(started.is_ready, START_SECONDS), started.log.read_text()
        yield started


@pytest.fixture
def team(kubectl: Kubectl, operator: OperatorProcess, namespace: str) -> Team:
    """With nothing in it."""
    return Team(kubectl, namespace)


def test_the_smallest_monitor_is_soon_ready_and_says_what_it_waits_for(team: Team) -> None:
    team.apply(monitor())

    assert team.is_ready()
    status = team.get("mmon/churn")["status"]
    assert status["injection"] == "Armed"
    assert (status["models"], status["features"], status["series"]) == (1, 0, 150)
    assert team.condition("Armed")["reason"] == "NothingSelected"
    assert (
        json.loads(team.get("cm/churn-modelmonitor")["data"]["config.json"])["monitor"] == "churn"
    )
    assert team.get("cm/churn-modelmonitor-dashboard")


@pytest.mark.parametrize("name", ["cm/churn-modelmonitor", "cm/churn-modelmonitor-dashboard"])
def test_what_is_edited_or_deleted_is_mended_within_two_seconds(team: Team, name: str) -> None:
    team.apply(monitor())
    assert team.is_ready()
    (key,) = team.get(name)["data"]
    right = team.get(name)["data"]

    team.patch(name, data={key: "wrong"})
    assert eventually(lambda: team.get(name)["data"] == right, HEAL_SECONDS)
    team.patch(name, metadata={"labels": {"modelmonitor.io/monitor-uid": None}})
    assert eventually(
        lambda: "modelmonitor.io/monitor-uid" in team.get(name)["metadata"]["labels"], HEAL_SECONDS
    )
    team.delete(name)
    assert eventually(lambda: team.get(name).get("data") == right, HEAL_SECONDS)


def test_a_status_that_somebody_forges_is_mended(kubectl: Kubectl, team: Team) -> None:
    team.apply(monitor(suspend=True))
    assert team.comes_to("Ready", "Suspended")

    forged = json.dumps({"status": {"injection": "Armed"}})
    words = ("--subresource=status", "--type=merge", "-p", forged)
    kubectl("-n", team.namespace, "patch", "mmon/churn", *words)

    assert eventually(
        lambda: team.get("mmon/churn")["status"]["injection"] == "Disarmed", HEAL_SECONDS
    )


def test_a_condition_of_another_controller_stays(kubectl: Kubectl, team: Team) -> None:
    team.apply(monitor())
    assert team.is_ready()
    reviewed = {
        "type": "Reviewed",
        "status": "True",
        "reason": "Looked",
        "message": "by people",
        "lastTransitionTime": "2026-01-02T03:04:05Z",
    }
    place = {"name": "churn", "namespace": team.namespace}
    theirs = {**monitor(), "metadata": place, "status": {"conditions": [reviewed]}}
    del theirs["spec"]
    words = ("--server-side", "--field-manager=reviewer", "--subresource=status", "-f", "-")
    kubectl("apply", *words, read=json.dumps(theirs))

    team.patch("mmon/churn", spec={"suspend": True})

    assert team.comes_to("Ready", "Suspended")
    assert team.condition("Reviewed") == reviewed


def test_with_the_monitor_all_that_was_made_for_it_goes(team: Team) -> None:
    team.apply(monitor())
    assert team.is_ready()

    team.delete("mmon/churn")

    assert eventually(lambda: not team.get("cm/churn-modelmonitor"), SOON_SECONDS)
    assert eventually(lambda: not team.get("cm/churn-modelmonitor-dashboard"), SOON_SECONDS)


def test_a_service_that_goes_past_the_proxy_disarms_until_it_is_mended(team: Team) -> None:
    team.apply(deployment())
    team.apply(service(8080))
    team.apply(monitor())

    assert team.comes_to("Armed", "TargetPortNumber")
    assert "set targetPort to http" in team.condition("Ready")["message"]
    assert team.get("mmon/churn")["status"]["injection"] == "Disarmed"

    team.apply(service("http"))
    assert team.comes_to("Armed", "Armed")
    assert team.is_ready()


def test_the_older_of_two_monitors_has_the_pods_and_the_younger_inherits_them(team: Team) -> None:
    team.apply(monitor("first"))
    assert team.is_ready("first")
    team.apply(monitor("second"))

    assert team.comes_to("Armed", "Overlap", "second")
    assert "ModelMonitor first" in team.condition("Armed", "second")["message"]
    assert team.condition("Armed", "first")["status"] == "True"

    team.delete("mmon/first")
    assert team.is_ready("second")


def test_a_broken_baseline_leaves_the_last_good_one_in_use(team: Team) -> None:
    models = [{"name": "churn", "baselines": [{"configMap": "churn-baseline"}]}]
    team.apply(baseline_config_map(baseline()))
    team.apply(monitor(models=models))
    assert team.comes_to("BaselinesLoaded", "Loaded")
    used = team.get("cm/churn-modelmonitor")["binaryData"]
    assert len(used) == 1

    team.apply(baseline_config_map(b"\x1f\x8bbroken"))
    assert team.comes_to("BaselinesLoaded", "Unreadable")
    assert team.get("cm/churn-modelmonitor")["binaryData"] == used

    team.apply(baseline_config_map(baseline(rows=200)))
    assert team.comes_to("BaselinesLoaded", "Loaded")
    assert team.get("cm/churn-modelmonitor")["binaryData"].keys() != used.keys()


def test_what_is_no_longer_wanted_is_pruned(team: Team) -> None:
    team.apply(deployment())
    team.apply(monitor(routing="MonitoredService"))
    assert eventually(lambda: bool(team.get("service/churn-monitored")), SOON_SECONDS)

    team.apply(monitor(routing="NamedPort"))

    assert eventually(lambda: not team.get("service/churn-monitored"), SOON_SECONDS)
    assert team.is_ready()


def test_nothing_of_others_is_ever_written(team: Team) -> None:
    for one in (deployment(), service(8080), baseline_config_map(baseline()), monitor()):
        team.apply(one)
    assert team.comes_to("Armed", "TargetPortNumber")

    for name in ("deployment/churn", "service/churn", "cm/churn-baseline"):
        metadata = team.get(f"{name}")["metadata"]
        assert "finalizers" not in metadata
        assert not [key for key in metadata.get("annotations", {}) if "modelmonitor" in key]
    own = team.get("mmon/churn")["metadata"]
    assert "finalizers" not in own
    assert set(own["annotations"]) == {"kubectl.kubernetes.io/last-applied-configuration"}


def looks(operator: OperatorProcess) -> float:
    return operator.counted("modelmonitor_operator_reconciles_total")


def writes(operator: OperatorProcess) -> float:
    """All but the Lease's, which is replaced."""
    metric = "modelmonitor_operator_api_requests_total"
    return sum(operator.counted(metric, verb=verb) for verb in ("patch", "post", "delete"))


def test_in_a_steady_state_it_looks_and_writes_nothing(
    team: Team, operator: OperatorProcess
) -> None:
    team.apply(monitor())
    assert team.is_ready()
    seen = [looks(operator), writes(operator)]

    def quiet() -> bool:
        """Ten looks without a write; other tests' monitors may still be going."""
        now = [looks(operator), writes(operator)]
        if now[1] != seen[1]:
            seen[:] = now
        return now[0] >= seen[0] + 10

    assert eventually(quiet, 120)
