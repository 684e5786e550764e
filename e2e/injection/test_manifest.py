"""`modelmonitor inject` writes what the policy would make; nobody in the cluster has to help."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.cluster import images, watching, workloads
from e2e.cluster.kubectl import Place
from modelmonitor_api import names
from modelmonitor_cli.testing import eventually, samples, total
from modelmonitor_cli.testing_team import monitor

pytestmark = pytest.mark.timeout(600)

ROWS = 10
WATCHED = monitor(models=watching.MODELS)
GIVEN = workloads.deployment(watching.template())


ASSIGNED = 1_000_680_000
"""A user of the range that a platform gives to a namespace; no image knows it."""


def injected(folder: Path, given: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """A Deployment as the command writes it."""
    files = {"given": given, "monitor": WATCHED, "values": values}
    for name, document in files.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(document))
    command = [sys.executable, "-m", "modelmonitor_cli", "inject", "-f", "given.yaml"]
    command += ["--monitor", "monitor.yaml", "--values", "values.yaml", "-o", "out.yaml"]
    subprocess.run([*command, "--image", images.SIDECAR], check=True, cwd=folder)
    deployment: dict[str, Any] = yaml.safe_load((folder / "out.yaml").read_text())
    return deployment


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The Deployment as the command writes it."""
    return injected(tmp_path_factory.mktemp("manifests"), GIVEN, {})


@pytest.fixture
def team(installed: None) -> Iterator[Place]:
    """A team without a monitor."""
    with watching.new_team() as place:
        yield place


def _compared(pod: dict[str, Any]) -> tuple[Any, ...]:
    """Without the random name of the token's volume, and the order of volumes."""
    spec = json.loads(json.dumps(pod["spec"]).replace(_token(pod), "kube-api-access"))
    volumes = {one["name"]: one for one in spec.pop("volumes")}
    return pod["metadata"]["labels"], pod["metadata"]["annotations"], spec, volumes


def _token(pod: dict[str, Any]) -> str:
    names_ = [one["name"] for one in pod["spec"]["volumes"]]
    (found,) = (name for name in names_ if name.startswith("kube-api-access-"))
    return str(found)


def _requests(place: Place) -> float:
    """Of all models: without a monitor nobody knows which there are."""
    pods = [pod["metadata"]["name"] for pod in place.pods()]
    exposed = [place.from_pod(pod, names.PORT_PROXY_ADMIN, names.PATH_METRICS) for pod in pods]
    return sum(total(samples(text), names.REQUESTS) for text in exposed)


def test_what_it_writes_and_what_the_policy_makes_is_the_same_pod(
    team: Place, written: dict[str, Any]
) -> None:
    by_hand = watching.tried(team, written["spec"]["template"])
    assert watching.sidecars(watching.tried(team, watching.template())) == set()

    team.apply(WATCHED)
    assert watching.begins_to_inject(team)

    by_policy = watching.tried(team, watching.template())
    assert _compared(by_hand) == _compared(by_policy)


def test_it_serves_and_counts_without_a_monitor_and_is_not_injected_again_with_one(
    team: Place, written: dict[str, Any]
) -> None:
    team.apply(written)
    team.rolled_out("deployment/churn")
    assert watching.serves(team)
    requests = _requests(team)
    assert watching.sent(team, ROWS) == {"200": ROWS}
    assert eventually(lambda: _requests(team) == requests + ROWS)

    team.apply(WATCHED)
    assert watching.begins_to_inject(team)
    watching.comes_to(team, "Injected", "Injected")

    team.restart("deployment/churn")
    (pod,) = team.pods()
    ours = [one["name"] for one in pod["spec"]["initContainers"]]
    assert ours == [names.CONTAINER_COLLECTOR, names.CONTAINER_PROXY]
    assert watching.serves(team)
    before = watching.counted(team)
    assert watching.sent(team, ROWS) == {"200": ROWS}
    assert eventually(lambda: watching.counted(team) == (before[0] + ROWS, before[1] + ROWS))


def test_sidecars_work_as_whatever_user_the_platform_assigns(team: Place, tmp_path: Path) -> None:
    """The pod names it here; the app keeps its own."""
    template = watching.template(securityContext={"runAsUser": ASSIGNED, "runAsGroup": 0})
    given = workloads.deployment(template)
    team.apply(WATCHED)
    assert watching.begins_to_inject(team)
    team.apply(injected(tmp_path, given, {"security": {"assignedUser": True}}))
    team.rolled_out("deployment/churn")

    (pod,) = team.pods()
    assert not any("runAsUser" in one["securityContext"] for one in pod["spec"]["initContainers"])
    assert watching.serves(team)
    before = watching.counted(team)
    assert watching.sent(team, ROWS) == {"200": ROWS}
    assert eventually(lambda: watching.counted(team) == (before[0] + ROWS, before[1] + ROWS))
