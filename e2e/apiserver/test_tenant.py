"""Somebody with the role `edit` in one namespace tries to get out of it by ModelMonitors.

Each attempt with what it tries; what the operator would make of those that the API server let pass
is in tests/operator/plan/test_tenant.py.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_operator import OperatorProcess, running_operator
from modelmonitor_cli.testing_team import Team, monitor
from modelmonitor_operator.testing_monitors import baseline, baseline_config_map
from tools.chart_rendering import of_kind, template

pytestmark = pytest.mark.timeout(300)

Kubectl = Callable[..., str]

START_SECONDS = 60.0
SOON_SECONDS = 30.0
THEIRS = "the-neighbours-own"


def model(**fields: Any) -> dict[str, Any]:
    return {"models": [{"name": "churn", **fields}]}


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a baseline by namespace and name": (
        model(baselines=[{"configMap": "kube-system/x"}]), "baselines[0].configMap"
    ),
    "a way up the API": (
        model(baselines=[{"configMap": "../../kube-system/configmaps/x"}]), "baselines[0].configMap"
    ),
    "a query behind a name": (model(baselines=[{"configMap": "b?x=y"}]), "baselines[0].configMap"),
    "PromQL in a label's value": (
        {"prometheus": {"labels": {"release": 'x"} or vector(1) #'}}}, "spec.prometheus.labels"
    ),
    "PromQL in a label's key": (
        {"prometheus": {"labels": {'x"} or y{': "z"}}}, "spec.prometheus.labels"
    ),
    "a label of the operator": (
        {"prometheus": {"labels": {"modelmonitor.io/monitor": "x"}}}, "spec.prometheus.labels"
    ),
    "PromQL in a window": ({"windows": ["5m]) or x[5m"]}, "spec.windows[0]"),
    "a query in a threshold": (
        {"verdict": {"minimumEffect": "{{ query `up` }}"}}, "spec.verdict.minimumEffect"
    ),
    "no number as a threshold": (
        {"verdict": {"falseAlarmsPerMonth": "NaN"}}, "spec.verdict.falseAlarmsPerMonth"
    ),
    "an expression in an objective": (
        {"objectives": {"availability": "99 or up"}}, "spec.objectives.availability"
    ),
    "a receiver as a severity": (
        model(features=[{"name": "a", "severity": "ceo"}]), "features[0].severity"
    ),
    "a folder above": ({"grafana": {"folder": "../x"}}, "spec.grafana.folder"),
    "a folder of the machine": ({"grafana": {"folder": "/x"}}, "spec.grafana.folder"),
    "a port with a command": ({"ports": ["http', value: 'x"]}, "spec.ports[0]"),
    "the sidecars' own port": ({"ports": ["mm-proxy"]}, "spec.ports[0]"),
    "the pods of everybody": ({"selector": {"matchLabels": {}}}, "spec.selector.matchLabels"),
    "pods by the operator's label": (
        {"selector": {"matchLabels": {"modelmonitor.io/monitor": "x"}}}, "spec.selector.matchLabels"
    ),
    "a model's name with a template": ({"models": [{"name": "{{ x }}"}]}, "spec.models[0].name"),
    "a size of one's own": ({"sidecar": {"size": "Mine"}}, "spec.sidecar.size"),
    "four hundred models": (
        {"models": [{"name": f"m{number}"} for number in range(400)]}, "spec.models: Too many"
    ),
    "a feature's name without an end": (
        model(features=[{"name": "a" * 100_000}]), "features[0].name: Too long"
    ),
}  # fmt: skip
UNKNOWN: dict[str, dict[str, Any]] = {
    "an image": {"sidecar": {"image": "example.com/mine"}},
    "a command": {"sidecar": {"command": ["sh"]}},
    "rights in the container": {"sidecar": {"securityContext": {"privileged": True}}},
    "another namespace's pods": {
        "selector": {"matchLabels": {"app": "churn"}, "namespaceSelector": {"any": True}}
    },
    "an expression": {"alerts": [{"expr": "up == 0"}]},
    "a metric": {"objectives": {"metric": "up"}},
    "a dashboard": {"grafana": {"json": "{}"}},
    "a sink": {"capture": {"url": "http://169.254.169.254/"}},
    "a namespace beside a baseline": model(
        baselines=[{"configMap": "b", "namespace": "kube-system"}]
    ),
}
FORBIDDEN = [
    ("create", "modelmonitors.modelmonitor.io", "--namespace=kube-system"),
    ("patch", "modelmonitors.modelmonitor.io", "--subresource=status"),
    ("create", "mutatingadmissionpolicies.admissionregistration.k8s.io"),
    ("create", "mutatingadmissionpolicybindings.admissionregistration.k8s.io"),
    ("patch", "customresourcedefinitions.apiextensions.k8s.io"),
    ("patch", "namespaces"),
]


class Tenant:
    """The user, and what the API server says to what it applies."""

    def __init__(self, user: str, namespace: str) -> None:
        self.user, self.namespace = user, namespace

    def told(self, spec: dict[str, Any], *words: str) -> tuple[int, str]:
        """Exit status of a try to create a monitor with these fields, and all that was said."""
        done = subprocess.run(
            ["kubectl", "create", "--as", self.user, "-n", self.namespace, "--dry-run=server",
             *words, "-f", "-"],
            input=json.dumps(monitor(**spec)),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def may(self, *words: str) -> str:
        place = () if any("namespace" in word for word in words) else ("-n", self.namespace)
        done = subprocess.run(
            ["kubectl", "auth", "can-i", *words, "--as", self.user, *place],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.stdout.strip()


@pytest.fixture(scope="module")
def tenant(kubectl: Kubectl, home: str) -> Iterator[Tenant]:
    """With the chart's own addition to the cluster's role `edit`, under a name of the test's."""
    role, user = f"edit-{home}", f"tenant-{home}"
    objects = list(yaml.safe_load_all(template({}, home)))
    for one in of_kind(objects, "ClusterRole"):
        if one["metadata"]["name"] == "modelmonitor-edit":
            one["metadata"]["name"] = role
            kubectl("create", "-f", "-", read=json.dumps(one))
    kubectl("create", "rolebinding", user, "--clusterrole=edit", f"--user={user}", "-n", home)
    made = Tenant(user, home)
    assert eventually(lambda: made.told({})[0] == 0, SOON_SECONDS), made.told({})
    yield made
    kubectl("delete", "clusterrole", role)


@pytest.mark.parametrize("attempt", REFUSED)
def test_an_attempt_is_refused_by_the_field_s_name(attempt: str, tenant: Tenant) -> None:
    spec, field = REFUSED[attempt]

    status, said = tenant.told(spec)

    assert status == 1
    assert field in said


@pytest.mark.parametrize("attempt", UNKNOWN)
def test_a_field_that_there_is_not_is_refused_or_dropped(attempt: str, tenant: Tenant) -> None:
    status, said = tenant.told(UNKNOWN[attempt])
    assert status == 1
    assert "unknown field" in said

    status, stored = tenant.told(UNKNOWN[attempt], "--validate=ignore", "-o", "json")
    known = without(UNKNOWN[attempt])
    assert status == 0
    assert json.loads(stored)["spec"] == json.loads(tenant.told(known, "-o", "json")[1])["spec"]


def without(spec: dict[str, Any]) -> dict[str, Any]:
    """What of the attempt is a field of the resource."""
    if "selector" in spec:
        return {"selector": {"matchLabels": spec["selector"]["matchLabels"]}}
    if "models" in spec:
        return model(baselines=[{"configMap": "b"}])
    return {key: {} for key in spec if key in ("sidecar", "objectives", "grafana")}


@pytest.mark.parametrize("words", FORBIDDEN, ids=" ".join)
def test_what_decides_for_others_is_not_the_tenant_s_to_write(
    words: tuple[str, ...], tenant: Tenant
) -> None:
    assert tenant.may(*words) == "no"


@pytest.fixture(scope="module")
def operator(home: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperatorProcess]:
    """With rights on everything, as a confused deputy would have."""
    quick = {"unsettledSeconds": 1, "resyncSeconds": 10}
    folder = tmp_path_factory.mktemp("operator")
    with running_operator(folder, home, operator=quick) as started:
        assert eventually(started.is_ready, START_SECONDS), started.log.read_text()
        yield started


def test_the_neighbours_baseline_of_the_name_stays_the_neighbours(
    kubectl: Kubectl, operator: OperatorProcess, namespace: str
) -> None:
    neighbours = Team(kubectl, f"{namespace}-next")
    kubectl("create", "namespace", neighbours.namespace)
    neighbours.apply(baseline_config_map(baseline(model=THEIRS), "shared-name"))
    team = Team(kubectl, namespace)
    team.apply(monitor(**model(baselines=[{"configMap": "shared-name"}])))

    assert team.comes_to("BaselinesLoaded", "Unreadable")
    assert "does not exist" in team.condition("BaselinesLoaded")["message"]
    kinds = "modelmonitors,configmaps,events,services"
    assert THEIRS not in kubectl("get", kinds, "-n", namespace, "-o", "yaml")
    kubectl("delete", "namespace", neighbours.namespace, "--wait=false")


def test_an_object_that_names_a_neighbour_s_monitor_as_its_owner_harms_nobody(
    kubectl: Kubectl, operator: OperatorProcess, namespace: str
) -> None:
    neighbours = Team(kubectl, f"{namespace}-next")
    kubectl("create", "namespace", neighbours.namespace)
    neighbours.apply(monitor())
    assert neighbours.is_ready()
    right = neighbours.get("cm/churn-modelmonitor")
    forged = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "churn-modelmonitor",
            "labels": right["metadata"]["labels"],
            "ownerReferences": right["metadata"]["ownerReferences"],
        },
        "data": {"config.json": "{}"},
    }
    team = Team(kubectl, namespace)
    team.apply(forged)
    team.apply(monitor("other"))
    assert team.is_ready("other")

    assert neighbours.get("cm/churn-modelmonitor") == right
    assert neighbours.condition("Ready")["status"] == "True"
    kubectl("delete", "namespace", neighbours.namespace, "--wait=false")
