"""What other operators say of our objects, read out of their status."""

from typing import Any

import pytest

from modelmonitor_operator.kinds import GRAFANA_DASHBOARD, POD_MONITOR
from modelmonitor_operator.plan.told import told_of
from modelmonitor_operator.world import Binding

EMPTY = "No matching Grafana instances could be found"


def grafana(*conditions: tuple[str, str, str]) -> dict[str, Any]:
    fields = ("type", "status", "message")
    told = [dict(zip(fields, one, strict=True)) for one in conditions]
    return {"status": {"conditions": told}}


@pytest.mark.parametrize(
    ("conditions", "accepted"),
    [
        ([("DashboardSynchronized", "True", "applied to 1 instances")], ["True"]),
        ([("DashboardSynchronized", "False", "401")], ["False"]),
        ([("NoMatchingInstance", "True", EMPTY)], ["False"]),
        ([("NoMatchingFolder", "True", "x"), ("InvalidSpec", "True", "y")], ["False", "False"]),
        ([("NoMatchingInstance", "False", "")], []),
        ([("Something", "True", "new")], []),
        ([], []),
    ],
)
def test_grafana_operator_says_it_in_conditions(conditions: Any, accepted: list[str]) -> None:
    told = told_of(grafana(*conditions), GRAFANA_DASHBOARD)
    assert [one.accepted for one in told] == accepted


def test_its_words_are_kept_and_a_reason_stands_for_them() -> None:
    (told,) = told_of(grafana(("NoMatchingInstance", "True", EMPTY)), GRAFANA_DASHBOARD)
    assert told == Binding("GrafanaDashboard", "", "False", EMPTY)
    reason = {"type": "InvalidSpec", "status": "True", "reason": "InvalidModel"}
    (told,) = told_of({"status": {"conditions": [reason]}}, GRAFANA_DASHBOARD)
    assert told.message == "InvalidModel"


def test_prometheus_operator_says_it_in_bindings() -> None:
    conditions = [{"type": "Accepted", "status": "False", "message": "no"}, {"type": "Other"}]
    bound = {"namespace": "monitoring", "name": "k8s", "conditions": conditions}
    status = {"status": {"bindings": [bound]}}
    assert told_of(status, POD_MONITOR) == (Binding("PodMonitor", "monitoring/k8s", "False", "no"),)
    assert told_of(status, GRAFANA_DASHBOARD) == ()


def test_before_anybody_has_looked_nothing_is_said() -> None:
    assert told_of({}, POD_MONITOR) == told_of({}, GRAFANA_DASHBOARD) == ()
