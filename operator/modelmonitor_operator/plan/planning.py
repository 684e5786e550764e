"""`plan`: from a monitor and what is seen to objects and status.  One pure function.

It knows no difference between a new monitor, a changed one and one of yesterday: the same monitor
in the same world has the same plan.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from modelmonitor_api import conditions
from modelmonitor_api.errors import InputError
from modelmonitor_api.names import ARMED, DISARMED
from modelmonitor_api.selection import check_selection
from modelmonitor_api.spec import ModelMonitor
from modelmonitor_api.spec_reading import parse_monitor
from modelmonitor_operator.cluster import Raw
from modelmonitor_operator.inject.pods import entries, inner
from modelmonitor_operator.plan.baselines import Chosen, choose_baselines
from modelmonitor_operator.plan.desired import Desired, Subject, desired_objects, kept_objects
from modelmonitor_operator.plan.findings import (
    Finding,
    Refusals,
    armed,
    baselines_loaded,
    capturing,
    dashboard_applied,
    injected,
    ready,
    rules_applied,
    rules_selected,
    spec_invalid,
    spec_valid,
)
from modelmonitor_operator.plan.targets import Target, target_of
from modelmonitor_operator.preflight.chain import first_problem
from modelmonitor_operator.preflight.pods import app_number, targets
from modelmonitor_operator.preflight.problem import LastArming, Problem, Situation
from modelmonitor_operator.render.sidecar_config_map import MAX_BYTES, UsedBaseline, without_room
from modelmonitor_operator.settings import PlanSettings
from modelmonitor_operator.world import LoadedBaseline, OwnedObject, World

SMALL_BYTES: Final = MAX_BYTES // 2
"""A packed baseline of this size has room for certain, however it is packed anew."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Objects to make or to keep, objects to delete, and the status but for what is refused."""

    apply: tuple[Desired, ...]
    delete: tuple[OwnedObject, ...]
    draft: "Draft"


@dataclass(frozen=True, slots=True)
class Draft:
    """What the status needs; None where the spec cannot be read."""

    invalid: str = ""
    judged: "Judged | None" = None


@dataclass(frozen=True, slots=True)
class Judged:
    """All that was found out about a monitor that can be read."""

    situation: Situation
    subject: Subject
    problem: Problem | None
    chosen: Chosen
    left_out: tuple[str, ...]
    target: Target


def plan(resource: Raw, world: World, settings: PlanSettings) -> Plan:
    """What to do about a monitor, as the API server has it.

    With a spec that cannot be read everything stays as it is, but no new pod is injected.
    """
    try:
        monitor = parse_monitor(resource, strict=False)
        check_selection(monitor)
    except InputError as error:
        return Plan((), (), Draft(invalid=str(error)))
    judged = _judged(resource, monitor, world, settings)
    objects = desired_objects(judged.subject)
    wanted = {*(one.reference for one in objects), *kept_objects(judged.subject)}
    unwanted = tuple(one for one in world.owned if one.reference not in wanted)
    return Plan(objects, unwanted, Draft(judged=judged))


def findings(draft: Draft, refusals: Refusals) -> tuple[Finding, ...]:
    """All conditions; the summary first."""
    judged = draft.judged
    if judged is None:
        told: tuple[Finding, ...] = (
            spec_invalid(draft.invalid),
            armed(Problem("SpecInvalid", "mend the spec first; see condition SpecValid"), _NOBODY),
        )
        return (ready(told, refusals), *told)
    told = (
        spec_valid(),
        armed(judged.problem, judged.target),
        baselines_loaded(judged.chosen, judged.left_out),
        injected(judged.problem, judged.target),
        capturing(judged.situation, judged.target),
        rules_applied(judged.subject, refusals),
        rules_selected(judged.subject, judged.situation),
        dashboard_applied(judged.subject, judged.situation.world, refusals),
    )
    return (ready(told, refusals), *told)


_NOBODY = Target(0, 0, 0, "", (), 0)


def _judged(resource: Raw, monitor: ModelMonitor, world: World, settings: PlanSettings) -> Judged:
    situation = Situation(
        monitor,
        inner(resource, "metadata").get("creationTimestamp", ""),
        world,
        settings,
        last_arming(resource),
    )
    problem = first_problem(situation)
    chosen = choose_baselines(monitor, world)
    subject = Subject(
        monitor=monitor,
        uid=resource["metadata"]["uid"],
        spec=resource["spec"],
        baselines=chosen.used,
        number=_number(situation),
        served=world.served,
        settings=settings,
    )
    target = target_of(monitor.namespace, world, settings, problem)
    return Judged(situation, subject, problem, chosen, _left_out(chosen.used), target)


def injection_state(draft: Draft) -> str:
    """The word that the admission policy reads."""
    return ARMED if draft.judged is not None and draft.judged.problem is None else DISARMED


def last_arming(resource: Raw) -> LastArming:
    """What the status says, unless the resource was changed since."""
    status: Mapping[str, Any] = inner(resource, "status")
    generation = inner(resource, "metadata").get("generation")
    for condition in entries(status, "conditions"):
        same = condition.get("observedGeneration") == generation
        if condition["type"] == conditions.ARMED and same:
            armed_before = condition["status"] == "True"
            since = condition["lastTransitionTime"]
            return LastArming(armed_before, condition["reason"], condition["message"], since)
    return LastArming()


def _number(situation: Situation) -> int | None:
    (port,) = situation.monitor.ports
    numbers = (app_number(pod, port) for _, pod in targets(situation))
    return next((number for number in numbers if number is not None), None)


def _left_out(used: tuple[LoadedBaseline, ...]) -> tuple[str, ...]:
    """Of several baselines the sidecars' ConfigMap holds the newest that fit.

    Packing them takes time, so what is small for certain is not asked about.
    """
    if sum(one.known.source_bytes for one in used) <= SMALL_BYTES and len(used) < 2:
        return ()
    all_of_them = [UsedBaseline(one.model, one.version, one.known.baseline) for one in used]
    return tuple(
        f"the baseline of {one.model} {one.version or 'for all versions'}"
        for one in without_room(all_of_them)
    )
