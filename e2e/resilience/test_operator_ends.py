"""The operator is killed under load: nobody's traffic needs it, and its work is taken up again."""

import json
from typing import Any

import pytest

from e2e.cluster import release, watching, workloads
from e2e.cluster.kubectl import kubectl
from e2e.cluster.load import steady_load
from e2e.cluster.twins import WATCHED, Twins, server
from modelmonitor_cli.testing import eventually

pytestmark = pytest.mark.timeout(300)

RATE = 20.0
OBJECTS = "configmap/churn-modelmonitor"
LEASE = ("get", "lease", "modelmonitor-operator", "-o", "json")
OPERATOR_PODS = ("pods", "-l", "app.kubernetes.io/component=operator")
# The Lease of a killed leader has to run out first.
HEALED_SECONDS = 90.0


def test_without_an_operator_traffic_passes_and_new_pods_are_watched_and_its_work_is_taken_up(
    pair: Twins,
) -> None:
    team = pair.watched
    with steady_load(team, RATE, {WATCHED: pair.addresses()[WATCHED]}) as load:
        killed = _leader()
        kubectl("-n", release.NAMESPACE, "delete", *OPERATOR_PODS, "--grace-period=0", "--force")
        team.delete(OBJECTS)
        team.apply(_another())
        assert eventually(lambda: len(team.pods("app=churn,another=yes")) == 1)
        assert all(map(_is_watched, team.pods("app=churn,another=yes")))
        assert _leader() == killed, "another operator was at work already"
        team.rolled_out("deployment/another")

        assert eventually(lambda: bool(team.get(OBJECTS)), HEALED_SECONDS)
        assert _leader() != killed
        assert team.is_ready(), team.get("mmon/churn")
        team.run("delete", "deployment/another", "--cascade=foreground", "--timeout=60s")

    assert load.answered(WATCHED) > 0
    assert load.failed(WATCHED) == 0, load.counts


def _leader() -> str:
    lease: dict[str, Any] = json.loads(kubectl("-n", release.NAMESPACE, *LEASE))
    return str(lease["spec"]["holderIdentity"])


def _another() -> dict[str, Any]:
    """Deployment `another`, whose pods the monitor selects, too."""
    labels = {**workloads.LABELS, "another": "yes"}
    made = server("politely", replicas=1)
    made["metadata"]["name"] = "another"
    made["spec"]["selector"] = {"matchLabels": labels}
    made["spec"]["template"]["metadata"]["labels"] = labels
    return made


def _is_watched(pod: dict[str, Any]) -> bool:
    return watching.sidecars(pod) == watching.SIDECARS
