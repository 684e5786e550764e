"""What somebody who may write ModelMonitors in one namespace gets of others by them: nothing.

The API server refuses or drops all of these (e2e/apiserver/test_tenant.py); here it let them pass,
as with the definition of another version.  Either the spec is refused as a whole, with nothing made
and no pod injected, or what is made is what it would have been without the attempt.
"""

import json
from typing import Any

import pytest

from modelmonitor_api.names import CONFIG_FILE
from modelmonitor_operator.plan.planning import Plan, findings, injection_state, plan
from modelmonitor_operator.testing_monitors import SETTINGS, monitor, pod_template
from modelmonitor_operator.world import Workload, World

WORLD = World(workloads=[Workload("Deployment", "churn", pod_template())])
CANARY = "canary"


def model(**fields: Any) -> dict[str, Any]:
    return {"models": [{"name": "churn", **fields}]}


REFUSED: dict[str, dict[str, Any]] = {
    "a baseline by namespace and name": model(baselines=[{"configMap": "kube-system/canary"}]),
    "a way up the API": model(baselines=[{"configMap": "../../kube-system/configmaps/canary"}]),
    "the same way, encoded": model(baselines=[{"configMap": "..%2f..%2fkube-system%2fcanary"}]),
    "a query behind a name": model(baselines=[{"configMap": "b?labelSelector=canary"}]),
    "another resource of a name": model(baselines=[{"configMap": "b/status"}]),
    "PromQL in a label's value": {"prometheus": {"labels": {"a": 'canary"} or vector(1) #'}}},
    "PromQL in a label's key": {"prometheus": {"labels": {'canary"} or x{': "a"}}},
    "a label of the operator": {"prometheus": {"labels": {"modelmonitor.io/monitor": CANARY}}},
    "PromQL in a window": {"windows": ["5m]) or canary[5m"]},
    "a query in a threshold": {"verdict": {"minimumEffect": "{{ query `canary` }}"}},
    "an expression in a threshold": {"objectives": {"availability": "99 or canary"}},
    "no number as a threshold": {"verdict": {"falseAlarmsPerMonth": "NaN"}},
    "a threshold without an end": {"verdict": {"minimumEffect": "1e999"}},
    "a severity that pages": model(prediction={"index": 0, "severity": "critical"}),
    "a receiver as a severity": model(features=[{"name": "a", "severity": "canary"}]),
    "a folder above": {"grafana": {"folder": "../canary"}},
    "a folder of the machine": {"grafana": {"folder": "/canary"}},
    "a folder with an end of line": {"grafana": {"folder": "a\ncanary"}},
    "a port with a command": {"ports": ["http', value: 'canary"]},
    "a port of the sidecars": {"ports": ["mm-proxy"]},
    "the pods of everybody": {"selector": {"matchLabels": {}}},
    "pods by the operator's label": {
        "selector": {"matchLabels": {"modelmonitor.io/monitor": CANARY}}
    },
    "a second parameter of a query of pods": {
        "selector": {"matchLabels": {"app": "churn&fieldSelector=canary"}}
    },
    "a model's name with a template": {"models": [{"name": "{{ canary }}"}]},
    "a size of one's own": {"sidecar": {"size": CANARY}},
}
IGNORED: dict[str, dict[str, Any]] = {
    "an image": {"sidecar": {"image": "example.com/canary"}},
    "a command": {"sidecar": {"command": [CANARY], "args": [CANARY]}},
    "rights in the container": {"sidecar": {"securityContext": {"privileged": CANARY}}},
    "a namespace beside the selector": {
        "selector": {"matchLabels": {"app": "churn"}, "namespaceSelector": {CANARY: CANARY}}
    },
    "an expression": {"alerts": [{"expr": CANARY}], "rules": CANARY},
    "a metric": {"objectives": {"metric": CANARY}},
    "a dashboard": {"grafana": {"json": CANARY, "datasource": CANARY, "url": CANARY}},
    "a sink": {"sinks": [{"url": "http://canary"}], "capture": {"to": CANARY}},
    "a namespace for the objects": {"namespace": CANARY, "targetNamespace": CANARY},
}


def made(planned: Plan) -> dict[str, Any]:
    """Each object, without the copy of the spec that the sidecars of the namespace read."""
    objects = {str(one.reference): dict(one.manifest()) for one in planned.apply}
    for one in objects.values():
        one["metadata"] = {k: v for k, v in one["metadata"].items() if k != "annotations"}
        if CONFIG_FILE in one.get("data", {}):
            one["data"] = {key: text for key, text in one["data"].items() if key != CONFIG_FILE}
    return objects


def attempted(spec: dict[str, Any]) -> Plan:
    return plan(monitor(**spec), WORLD, SETTINGS)


@pytest.mark.parametrize("attempt", REFUSED)
def test_an_attempt_is_refused_and_makes_and_injects_nothing(attempt: str) -> None:
    planned = attempted(REFUSED[attempt])

    assert (planned.apply, planned.delete) == ((), ())
    assert injection_state(planned.draft) == "Disarmed"
    (valid,) = (one for one in findings(planned.draft, {}) if one.type == "SpecValid")
    assert valid.status == "False"
    assert valid.message.startswith("spec.")


@pytest.mark.parametrize("attempt", IGNORED)
def test_a_field_that_there_is_not_changes_nothing(attempt: str) -> None:
    objects = made(attempted(IGNORED[attempt]))

    assert objects == made(attempted({}))
    assert CANARY not in json.dumps(objects)


def test_all_that_is_made_lies_in_the_namespace_and_looks_at_no_other() -> None:
    everything = {**model(baselines=[{"configMap": "b"}]), "routing": "MonitoredService"}
    objects = made(attempted({**everything, "grafana": {"folder": "Models"}}))

    assert {one["metadata"]["namespace"] for one in objects.values()} == {"team-a"}
    scraping = objects["PodMonitor churn-modelmonitor"]["spec"]
    assert "namespaceSelector" not in scraping
    assert scraping["selector"]["matchLabels"] == {"modelmonitor.io/monitor": "churn"}
    assert not any("honorLabels" in one for one in scraping["podMetricsEndpoints"])
    service = objects["Service churn-monitored"]["spec"]
    assert set(service) == {"selector", "ports"}
    for one in objects.values():
        owners = one["metadata"]["ownerReferences"]
        assert [owner["uid"] for owner in owners] == ["uid-of-churn"]


def test_a_selector_with_another_namespace_s_label_looks_for_it_on_pods_of_its_own() -> None:
    """Pods of a namespace bear no labels of it."""
    elsewhere = {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}

    objects = made(attempted({"selector": elsewhere}))

    assert objects == made(attempted({}))
