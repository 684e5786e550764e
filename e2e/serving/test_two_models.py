"""MLServer serves two models behind one port; one monitor tells them apart."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

from e2e.cluster import images, watching, workloads
from e2e.cluster.kubectl import Place, new_place
from modelmonitor_api import names
from modelmonitor_cli.testing import accounted, eventually, total
from modelmonitor_cli.testing_team import monitor

pytestmark = pytest.mark.timeout(600)

SOON_SECONDS = 120.0
MODELS = [{"name": one, "match": {"paths": [f"/v2/models/{one}/*"]}} for one in ("wine", "cancer")]
PROBE = {"httpGet": {"path": "/v2/health/ready", "port": "http"}, "periodSeconds": 2}


@pytest.fixture(scope="module")
def team(installed: None) -> Iterator[Place]:
    """A team with MLServer, watched from its first pod on."""
    with new_place() as place:
        place.apply(workloads.client(images.MLSERVER))
        place.apply(workloads.service())
        place.apply(monitor(models=MODELS))
        assert watching.begins_to_inject(place)
        server = workloads.container(images.MLSERVER, readinessProbe=PROBE)
        place.apply(workloads.deployment(workloads.pod_template(server)))
        place.rolled_out("deployment/churn", SOON_SECONDS)
        yield place


@pytest.fixture(scope="module")
def answered(team: Place) -> Sequence[tuple[str, int]]:
    """Model and rows of each request that MLServer's own clients sent."""
    ask = ("/app/mlserver_client.py", "http://churn", "/tmp/journal")
    team.run("exec", "client", "--", workloads.PYTHON, *ask)
    lines = team.run("exec", "client", "--", "cat", "/tmp/journal").splitlines()
    entries = [json.loads(line) for line in lines]
    assert {entry["status"] for entry in entries} == {200}
    return [(entry["model"], len(entry["rows"])) for entry in entries]


@pytest.mark.parametrize("model", ["wine", "cancer"])
def test_requests_and_rows_of_each_model_are_counted_apart_and_exactly(
    team: Place, answered: Sequence[tuple[str, int]], model: str
) -> None:
    requests = Counter(name for name, _ in answered)[model]
    rows = sum(rows for name, rows in answered if name == model)
    assert requests > 0

    def counted() -> bool:
        found = watching.exposed(team)
        return (
            total(found, names.REQUESTS, model=model) == requests == accounted(found, model)
            and total(found, names.ROWS, model=model) == rows
        )

    assert eventually(counted, SOON_SECONDS), watching.exposed(team)
