"""A Job that serves is watched, and ends when its own work ends.

A twin that opted out, with two sidecars that do nothing, ends at the same time: what a busy cluster
needs to end any such Job is not ours.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from e2e.cluster import watching, workloads
from e2e.cluster.kubectl import Place
from modelmonitor_api.names import LABEL_INJECT
from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_team import monitor

pytestmark = pytest.mark.timeout(600)

ROWS = 20
ALONE_SECONDS = 2
END = """
import requests, sys
for address in sys.argv[1:]:
    requests.post(f"http://{address}/end", timeout=30)
"""


@pytest.fixture(scope="module")
def team(installed: None) -> Iterator[Place]:
    """A team whose Job serves, and is watched."""
    with watching.new_team() as place:
        place.apply(monitor(models=watching.MODELS))
        assert watching.begins_to_inject(place)
        watching.applied(place, workloads.job(watching.template()), _twin())
        assert watching.serves(place)
        place.run("wait", "--for=condition=Ready", "pod", "-l", "app=twin", "--timeout=120s")
        yield place


def _twin() -> dict[str, Any]:
    idle = [
        {
            **watching.server(port, ports=[], readinessProbe=None, restartPolicy="Always"),
            "name": f"idle-{port}",
        }
        for port in ("8081", "8082")
    ]
    of = watching.template(initContainers=idle)
    of["metadata"]["labels"] = {"app": "twin", LABEL_INJECT: "false"}
    return {**workloads.job(of), "metadata": {"name": "twin"}}


def _late_seconds(place: Place, name: str) -> float:
    """How long after its app a Job and all of its containers were at an end."""
    place.run("wait", "--for=condition=Complete", f"job/{name}", "--timeout=120s")
    (pod,) = place.all("pods", f"app={name}")
    completed = datetime.fromisoformat(place.get(f"job/{name}")["status"]["completionTime"])
    ended = _ended(pod)
    return (max(completed, *ended.values()) - ended["server"]).total_seconds()


def _ended(pod: dict[str, Any]) -> dict[str, datetime]:
    """When each container ended."""
    status = pod["status"]
    return {
        one["name"]: datetime.fromisoformat(one["state"]["terminated"]["finishedAt"])
        for one in [*status["initContainerStatuses"], *status["containerStatuses"]]
    }


def test_its_rows_are_counted_and_it_completes_within_two_seconds_of_its_app(team: Place) -> None:
    assert watching.sent(team, ROWS) == {"200": ROWS}
    assert eventually(lambda: watching.counted(team) == (ROWS + 1, ROWS + 1))

    twin = team.pods("app=twin")[0]["status"]["podIP"]
    command = (workloads.PYTHON, "-c", END, "churn", f"{twin}:8080")
    team.run("exec", "client", "--", *command)
    late, unwatched = _late_seconds(team, "churn"), _late_seconds(team, "twin")
    assert late <= max(ALONE_SECONDS, 2 * unwatched), (late, unwatched)

    (pod,) = team.all("pods", "app=churn")
    assert pod["status"]["phase"] == "Succeeded"
    assert _ended(pod).keys() == {"server"} | watching.SIDECARS
    sidecars = pod["status"]["initContainerStatuses"]
    assert [one["state"]["terminated"]["exitCode"] for one in sidecars] == [0, 0]
