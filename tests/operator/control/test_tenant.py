"""What the operator reads and writes for the monitors of one namespace, whatever they say.

It may read every ConfigMap of the cluster, and so must never be asked for another namespace's.
"""

import copy
import json

import pytest

from modelmonitor_api.grammar import is_dns_name
from modelmonitor_operator.control.inventory import MonitorKey
from modelmonitor_operator.kinds import (
    CONFIG_MAP,
    MONITOR,
    NAMESPACE,
    OPTIONAL,
    PROMETHEUS_RULE,
    Reference,
)
from modelmonitor_operator.testing_cluster import FakeCluster
from modelmonitor_operator.testing_monitors import (
    Desk,
    baseline,
    baseline_config_map,
    condition,
    monitor,
)

THEIRS = "the-neighbours-own"
NAMES = [
    "kube-system/secret", "../../kube-system/configmaps/secret", "secret?x=y", "Secret", "..", "",
    "secret",
]  # fmt: skip


def neighbours_baseline() -> dict[str, object]:
    """Of the same name as the tenant asks for, in a namespace that is not the tenant's."""
    made = baseline_config_map(baseline(model=THEIRS), "secret")
    made["metadata"]["namespace"] = "kube-system"
    return made


@pytest.mark.parametrize("name", NAMES)
async def test_a_reference_never_leads_out_of_the_namespace(name: str) -> None:
    models = [{"name": "churn", "baselines": [{"configMap": name}]}]
    cluster = FakeCluster(monitor(models=models), neighbours_baseline())
    asked: list[Reference] = []
    cluster.failing = lambda verb, reference: asked.append(reference)

    await Desk(cluster).look()

    for reference in asked:
        of_cluster = reference.kind in OPTIONAL or reference.kind == NAMESPACE
        assert of_cluster or reference.namespace == "team-a", reference
        assert not reference.name or is_dns_name(reference.name), reference
    del cluster.objects[Reference(CONFIG_MAP, "kube-system", "secret")]
    assert THEIRS not in json.dumps(list(cluster.objects.values()))


async def test_what_is_wrong_with_a_baseline_is_told_without_what_is_in_it() -> None:
    models = [{"name": "churn", "baselines": [{"configMap": "churn-baseline"}]}]
    document = json.dumps({"formatVersion": 1, "model": 7, "password": THEIRS}).encode()
    cluster = FakeCluster(monitor(models=models), baseline_config_map(document))

    await Desk(cluster).look()

    status = cluster.objects[Reference(MONITOR, "team-a", "churn")]["status"]
    assert condition(status, "BaselinesLoaded")["reason"] == "Unreadable"
    assert THEIRS not in json.dumps(status)


async def test_an_object_that_claims_to_be_of_another_namespace_s_monitor_stays_where_it_is() -> (
    None
):
    """Owners and labels are written by whoever may write the object."""
    cluster = FakeCluster(monitor())
    desk = Desk(cluster)
    await desk.look()
    rule = Reference(PROMETHEUS_RULE, "team-a", "churn-modelmonitor")
    right = copy.deepcopy(cluster.objects[rule])
    forged = copy.deepcopy(right)
    forged["metadata"] |= {"namespace": "team-b", "name": "forged"}
    cluster.changed = desk.hear
    cluster.put(forged)
    cluster.writes.clear()

    await desk.look()
    await desk.look(MonitorKey("team-b", "churn"))

    assert cluster.writes == []
    assert cluster.objects[rule] == right


async def test_an_object_of_the_namespace_that_was_there_before_is_not_taken_over() -> None:
    """Whoever may make a monitor may not so come to write what others made."""
    cluster = FakeCluster(monitor("kube-root"))
    theirs = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "kube-root-modelmonitor", "namespace": "team-a"},
        "data": {"mine": "1"},
    }
    cluster.put(theirs)

    await Desk(cluster).look(MonitorKey("team-a", "kube-root"))

    kept = cluster.objects[Reference(CONFIG_MAP, "team-a", "kube-root-modelmonitor")]
    assert kept["data"] == {"mine": "1"}
    assert "ownerReferences" not in kept["metadata"]
