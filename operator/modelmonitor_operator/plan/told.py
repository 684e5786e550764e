"""What other operators say of our objects in the objects' status, each in its own way."""

from collections.abc import Iterator
from typing import Final

from modelmonitor_operator.cluster import Raw
from modelmonitor_operator.inject.pods import entries, inner
from modelmonitor_operator.kinds import GRAFANA_DASHBOARD, Kind
from modelmonitor_operator.world import Binding

_GRAFANA_GOOD: Final = "DashboardSynchronized"
_GRAFANA_BAD: Final = ("NoMatchingInstance", "NoMatchingFolder", "InvalidSpec")
"""Conditions of grafana-operator that are there only where something is wrong."""


def told_of(actual: Raw, kind: Kind) -> tuple[Binding, ...]:
    """Nothing where nobody has looked at it yet."""
    status = inner(actual, "status")
    return tuple(_of_grafana(status) if kind == GRAFANA_DASHBOARD else _of_prometheus(status, kind))


def _of_prometheus(status: Raw, kind: Kind) -> Iterator[Binding]:
    """Of each Prometheus, where prometheus-operator is asked to write it down."""
    for bound in entries(status, "bindings"):
        for condition in entries(bound, "conditions"):
            if condition.get("type") == "Accepted":
                by = f"{bound.get('namespace', '')}/{bound.get('name', '')}"
                accepted = condition.get("status", "Unknown")
                yield Binding(kind.name, by, accepted, condition.get("message") or "")


def _of_grafana(status: Raw) -> Iterator[Binding]:
    for condition in entries(status, "conditions"):
        said, good = condition.get("type"), condition.get("status") == "True"
        words = condition.get("message") or condition.get("reason") or str(said)
        if said == _GRAFANA_GOOD:
            yield Binding(GRAFANA_DASHBOARD.name, "", "True" if good else "False", words)
        elif said in _GRAFANA_BAD and good:
            yield Binding(GRAFANA_DASHBOARD.name, "", "False", words)
