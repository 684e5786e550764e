"""Kinds of other operators come and go while the operator runs."""

import json
import uuid
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_operator import running_operator
from modelmonitor_cli.testing_team import Kubectl, Team, monitor

pytestmark = pytest.mark.timeout(300)

START_SECONDS = 60.0
SOON_SECONDS = 30.0
GROUP = "monitoring.coreos.com"
NAMES = {"podmonitors": "PodMonitor", "prometheusrules": "PrometheusRule"}
QUICK = {"unsettledSeconds": 1, "resyncSeconds": 10}


def stand_in(plural: str) -> Mapping[str, Any]:
    """A definition of the kind that takes everything."""
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": anything},
    }
    names = {"plural": plural, "kind": NAMES[plural], "singular": NAMES[plural].lower()}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [version]},
    }


@pytest.fixture
def missing(kubectl: Kubectl) -> Iterator[list[str]]:
    """Which of the kinds the cluster does not have; what a test makes of them goes with it."""
    known = kubectl("get", "crd", "-o", "name")
    plurals = [plural for plural in NAMES if f"/{plural}.{GROUP}" not in known]
    yield plurals
    for plural in plurals:
        kubectl("delete", "crd", f"{plural}.{GROUP}", "--ignore-not-found", "--wait=false")


def test_rules_become_objects_when_their_kind_comes_and_a_file_again_when_it_goes(
    kubectl: Kubectl, crd: None, namespace: str, missing: list[str], tmp_path: Path
) -> None:
    """Where the cluster has the kinds already, they stay: others need them."""
    team, home = Team(kubectl, namespace), f"mm-test-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", home)
    with running_operator(tmp_path, home, operator=QUICK) as started:
        assert eventually(started.is_ready, START_SECONDS), started.log.read_text()
        team.apply(monitor())
        assert team.is_ready()
        if missing:
            assert team.condition("RulesApplied")["reason"] == "InConfigMap"
            assert team.get("cm/churn-modelmonitor-rules")

        for plural in missing:
            kubectl("apply", "-f", "-", read=json.dumps(stand_in(plural)))
        assert team.comes_to("RulesApplied", "Applied"), started.log.read_text()
        assert team.get("prometheusrule/churn-modelmonitor")["spec"]["groups"]
        assert not team.get("cm/churn-modelmonitor-rules")
        for name in ("prometheusrule/churn-modelmonitor", "podmonitor/churn-modelmonitor"):
            right = team.get(name)["spec"]
            team.patch(name, spec={next(iter(right)): None})
            assert eventually(partial(has_spec, team, name, right), SOON_SECONDS)

        for plural in missing:
            kubectl("delete", "crd", f"{plural}.{GROUP}")
        if missing:
            assert team.comes_to("RulesApplied", "InConfigMap"), started.log.read_text()
            assert team.get("cm/churn-modelmonitor-rules")
        assert started.page("/healthz") == "ok"
    assert started.process.returncode == 0, started.log.read_text()
    kubectl("delete", "namespace", home, "--wait=false")


def has_spec(team: Team, name: str, spec: Mapping[str, Any]) -> bool:
    return bool(team.get(name)["spec"] == spec)
