"""The API server is restarted under load."""

import os
import subprocess

import pytest

from e2e.cluster import changes, release
from e2e.cluster.kubectl import Place, kubectl
from e2e.cluster.load import steady_load
from e2e.cluster.twins import WATCHED, Twins
from modelmonitor_api import names
from modelmonitor_cli.testing import eventually, samples, total

pytestmark = pytest.mark.timeout(300)

VARIABLE = "MODELMONITOR_E2E_RESTART_APISERVER"
REMEDY = (
    f"{VARIABLE} is not set; let it be a shell command that restarts the API server of the cluster "
    "and may return before it answers again (CONTRIBUTING.md)"
)
RATE = 20.0
BACK_SECONDS = 120.0
HEALED_SECONDS = 30.0
OPERATORS = "app.kubernetes.io/component=operator"
OBJECTS = "configmap/churn-modelmonitor"
LOST = "was not renewed in time"


def test_a_restart_of_the_api_server_fails_no_request_and_the_operator_works_on(
    pair: Twins,
) -> None:
    command = os.environ.get(VARIABLE) or pytest.fail(REMEDY)
    operator, team = Place(kubectl, release.NAMESPACE), pair.watched
    before = changes.restarts(operator.pods(OPERATORS))
    with steady_load(team, RATE, {WATCHED: pair.addresses()[WATCHED]}) as load:
        _restart(command)
        operator.rolled_out(release.OPERATOR)
        written = team.get(OBJECTS)["data"]
        team.patch(OBJECTS, data={names.CONFIG_FILE: "{}"})
        assert eventually(lambda: team.get(OBJECTS)["data"] == written, HEALED_SECONDS)
        assert team.is_ready(), team.get("mmon/churn")

    assert load.answered(WATCHED) > 0
    assert load.failed(WATCHED) == 0, load.counts
    for container, count in changes.restarts(operator.pods(OPERATORS)).items():
        assert count == before[container] or LOST in operator.run(
            "logs", "--previous", container[0]
        )


def _restart(command: str) -> None:
    """And wait until it answers, as another process than before."""
    begun = _began()
    subprocess.run(command, shell=True, check=True, timeout=BACK_SECONDS)  # noqa: S602
    assert eventually(lambda: _began() not in {begun, ""}, BACK_SECONDS), (
        f"{command}: still {begun}"
    )


def _began() -> str:
    """When the API server's process began, as it says itself; empty while it does not answer."""
    try:
        told = kubectl("get", "--raw", "/metrics", "--request-timeout=10s")
    except AssertionError:
        return ""
    return str(total(samples(told), "process_start_time_seconds"))
