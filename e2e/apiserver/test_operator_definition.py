"""An operator that is newer than the resource's definition says so, and works once it is not."""

import json
import urllib.error
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_operator import OperatorProcess, running_operator
from modelmonitor_cli.testing_team import Kubectl, Team, monitor

pytestmark = pytest.mark.timeout(300)

START_SECONDS = 60.0
LOOK_SECONDS = 60.0
"""Twice as long as the operator waits between two looks at the definition."""
DEFINITION = Path(__file__).resolve().parents[2] / "crds" / "modelmonitors.modelmonitor.io.yaml"


def apply(kubectl: Kubectl, definition: dict[str, Any]) -> None:
    words = ("apply", "--server-side", "--force-conflicts", "-f", "-")
    kubectl(*words, read=json.dumps(definition))


def of_before() -> dict[str, Any]:
    """As an earlier version knew the resource: its status had fewer fields."""
    definition: dict[str, Any] = yaml.safe_load(DEFINITION.read_text())
    definition["metadata"]["annotations"]["modelmonitor.io/version"] = "0.0.9"
    (version,) = definition["spec"]["versions"]
    del version["schema"]["openAPIV3Schema"]["properties"]["status"]["properties"]["bindings"]
    return definition


@pytest.fixture
def older(kubectl: Kubectl, crd: None) -> Iterator[None]:
    """The definition of before, while the test runs."""
    apply(kubectl, of_before())
    yield
    apply(kubectl, yaml.safe_load(DEFINITION.read_text()))


@pytest.fixture
def home(kubectl: Kubectl, crd: None) -> Iterator[str]:
    """The operator's own namespace."""
    name = f"mm-test-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


def why_unready(operator: OperatorProcess) -> str:
    """What /readyz says where it does not say ok."""
    try:
        operator.page("/readyz")
    except urllib.error.HTTPError as error:
        return error.read().decode()
    except OSError:
        return "no answer"
    return ""


def test_an_older_definition_keeps_the_operator_from_being_ready_until_it_is_applied(
    kubectl: Kubectl, older: None, home: str, namespace: str, tmp_path: Path
) -> None:
    team = Team(kubectl, namespace)
    with running_operator(tmp_path, home, operator={"unsettledSeconds": 1}) as started:
        assert eventually(lambda: "is of 0.0.9" in why_unready(started), START_SECONDS)
        assert "apply crds/modelmonitors.modelmonitor.io.yaml" in why_unready(started)
        assert started.counted("modelmonitor_operator_definition_outdated") == 1
        assert started.page("/healthz") == "ok"

        team.apply(monitor())
        apply(kubectl, yaml.safe_load(DEFINITION.read_text()))

        assert eventually(started.is_ready, LOOK_SECONDS), why_unready(started)
        assert team.is_ready()
        assert "older than this operator's" in started.log.read_text()
