"""Whether a LimitRange of the namespace would refuse pods for the sidecars in them.

It bounds each container, and the sum of a pod, and fills in what a container does not say.  The
sidecars always request CPU and memory, and limit memory.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from modelmonitor_api.names import CONTAINER_COLLECTOR, CONTAINER_PROXY
from modelmonitor_operator.inject.pods import Raw, entries, inner
from modelmonitor_operator.inject.quantities import amount
from modelmonitor_operator.inject.settings import Resources
from modelmonitor_operator.preflight.pods import targets
from modelmonitor_operator.preflight.problem import Problem, Situation

REASON: Final = "LimitRange"
_MEND: Final = (
    "make it wider, choose another spec.sidecar.size, or have chart value sidecar.sizes changed"
)

Need = tuple[Decimal | None, Decimal | None]
"""What is requested of a resource, and the limit; None: nothing is said."""


def limit_ranges_allow(situation: Situation) -> Problem | None:
    """The first bound that a sidecar, or a pod with both, is outside of."""
    for limit_range in situation.world.limit_ranges:
        name = limit_range["metadata"]["name"]
        for bounds in entries(inner(limit_range, "spec"), "limits"):
            words = next(_broken(bounds, situation), None)
            if words is not None:
                return Problem(REASON, f"LimitRange {name} {words}: {_MEND}")
    return None


def _broken(bounds: Raw, situation: Situation) -> Iterator[str]:
    if bounds.get("type") == "Container":
        yield from _of_containers(bounds, situation)
    elif bounds.get("type") == "Pod":
        yield from _of_pods(bounds, situation)


def _of_containers(bounds: Raw, situation: Situation) -> Iterator[str]:
    for name, resources in _sidecars(situation).items():
        for resource in _named(bounds):
            need = _filled(_said(resources, resource), bounds, resource)
            words = _outside(bounds, resource, need) or _beyond_limit(resource, need)
            if words:
                yield f"refuses container {name}: {words}"


def _of_pods(bounds: Raw, situation: Situation) -> Iterator[str]:
    """A sidecar makes a sum larger, and so never too small; a missing limit is the app's."""
    ours = list(_sidecars(situation).values())
    for what, pod in targets(situation):
        for resource in _named(bounds):
            own = [_of_container(one, resource) for one in entries(pod["spec"], "containers")]
            need = _sum([*own, *(_said(one, resource) for one in ours)])
            words = _outside({**bounds, "min": {}}, resource, need) if need[1] else None
            if words:
                yield f"refuses {what} with the sidecars: {words}"


def _sidecars(situation: Situation) -> Mapping[str, Resources]:
    pair = situation.settings.injection.sizes[situation.monitor.sidecar_size]
    return {CONTAINER_COLLECTOR: pair.collector, CONTAINER_PROXY: pair.proxy}


def _named(bounds: Raw) -> list[str]:
    keys = ("min", "max", "maxLimitRequestRatio", "default")
    return sorted({resource for key in keys for resource in inner(bounds, key)})


def _said(resources: Resources, resource: str) -> Need:
    if resource == "memory":
        return amount(resources.memory), amount(resources.memory)
    if resource == "cpu":
        limit = resources.cpu_limit
        return amount(resources.cpu), None if limit is None else amount(limit)
    return None, None


def _of_container(container: Raw, resource: str) -> Need:
    """A limit alone is a request, too."""
    requested, limit = (
        inner(container, "resources", key).get(resource) for key in ("requests", "limits")
    )
    found = None if limit is None else amount(str(limit))
    return found if requested is None else amount(str(requested)), found


def _filled(need: Need, bounds: Raw, resource: str) -> Need:
    """As the API server fills it in: `default` is a limit."""
    request, limit = need
    by_default, by_request = (
        inner(bounds, key).get(resource) for key in ("default", "defaultRequest")
    )
    return (
        amount(str(by_request)) if request is None and by_request is not None else request,
        amount(str(by_default)) if limit is None and by_default is not None else limit,
    )


def _sum(needs: list[Need]) -> Need:
    requests = [request for request, _ in needs if request is not None]
    limits = [limit for _, limit in needs if limit is not None]
    return (
        sum(requests, Decimal(0)) if requests else None,
        sum(limits, Decimal(0)) if limits else None,
    )


def _outside(bounds: Raw, resource: str, need: Need) -> str | None:
    """What is not said is outside of any bound."""
    request, limit = need
    said = [one for one in need if one is not None]
    least, most, ratio = (
        None if (found := inner(bounds, key).get(resource)) is None else amount(str(found))
        for key in ("min", "max", "maxLimitRequestRatio")
    )
    if least is not None and (request is None or min(said) < least):
        return f"at least {_text(least)} of {resource} has to be requested, not {_text(request)}"
    if most is not None and (limit is None or max(said) > most):
        return f"at most {_text(most)} of {resource} may be used, the limit is {_text(limit)}"
    if ratio is not None and (not request or limit is None or limit / request > ratio):
        return f"the limit of {resource} may be {_text(ratio)} times what is requested"
    return None


def _beyond_limit(resource: str, need: Need) -> str | None:
    """No container may request more than its limit, and a default is one."""
    request, limit = need
    if request is None or limit is None or request <= limit:
        return None
    return f"its default limit of {_text(limit)} {resource} is below the request {_text(request)}"


def _text(number: Decimal | None) -> str:
    return "nothing" if number is None else f"{number.normalize():f}"
