"""Where the pod template is in each kind of workload.

It refuses to know what is done with it.
"""

from collections.abc import Mapping
from typing import Any, Final

from modelmonitor_operator.inject.pods import Raw, inner

_TEMPLATE: Final = ("spec", "template")
POD_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "Pod": (),
    "Deployment": _TEMPLATE,
    "StatefulSet": _TEMPLATE,
    "DaemonSet": _TEMPLATE,
    "ReplicaSet": _TEMPLATE,
    "Job": _TEMPLATE,
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
"""Kind → the way to what has the form of a pod."""


def pod_in(workload: Raw) -> Raw:
    """The pod template of an object of one of these kinds, the pod itself for a Pod."""
    return inner(workload, *POD_PLACES[workload["kind"]])


def with_pod(workload: Raw, pod: Raw) -> dict[str, Any]:
    """The object with another pod template; all else is shared with the given one.

    >>> with_pod({"kind": "Job", "spec": {"suspend": True}}, {"spec": {}})
    {'kind': 'Job', 'spec': {'suspend': True, 'template': {'spec': {}}}}
    """
    return _with(workload, POD_PLACES[workload["kind"]], pod)


def _with(mapping: Raw, place: tuple[str, ...], pod: Raw) -> dict[str, Any]:
    if not place:
        return dict(pod)
    key, *rest = place
    return {**mapping, key: _with(mapping.get(key) or {}, tuple(rest), pod)}
