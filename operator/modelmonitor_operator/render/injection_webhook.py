"""The configuration of the admission webhook: which new pods the API server asks it about.

For clusters without admission policies.  Whatever fails on the way, the pod is created as it is.
`caBundle` is left out: a field that is not in the chart is not taken back by an upgrade.
"""

from collections.abc import Collection
from typing import Any, Final

from modelmonitor_api.names import GROUP, LABEL_INJECT
from modelmonitor_operator.inject.skips import Reason
from modelmonitor_operator.render.injection_conditions import NOT_SKIPPED_BY_ANY

Manifest = dict[str, Any]

ADMISSION: Final = "admissionregistration.k8s.io/v1"
KIND: Final = "MutatingWebhookConfiguration"
NAME: Final = "modelmonitor-inject"
WEBHOOK: Final = f"inject.{GROUP}"
SERVICE: Final = "modelmonitor-webhook"
PATH: Final = "/inject"
TIMEOUT_SECONDS: Final = 5


def injection_webhook(excluded: Collection[str], namespace: str) -> Manifest:
    """Of pods of `excluded` namespaces it is never asked; `namespace` is the Service's."""
    opted_out = {"key": LABEL_INJECT, "operator": "NotIn", "values": ["false"]}
    by_name = {
        "key": "kubernetes.io/metadata.name",
        "operator": "NotIn",
        "values": sorted(excluded),
    }
    labels = {
        "app.kubernetes.io/name": "modelmonitor",
        "app.kubernetes.io/component": "injection",
    }
    webhook = {
        "name": WEBHOOK,
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Ignore",
        "timeoutSeconds": TIMEOUT_SECONDS,
        "reinvocationPolicy": "IfNeeded",
        "matchPolicy": "Equivalent",
        "clientConfig": {
            "service": {"name": SERVICE, "namespace": namespace, "path": PATH, "port": 443}
        },
        "rules": [_pods()],
        "namespaceSelector": {"matchExpressions": [by_name, opted_out]},
        "objectSelector": {"matchExpressions": [opted_out]},
        "matchConditions": _conditions(),
    }
    return {
        "apiVersion": ADMISSION,
        "kind": KIND,
        "metadata": {"name": NAME, "labels": labels},
        "webhooks": [webhook],
    }


def _pods() -> Manifest:
    return {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": ["pods"],
        "scope": "Namespaced",
    }


def _conditions() -> list[Manifest]:
    """What a cluster needs to come up, such as its network, never waits for an answer of ours."""
    names = {Reason.MIRROR_POD: "not-a-mirror", Reason.HOST_NETWORK: "not-on-the-nodes-network"}
    skipped = [
        {"name": name, "expression": NOT_SKIPPED_BY_ANY[reason]} for reason, name in names.items()
    ]
    return [{"name": "labelled", "expression": "has(object.metadata.labels)"}, *skipped]
