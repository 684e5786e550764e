"""Which quotas count the pods of a monitor."""

from typing import Any

import pytest

from modelmonitor_api.spec_reading import parse_monitor
from modelmonitor_operator.preflight.problem import LastArming, Situation
from modelmonitor_operator.preflight.scopes import counts
from modelmonitor_operator.testing_monitors import SETTINGS, monitor, pod_template
from modelmonitor_operator.world import Workload, World

CREATED = "2026-11-01T00:00:00Z"


def counted(quota: dict[str, Any], **pod: Any) -> bool:
    workload = Workload("Deployment", "churn", pod_template(None, **pod))
    world = World(workloads=[workload])
    seen = Situation(parse_monitor(monitor()), CREATED, world, SETTINGS, LastArming())
    return counts({"spec": quota}, seen)


def of_class(operator: str, *values: str) -> dict[str, Any]:
    scope = {"scopeName": "PriorityClass", "operator": operator, "values": list(values)}
    return {"scopeSelector": {"matchExpressions": [scope]}}


def test_a_quota_without_scopes_counts_every_pod() -> None:
    assert counted({})


@pytest.mark.parametrize(
    ("scope", "deadline", "expected"),
    [
        ("BestEffort", None, False),
        ("NotBestEffort", None, True),
        ("Terminating", None, False),
        ("Terminating", 60, True),
        ("NotTerminating", None, True),
        ("NotTerminating", 60, False),
    ],
)
def test_a_scope_counts_pods_with_requests_and_with_or_without_a_deadline(
    scope: str, deadline: int | None, expected: bool
) -> None:
    pod = {} if deadline is None else {"activeDeadlineSeconds": deadline}
    selector = {"matchExpressions": [{"scopeName": scope, "operator": "Exists"}]}
    assert counted({"scopes": [scope]}, **pod) is expected
    assert counted({"scopeSelector": selector}, **pod) is expected


@pytest.mark.parametrize(
    ("quota", "with_high", "with_none"),
    [
        (of_class("In", "high"), True, False),
        (of_class("In", "low"), False, False),
        (of_class("NotIn", "high"), False, True),
        (of_class("Exists"), True, False),
        (of_class("DoesNotExist"), False, True),
    ],
)
def test_a_quota_for_priority_classes_counts_pods_of_these(
    quota: dict[str, Any], with_high: bool, with_none: bool
) -> None:
    assert counted(quota, priorityClassName="high") is with_high
    assert counted(quota) is with_none


def test_a_pod_has_to_be_in_every_scope() -> None:
    both = {"scopes": ["NotBestEffort"], **of_class("In", "high")}
    assert counted(both, priorityClassName="high")
    assert not counted(both)
