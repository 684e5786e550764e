"""One AdmissionReview: what is asked, what is decided, what is answered.  Pure.

It decides as the admission policy does: a pod that is created is injected for the first armed
monitor of its namespace that selects it and can take over its port.  Labels of namespaces are the
configuration's affair: the API server does not ask where a namespace opted out.  The answer is
always that the pod is allowed.
"""

import base64
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from modelmonitor_api.errors import InputError
from modelmonitor_api.grammar import is_dns_name
from modelmonitor_api.names import ARMED
from modelmonitor_api.spec import SidecarSize
from modelmonitor_api.webhook_metrics import INJECTED, NAMESPACE_EXCLUDED, NOT_SELECTED
from modelmonitor_operator.admission.json_patch import Operation, json_patch
from modelmonitor_operator.inject.injection import Target, inject
from modelmonitor_operator.inject.pods import Raw, entries, inner
from modelmonitor_operator.inject.selectors import selects
from modelmonitor_operator.inject.settings import InjectionSettings

REVIEW_VERSION: Final = "admission.k8s.io/v1"
REVIEW_KIND: Final = "AdmissionReview"
MAX_NAMESPACE: Final = 63


@dataclass(frozen=True, slots=True)
class PodRequest:
    """A pod that is to be created; `uid` is the request's, not the pod's."""

    uid: str
    namespace: str
    pod: Raw


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome in one word, and what is to be changed."""

    outcome: str
    patch: Sequence[Operation] = ()


def read_request(review: Any) -> PodRequest:
    """What an API server asks; InputError where it is nothing that this webhook is there for."""
    request = review.get("request") if isinstance(review, dict) else None
    if not isinstance(request, dict) or review.get("apiVersion") != REVIEW_VERSION:
        raise InputError("body", f"is no {REVIEW_KIND} of {REVIEW_VERSION}; send one")
    pod, uid = request.get("object"), request.get("uid")
    if not isinstance(uid, str) or not uid:
        raise InputError("body: request.uid", "is missing; send the uid of the request")
    is_new = request.get("operation") == "CREATE"
    if not is_new or not isinstance(pod, dict) or pod.get("kind", "Pod") != "Pod":
        raise InputError("body: request", "creates no pod; ask for CREATE of pods only")
    return PodRequest(uid, _namespace(request), pod)


def decide(
    request: PodRequest,
    monitors: Sequence[Raw],
    settings: InjectionSettings,
    excluded: Collection[str],
) -> Decision:
    """`monitors` are those of the pod's namespace; `excluded` namespaces are left alone."""
    if request.namespace in excluded:
        return Decision(NAMESPACE_EXCLUDED)
    decision = Decision(NOT_SELECTED)
    for target in _targets(request.pod, monitors):
        injection = inject(request.pod, target, settings)
        if injection.skip is None:
            return Decision(INJECTED, json_patch(request.pod, injection.pod))
        decision = Decision(injection.skip.reason.value)
    return decision


def answer(uid: str, patch: Sequence[Operation] = (), warning: str = "") -> dict[str, Any]:
    """The review that allows the pod, with a patch where there is one.

    `warning` is shown to whoever made the pod.
    """
    response: dict[str, Any] = {"uid": uid, "allowed": True}
    if patch:
        text = json.dumps(list(patch), separators=(",", ":"))
        encoded = base64.b64encode(text.encode()).decode()
        response |= {"patchType": "JSONPatch", "patch": encoded}
    if warning:
        response["warnings"] = [warning]
    return {"apiVersion": REVIEW_VERSION, "kind": REVIEW_KIND, "response": response}


def _namespace(request: Raw) -> str:
    """It becomes part of a path to the API server, and whoever reaches the port may send it."""
    namespace = request.get("namespace")
    if not isinstance(namespace, str) or not is_dns_name(namespace, MAX_NAMESPACE):
        raise InputError("body: request.namespace", "is no name of a namespace; send the pod's")
    return namespace


def _targets(pod: Raw, monitors: Sequence[Raw]) -> Iterator[Target]:
    """What armed monitors want of the pod.  Arming leaves one; of two the older comes first."""
    labels = inner(pod, "metadata", "labels")
    for one in sorted(monitors, key=_age):
        armed = inner(one, "status").get("injection") == ARMED
        ports = entries(inner(one, "spec"), "ports")
        if armed and labels and ports and selects(inner(one, "spec", "selector"), labels):
            size: SidecarSize | None = inner(one, "spec", "sidecar").get("size")
            yield Target(one["metadata"]["name"], ports[0], size or "Small")


def _age(monitor: Raw) -> tuple[str, str]:
    metadata = monitor["metadata"]
    return str(metadata.get("creationTimestamp")), metadata["name"]
