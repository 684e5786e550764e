"""The operator on a real API server with the longest names and the largest baselines there may be.

What is one more than that is refused by the API server (`test_resource_stored.py`), or said.
"""

import json
import uuid
from collections.abc import Iterator

import pytest

from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_operator import OperatorProcess, running_operator
from modelmonitor_cli.testing_team import Kubectl, Team, monitor
from modelmonitor_operator.testing_monitors import baseline, baseline_config_map, wide_baseline

pytestmark = pytest.mark.timeout(300)

START_SECONDS = 60.0
QUICK = {"unsettledSeconds": 1, "resyncSeconds": 10}
LONGEST_NAME = "m" * 50
LONGEST_REFERENCE = "b" * 253
FEATURES = 500
NO_ROOM = {"features": 700, "name_bytes": 500}
"""Each name stands in a baseline twice: 800 KB that cannot be packed."""


@pytest.fixture(scope="module")
def operator(
    kubectl: Kubectl, crd: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OperatorProcess]:
    """Running and ready."""
    home = f"mm-test-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", home)
    folder = tmp_path_factory.mktemp("operator")
    with running_operator(folder, home, operator=QUICK) as started:
        assert eventually(started.is_ready, START_SECONDS), started.log.read_text()
        yield started
    kubectl("delete", "namespace", home, "--wait=false")


@pytest.fixture
def team(kubectl: Kubectl, operator: OperatorProcess, namespace: str) -> Team:
    """With nothing in it."""
    return Team(kubectl, namespace)


def watching(config_map: str) -> list[dict[str, object]]:
    return [{"name": "churn", "baselines": [{"configMap": config_map}]}]


def test_the_longest_names_become_names_of_objects(team: Team) -> None:
    team.apply(baseline_config_map(baseline(), LONGEST_REFERENCE))
    team.apply(monitor(LONGEST_NAME, models=watching(LONGEST_REFERENCE)))

    assert team.is_ready(LONGEST_NAME)
    assert team.condition("BaselinesLoaded", LONGEST_NAME)["reason"] == "Loaded"
    assert len(team.get(f"cm/{LONGEST_NAME}-modelmonitor")["binaryData"]) == 1
    assert team.get(f"cm/{LONGEST_NAME}-modelmonitor-dashboard")


def test_five_hundred_features_are_loaded_and_counted(team: Team) -> None:
    team.apply(baseline_config_map(wide_baseline(FEATURES)))
    team.apply(monitor(models=watching("churn-baseline")))

    assert team.comes_to("BaselinesLoaded", "Loaded")
    assert team.is_ready()
    assert team.get("mmon/churn")["status"]["features"] == FEATURES


def test_a_baseline_that_fits_a_config_map_alone_but_not_ours_is_told(
    kubectl: Kubectl, team: Team
) -> None:
    too_large = baseline_config_map(wide_baseline(**NO_ROOM))
    too_large["metadata"]["namespace"] = team.namespace
    kubectl("create", "-f", "-", read=json.dumps(too_large))
    team.apply(monitor(models=watching("churn-baseline")))

    assert team.comes_to("BaselinesLoaded", "TooLarge")
    assert "build smaller baselines" in team.condition("BaselinesLoaded")["message"]
    assert team.is_ready()
    assert "binaryData" not in team.get("cm/churn-modelmonitor")
