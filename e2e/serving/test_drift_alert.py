"""From `kubectl apply` to an alert in Alertmanager; the model server knows nothing of us.

One story: the smallest monitor, then its model's baseline while pods run, then income in another
currency.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from e2e.cluster import monitoring, watching, workloads
from e2e.cluster.kubectl import Place, new_place
from modelmonitor_api import names
from modelmonitor_api.recorded import FEATURE_DRIFT
from modelmonitor_cli.testing import Sample, accounted, eventually, total
from modelmonitor_cli.testing_team import monitor

pytestmark = pytest.mark.timeout(900)

HEALTHY_ROWS = 1_200
RATE = 20.0
SHIFTED_ROWS = 20_000
SOON_SECONDS = 180.0
ALERT_SECONDS = 420.0
MODEL = {"name": "churn", "baselines": [{"configMap": "churn-baseline"}]}


@pytest.fixture(scope="module")
def team(installed: None) -> Iterator[Place]:
    """A team whose model is served, and watched by the smallest monitor."""
    with new_place() as place:
        place.apply(workloads.client())
        place.apply(workloads.service())
        place.apply(workloads.deployment(workloads.pod_template(workloads.litserve()), 2))
        place.apply(monitor())
        place.rolled_out("deployment/churn")
        assert place.is_ready(), place.get("mmon/churn")
        assert watching.begins_to_inject(place)
        place.restart("deployment/churn")
        monitoring.hurry()
        yield place


@dataclass(frozen=True, slots=True)
class Counted:
    """What was there when healthy customers had been answered, before anything else was sent."""

    answers: dict[str, int]
    in_pods: Sequence[Sample]
    in_prometheus: float | None


@pytest.fixture(scope="module")
def healthy(team: Place) -> Counted:
    """Customers like those of the training were sent, and everybody had time to count them."""
    assert eventually(lambda: _sent(team, 1) == {"200": 1}, SOON_SECONDS)
    answers = _sent(team, HEALTHY_ROWS - 1)
    counter = f'sum({names.REQUESTS}{{namespace="{team.namespace}"}})'
    eventually(lambda: monitoring.value(counter) == HEALTHY_ROWS, SOON_SECONDS)
    eventually(lambda: _rows(watching.exposed(team)) == HEALTHY_ROWS, SOON_SECONDS)
    return Counted(answers, watching.exposed(team), monitoring.value(counter))


@pytest.fixture(scope="module")
def judged(team: Place, healthy: Counted, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The baseline came, and Prometheus has it of pods that were not restarted."""
    team.run("apply", "-f", str(_baseline(team, tmp_path_factory.mktemp("baseline"))))
    team.patch("mmon/churn", spec={"models": [MODEL], "windows": ["1m"]})
    assert eventually(
        lambda: team.condition("BaselinesLoaded").get("reason") == "Loaded", SOON_SECONDS
    ), team.condition("BaselinesLoaded")
    team.run("annotate", "--overwrite", "pods", "-l", "app=churn", "example.com/poked=yes")
    monitoring.hurry()
    of_pods = f'count(count by (pod) ({names.BASELINE_MEAN}{{namespace="{team.namespace}"}}))'
    assert eventually(lambda: monitoring.value(of_pods) == 2, SOON_SECONDS)


def test_the_smallest_monitor_injects_both_sidecars_and_says_so(team: Place) -> None:
    sidecars = {names.CONTAINER_PROXY, names.CONTAINER_COLLECTOR}
    for pod in team.pods():
        assert sidecars <= {one["name"] for one in pod["spec"]["initContainers"]}
    assert team.comes_to("Injected", "Injected"), team.condition("Injected")


def test_every_request_is_counted_exactly_and_every_row_seen(healthy: Counted) -> None:
    assert healthy.answers == {"200": HEALTHY_ROWS - 1}
    assert total(healthy.in_pods, names.REQUESTS, model="churn") == HEALTHY_ROWS
    assert total(healthy.in_pods, names.REQUESTS, model="churn", code="200") == HEALTHY_ROWS
    assert _rows(healthy.in_pods) == HEALTHY_ROWS
    assert accounted(healthy.in_pods, "churn") == HEALTHY_ROWS


def test_prometheus_has_the_same_counts_rules_and_grafana_a_dashboard(
    team: Place, healthy: Counted
) -> None:
    assert healthy.in_prometheus == HEALTHY_ROWS
    assert eventually(lambda: len(monitoring.rule_groups(team.namespace)) >= 4, SOON_SECONDS)
    rules = [rule for one in monitoring.rule_groups(team.namespace) for rule in one["rules"]]
    assert [rule["name"] for rule in rules if rule["health"] == "err"] == []
    assert team.condition("RulesSelected")["status"] == "True"
    assert team.get("cm/churn-modelmonitor-dashboard")["metadata"]["labels"]["grafana_dashboard"]


def test_a_feature_that_drifts_is_told_to_alertmanager_and_its_neighbours_are_not(
    team: Place, judged: None
) -> None:
    before = {pod["metadata"]["uid"] for pod in team.pods()}
    with ThreadPoolExecutor(1) as aside:
        sending = aside.submit(_sent, team, SHIFTED_ROWS, 3.0)
        told = {"namespace": team.namespace, "modelmonitor": "churn", "feature": "income"}
        assert eventually(lambda: bool(monitoring.firing(FEATURE_DRIFT, **told)), ALERT_SECONDS)
        assert eventually(lambda: bool(monitoring.received(FEATURE_DRIFT, **told)), SOON_SECONDS)
        drifted = monitoring.firing(FEATURE_DRIFT, namespace=team.namespace)
        team.run("exec", "client", "--", "touch", "/tmp/enough")
        assert list(sending.result()) == ["200"]
    assert {one["labels"]["feature"] for one in drifted} == {"income"}
    assert {pod["metadata"]["uid"] for pod in team.pods()} == before


def _baseline(place: Place, folder: Path) -> Path:
    """Made by the command that teams use, from the table that the model was trained on."""
    table, manifest = folder / "customers.csv", folder / "churn-baseline.yaml"
    table.write_text(place.run("exec", "client", "--", "cat", "/model/customers.csv"))
    command = [sys.executable, "-m", "modelmonitor_cli", "baseline", "build", str(table)]
    command += ["--model", "churn", "--prediction", "prediction", "--score", "score"]
    command += ["--label", "churned", "--configmap", "churn-baseline"]
    command += ["--namespace", place.namespace, "--output", str(manifest)]
    subprocess.run(command, check=True)
    return manifest


def _sent(place: Place, rows: int, income_factor: float = 1.0) -> dict[str, int]:
    return watching.sent(place, rows, income_factor=income_factor, rate=RATE)


def _rows(found: Sequence[Sample]) -> float:
    return total(found, names.ROWS, model="churn")
