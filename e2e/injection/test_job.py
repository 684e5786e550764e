"""A Job that serves is watched, and ends when its own work ends."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from e2e.cluster import watching, workloads
from e2e.cluster.kubectl import Place
from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_team import monitor

pytestmark = pytest.mark.timeout(300)

ROWS = 20
ALONE_SECONDS = 2
END = "import requests; requests.post('http://churn/end', timeout=30)"


@pytest.fixture(scope="module")
def team(installed: None) -> Iterator[Place]:
    """A team whose Job serves, and is watched."""
    with watching.new_team() as place:
        place.apply(monitor(models=watching.MODELS))
        assert watching.begins_to_inject(place)
        place.apply(workloads.job(watching.template()))
        assert watching.serves(place)
        yield place


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

    team.run("exec", "client", "--", workloads.PYTHON, "-c", END)
    team.run("wait", "--for=condition=Complete", "job/churn", "--timeout=60s")

    (pod,) = team.all("pods", "app=churn")
    ended = _ended(pod)
    assert pod["status"]["phase"] == "Succeeded"
    sidecars = pod["status"]["initContainerStatuses"]
    assert [one["state"]["terminated"]["exitCode"] for one in sidecars] == [0, 0]
    assert ended.keys() == {"server"} | watching.SIDECARS
    completed = datetime.fromisoformat(team.get("job/churn")["status"]["completionTime"])
    late = max(completed, *ended.values()) - ended["server"]
    assert late.total_seconds() <= ALONE_SECONDS, ended
