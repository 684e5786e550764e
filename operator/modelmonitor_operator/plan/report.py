"""The status of a monitor as the API server stores it, and what changed in it.

A status that says the same is the same, to the byte: times are those of the last change.  It
refuses to know the clock; whoever calls brings the time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from modelmonitor_api.conditions import TYPES
from modelmonitor_api.names import API_VERSION, KIND
from modelmonitor_operator.cluster import Raw
from modelmonitor_operator.inject.pods import entries, inner
from modelmonitor_operator.plan.findings import Finding, Refusals
from modelmonitor_operator.plan.planning import Draft, Judged, findings, injection_state
from modelmonitor_operator.render.series import exposed_series, recorded_series

MAX_MESSAGE: Final = 4_096
MAX_VERSIONS: Final = 16
MAX_BINDINGS: Final = 64


@dataclass(frozen=True, slots=True)
class Transition:
    """A condition that is another than it was; `good` where that is as it should be."""

    type: str
    reason: str
    message: str
    good: bool


def status_of(resource: Raw, draft: Draft, refusals: Refusals, now: str) -> dict[str, Any]:
    """The whole `status`; `now` is a timestamp of the API."""
    generation = resource["metadata"].get("generation", 0)
    before = {one["type"]: one for one in entries(inner(resource, "status"), "conditions")}
    told = [
        _condition(one, before.get(one.type, {}), generation, now)
        for one in findings(draft, refusals)
    ]
    return {
        "observedGeneration": generation,
        "injection": injection_state(draft),
        "conditions": told,
        **(_numbers(draft.judged) if draft.judged is not None else {}),
    }


def said_before(resource: Raw) -> Raw:
    """The `status` that it has, without conditions of other controllers: those are theirs."""
    status = inner(resource, "status")
    own = [one for one in entries(status, "conditions") if one["type"] in TYPES]
    return {**status, "conditions": own}


def status_manifest(resource: Raw, status: Raw) -> dict[str, Any]:
    """What server-side apply sends to the subresource."""
    metadata = resource["metadata"]
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": metadata["name"], "namespace": metadata["namespace"]},
        "status": status,
    }


def transitions(resource: Raw, status: Raw) -> Iterator[Transition]:
    """What is worth an Event: a condition with another status or reason than before."""
    before = {one["type"]: one for one in entries(inner(resource, "status"), "conditions")}
    for one in status["conditions"]:
        old = before.get(one["type"], {})
        if (old.get("status"), old.get("reason")) != (one["status"], one["reason"]):
            yield Transition(
                one["type"], one["reason"], one["message"], good=one["status"] != "False"
            )


def _condition(
    finding: Finding, before: Mapping[str, Any], generation: int, now: str
) -> dict[str, Any]:
    same = before.get("status") == finding.status
    return {
        "type": finding.type,
        "status": finding.status,
        "reason": finding.reason,
        "message": finding.message[:MAX_MESSAGE],
        "lastTransitionTime": before["lastTransitionTime"] if same else now,
        "observedGeneration": generation,
    }


def _numbers(judged: Judged) -> dict[str, Any]:
    target, monitor = judged.target, judged.subject.monitor
    seen: dict[str, Any] = {
        "pods": target.pods,
        "injected": target.injected,
        "injectedOfPods": f"{target.injected}/{target.pods}",
        "pendingRestart": {"pods": target.pending, "command": target.command},
    }
    return {
        "target": seen,
        "models": len(monitor.models),
        "features": _features(judged),
        "series": _series(judged),
        "sidecarVersions": [
            {"version": version, "pods": pods} for version, pods in target.versions[:MAX_VERSIONS]
        ],
        "bindings": _bindings(judged),
    }


def _features(judged: Judged) -> int:
    """Of each model the inputs of its widest baseline, without those that are to be ignored."""
    ignored = {
        model.name: {feature.name for feature in model.features if feature.ignore}
        for model in judged.subject.monitor.models
    }
    widest: dict[str, int] = {}
    for one in judged.chosen.used:
        inputs = {feature.name for feature in one.known.baseline.inputs}
        watched = len(inputs - ignored.get(one.model, set()))
        widest[one.model] = max(watched, widest.get(one.model, 0))
    return sum(widest.values())


def _series(judged: Judged) -> int:
    """In all pods with sidecars (of one, where there is none yet), and recorded by rules."""
    monitor, budget = judged.subject.monitor, judged.subject.settings.render.series_budget
    used = [(one.model, one.known.baseline) for one in judged.chosen.used]
    recorded = sum(recorded_series(monitor, baseline) for _, baseline in used)
    pods = max(1, judged.target.injected)
    return exposed_series(monitor, used, budget) * pods + recorded


def _bindings(judged: Judged) -> list[dict[str, str]]:
    """In one order, so that the same is the same."""
    found = sorted(judged.situation.world.bindings, key=lambda one: (one.kind, one.prometheus))
    return [
        {
            "kind": one.kind,
            "prometheus": one.prometheus,
            "accepted": one.accepted,
            **({"message": one.message} if one.message else {}),
        }
        for one in found[:MAX_BINDINGS]
    ]
