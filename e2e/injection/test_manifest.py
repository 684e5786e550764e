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


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The Deployment as the command writes it."""
    folder = tmp_path_factory.mktemp("manifests")
    given, watched, injected = (folder / f"{name}.yaml" for name in ("given", "monitor", "out"))
    given.write_text(yaml.safe_dump(GIVEN))
    watched.write_text(yaml.safe_dump(WATCHED))
    command = [sys.executable, "-m", "modelmonitor_cli", "inject", "-f", str(given)]
    command += ["--monitor", str(watched), "--image", images.SIDECAR, "-o", str(injected)]
    subprocess.run(command, check=True)
    deployment: dict[str, Any] = yaml.safe_load(Path(injected).read_text())
    return deployment


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
