"""Whether pods with sidecars would be let in, and would start.

What the sidecars once tripped stays disarmed until somebody changes something: armed again as soon
as the pods have come up without them, the next rollout would trip in the same way.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from modelmonitor_operator.inject.pods import Raw, entries, has_opted_out, inner
from modelmonitor_operator.inject.quantities import amount
from modelmonitor_operator.inject.settings import Resources
from modelmonitor_operator.preflight.problem import Problem, Situation
from modelmonitor_operator.preflight.scopes import counts

IMAGE: Final = "SidecarImage"
REFUSED: Final = "PodsRefused"
TRIPPED: Final = (IMAGE, REFUSED)


def quota_has_room(situation: Situation) -> Problem | None:
    """For the sidecars of every pod that has none yet; of the first, where there are no pods."""
    seen = situation.world.pods
    pods = sum(pod.image is None and not has_opted_out(pod.raw) for pod in seen) if seen else 1
    for quota in situation.world.quotas:
        if not counts(quota, situation):
            continue
        for key, needed in _needed(situation).items():
            problem = _too_small(quota, key, needed and needed * pods)
            if problem is not None:
                return problem
    return None


def image_can_be_had(situation: Situation) -> Problem | None:
    """A pod waits for the sidecars' image, and may wait for ever."""
    image = situation.settings.injection.image
    for pod in situation.world.pods:
        if pod.stuck is not None and pod.image == image:
            return Problem(
                IMAGE,
                f"Pod {pod.name} cannot start: {image}: {pod.stuck}; new pods come without "
                "sidecars: make the image available to the nodes (chart values sidecar.image), "
                f"delete the pod, and {_AGAIN}",
            )
    return None


def pods_are_made(situation: Situation) -> Problem | None:
    """Since pods are injected, a workload cannot make any."""
    if not situation.last.armed:
        return None
    for workload in situation.world.workloads:
        refused = workload.refused
        if refused is not None and not refused.is_before(situation.last.since):
            return Problem(
                REFUSED,
                f"{workload.kind} {workload.name} can make no pods with sidecars "
                f"({refused.message}); new pods come without: mend that, and {_AGAIN}",
            )
    return None


def nothing_was_tripped(situation: Situation) -> Problem | None:
    """What an earlier look found stays until the resource or the image changes."""
    last = situation.last
    if last.reason == REFUSED:
        return Problem(last.reason, last.message)
    if last.reason == IMAGE and f" {situation.settings.injection.image}: " in last.message:
        return Problem(last.reason, last.message)
    return None


_AGAIN: Final = "set spec.suspend to true and back to try again"


def _needed(situation: Situation) -> Mapping[str, Decimal | None]:
    """Of one pod, by what quotas call it; None: a limit is asked for, and there is none."""
    pair = situation.settings.injection.sizes[situation.monitor.sidecar_size]
    both = (pair.proxy, pair.collector)
    cpu, memory = sum(amount(one.cpu) for one in both), sum(amount(one.memory) for one in both)
    return {
        "cpu": Decimal(cpu),
        "requests.cpu": Decimal(cpu),
        "limits.cpu": _cpu_limit(both, _default_cpu_limit(situation)),
        "memory": Decimal(memory),
        "requests.memory": Decimal(memory),
        "limits.memory": Decimal(memory),
    }


def _cpu_limit(both: tuple[Resources, Resources], by_default: Decimal | None) -> Decimal | None:
    said = [by_default if one.cpu_limit is None else amount(one.cpu_limit) for one in both]
    limits = [limit for limit in said if limit is not None]
    return sum(limits, Decimal(0)) if len(limits) == len(both) else None


def _default_cpu_limit(situation: Situation) -> Decimal | None:
    """What the API server fills in; of several LimitRanges it may be any, so the largest."""
    found = [
        inner(bounds, "default").get("cpu")
        for limit_range in situation.world.limit_ranges
        for bounds in entries(inner(limit_range, "spec"), "limits")
        if bounds.get("type") == "Container"
    ]
    return max((amount(str(limit)) for limit in found if limit is not None), default=None)


def _too_small(quota: Raw, key: str, needed: Decimal | None) -> Problem | None:
    hard = inner(quota, "status", "hard").get(key)
    if hard is None:
        return None
    name = quota["metadata"]["name"]
    if needed is None:
        return Problem(
            "QuotaWantsLimit",
            f"ResourceQuota {name} bounds {key}, so every container needs such a limit: "
            "set cpuLimit in the chart values sidecar.sizes, or a default limit in a LimitRange",
        )
    left = amount(hard) - amount(inner(quota, "status", "used").get(key, "0"))
    if left >= needed:
        return None
    return Problem(
        "QuotaTooSmall",
        f"ResourceQuota {name} has {left.normalize():f} of {key} left and the sidecars need "
        f"{needed.normalize():f}: raise it, or choose a smaller spec.sidecar.size",
    )
