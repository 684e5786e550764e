"""Which ResourceQuotas count the pods of a monitor: those whose scopes some of its pods are in.

Kubernetes, "Resource Quotas": a quota counts a pod that is in all of its scopes.
"""

from collections.abc import Set
from typing import Final

from modelmonitor_operator.inject.pods import Raw, entries, inner
from modelmonitor_operator.preflight.pods import targets
from modelmonitor_operator.preflight.problem import Situation

_NEVER: Final = ("BestEffort",)
"""Sidecars have requests."""
_WITH_DEADLINE: Final = {"Terminating": True, "NotTerminating": False}


def counts(quota: Raw, situation: Situation) -> bool:
    """Whether any pod of the monitor is in every scope of the quota."""
    spec = inner(quota, "spec")
    pods = [pod["spec"] for _, pod in targets(situation)] or [{}]
    scopes = [{"scopeName": name} for name in spec.get("scopes") or ()]
    scopes += entries(inner(spec, "scopeSelector"), "matchExpressions")
    return any(all(_is_in(pod, scope) for scope in scopes) for pod in pods)


def _is_in(pod: Raw, scope: Raw) -> bool:
    name = scope["scopeName"]
    if name in _WITH_DEADLINE:
        return (pod.get("activeDeadlineSeconds") is not None) is _WITH_DEADLINE[name]
    if name == "PriorityClass":
        return _matches(pod.get("priorityClassName") or "", scope)
    return name not in _NEVER


def _matches(priority_class: str, scope: Raw) -> bool:
    values: Set[str] = frozenset(scope.get("values") or ())
    match scope.get("operator", "Exists"):
        case "In":
            return priority_class in values
        case "NotIn":
            return priority_class not in values
        case "DoesNotExist":
            return not priority_class
        case _:
            return bool(priority_class)
