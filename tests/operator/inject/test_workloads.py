"""Where each kind of workload keeps its pod template."""

from typing import Any

import pytest

from modelmonitor_operator.inject.workloads import POD_PLACES, pod_in, with_pod

POD = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": []}}
TEMPLATE = {"template": POD, "other": 1}
WORKLOADS: dict[str, dict[str, Any]] = {
    **{
        kind: {"kind": kind, "spec": TEMPLATE}
        for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")
    },
    "CronJob": {
        "kind": "CronJob",
        "spec": {"jobTemplate": {"spec": TEMPLATE}, "schedule": "@daily"},
    },
    "Pod": {"kind": "Pod", **POD},
}


def test_every_kind_is_known() -> None:
    assert set(WORKLOADS) == set(POD_PLACES)


@pytest.mark.parametrize("kind", WORKLOADS)
def test_the_template_is_found_and_replaced(kind: str) -> None:
    workload = WORKLOADS[kind]
    assert pod_in(workload)["spec"] == POD["spec"]
    new = {**pod_in(workload), "spec": {"containers": [1]}}
    changed = with_pod(workload, new)
    assert pod_in(changed)["spec"] == {"containers": [1]}
    assert with_pod(changed, pod_in(workload)) == workload
