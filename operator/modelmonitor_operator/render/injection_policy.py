"""The admission policy that injects inside the API server, with the operator up or down.

It is evaluated for each ModelMonitor of the pod's namespace, in no fixed order; arming makes sure
that at most one wins.  Image, ports, resources and security context are literals.  What follows was
seen on Kubernetes 1.37:

- One mutation: with failurePolicy Ignore, an error in a second would leave the first one's half.
- Ignore covers neither a result that validation refuses nor an unknown field: those refuse the pod.
  Hence the conditions, and the corpus of pods that holds this and `inject` together.
- For the first 30 s an API server does not know resources of a definition as parameters: pods that
  are created meanwhile pass as they are.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from modelmonitor_api.names import (
    ANNOTATION_INJECTED,
    API_VERSION,
    KIND,
    LABEL_INJECT,
    LABEL_MONITOR,
    OBJECT_SUFFIX,
    PORT_NAME_APP,
)
from modelmonitor_operator.inject.references import PLACES
from modelmonitor_operator.inject.scraping import SCRAPE_KEYS, scrape_annotations
from modelmonitor_operator.inject.settings import InjectionSettings
from modelmonitor_operator.inject.sidecars import sidecar_containers, sidecar_volumes
from modelmonitor_operator.inject.template import Slot, Template
from modelmonitor_operator.render.cel import built, joined, literal
from modelmonitor_operator.render.injection_conditions import (
    HAS_APP_PORT,
    IS_APP_PORT,
    PORT,
    injected_pods,
)

Manifest = dict[str, Any]

ADMISSION: Final = "admissionregistration.k8s.io/v1"
NAME: Final = "modelmonitor-inject"

_SLOTS: Final[Mapping[Slot, str]] = {
    Slot.MONITOR: "params.metadata.name",
    Slot.CONFIG_MAP: f"params.metadata.name + {literal(OBJECT_SUFFIX)}",
    Slot.PORT: "variables.port",
    Slot.UPSTREAM: "string(variables.number)",
}
_SIZE: Final = "variables.size"
_VARIABLES: Final = {
    "port": PORT,
    "at": f"object.spec.containers.transformList(i, c, {HAS_APP_PORT}, i)[0]",
    "app": "object.spec.containers[variables.at]",
    "index": f"variables.app.ports.transformList(i, p, {IS_APP_PORT}, i)[0]",
    "number": "variables.app.ports[variables.index].containerPort",
    "size": "params.spec.?sidecar.?size.orValue('Small')",
    "path": "'/spec/containers/' + string(variables.at)",
}


def injection_objects(settings: InjectionSettings, excluded: Collection[str]) -> list[Manifest]:
    """The policy and its binding where the mode is Policy, else nothing.

    `excluded` are namespaces of which no pod is injected.
    """
    if settings.mode != "Policy":
        return []
    return [injection_policy(settings), injection_policy_binding(excluded)]


def injection_policy(settings: InjectionSettings) -> Manifest:
    """What is done to a pod, and to which pods."""
    opted_out = {"key": LABEL_INJECT, "operator": "NotIn", "values": ["false"]}
    pods = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": ["pods"],
    }
    return {
        **_manifest("MutatingAdmissionPolicy"),
        "spec": {
            "paramKind": {"apiVersion": API_VERSION, "kind": KIND},
            "matchConstraints": {
                "resourceRules": [pods],
                "objectSelector": {"matchExpressions": [opted_out]},
            },
            "failurePolicy": "Ignore",
            "reinvocationPolicy": "Never",
            "matchConditions": [{"name": "injected", "expression": injected_pods(settings)}],
            "variables": [{"name": name, "expression": text} for name, text in _VARIABLES.items()],
            "mutations": [
                {"patchType": "JSONPatch", "jsonPatch": {"expression": _patch(settings)}}
            ],
        },
    }


def injection_policy_binding(excluded: Collection[str]) -> Manifest:
    """Where the policy acts: nowhere that the cluster needs to come up, nor where it is refused."""
    return {
        **_manifest("MutatingAdmissionPolicyBinding"),
        "spec": {
            "policyName": NAME,
            "paramRef": {"selector": {}, "parameterNotFoundAction": "Allow"},
            "matchResources": {
                "namespaceSelector": {
                    "matchExpressions": [
                        {
                            "key": "kubernetes.io/metadata.name",
                            "operator": "NotIn",
                            "values": sorted(excluded),
                        },
                        {"key": LABEL_INJECT, "operator": "NotIn", "values": ["false"]},
                    ]
                }
            },
        },
    }


def _manifest(kind: str) -> Manifest:
    labels = {
        "app.kubernetes.io/name": "modelmonitor",
        "app.kubernetes.io/component": "injection",
    }
    return {"apiVersion": ADMISSION, "kind": kind, "metadata": {"name": NAME, "labels": labels}}


def _patch(settings: InjectionSettings) -> str:
    injected = "variables.port + ':' + string(variables.number)"
    return joined(
        [
            _appended("initContainers", sidecar_containers(settings)),
            _appended("volumes", sidecar_volumes()),
            _replaced("'/ports/' + string(variables.index) + '/name'", literal(PORT_NAME_APP)),
            *(_numbered(place) for place in PLACES),
            _added("labels", LABEL_MONITOR, "params.metadata.name"),
            _added("annotations", ANNOTATION_INJECTED, injected),
            *scrape_annotations_added(settings),
        ]
    )


def scrape_annotations_added(settings: InjectionSettings) -> list[str]:
    """At most one operand: all annotations, unless the pod's owner uses one of them."""
    wanted = scrape_annotations(settings).items()
    if not wanted:
        return []
    keys = ", ".join(literal(key) for key in SCRAPE_KEYS)
    own = f"[{keys}].exists(k, k in object.metadata.annotations)"
    added = (
        _operation("add", _path_of("annotations", key), literal(value)) for key, value in wanted
    )
    return [f"(has(object.metadata.annotations) && {own} ? [] : [{', '.join(added)}])"]


def _appended(field: str, templates: tuple[Template, ...]) -> str:
    """Entries at the end of a list of the pod's spec, which may have to be made."""
    operations = [
        f"(has(object.spec.{field}) ? [] : [{_operation('add', literal(f'/spec/{field}'), '[]')}])"
    ]
    for template in templates:
        entry = built(template, f"Object.spec.{field}", _SLOTS, _SIZE)
        operations.append(f"[{_operation('add', literal(f'/spec/{field}/-'), entry)}]")
    return joined(operations)


def _replaced(rest: str, value: str) -> str:
    """One field of the app's container."""
    return f"[{_operation('replace', f'variables.path + {rest}', value)}]"


def _numbered(place: tuple[str, ...]) -> str:
    """A reference to the port by name becomes its number, where there is one."""
    ways = [".".join(("variables.app", *place[: end + 1])) for end in range(len(place))]
    there = " && ".join(f"has({way})" for way in ways)
    replaced = _replaced(literal("/" + "/".join((*place, "port"))), "variables.number")
    return f"({there} && {ways[-1]}.port == variables.port ? {replaced} : [])"


def _added(field: str, key: str, value: str) -> str:
    """A label or annotation, and the mapping for it where there is none."""
    made = _operation("add", literal(f"/metadata/{field}"), "{}")
    missing = f"(has(object.metadata.{field}) ? [] : [{made}])"
    return joined([missing, f"[{_operation('add', _path_of(field, key), value)}]"])


def _path_of(field: str, key: str) -> str:
    """A slash in a key is ``~1`` in a path."""
    return literal(f"/metadata/{field}/{key.replace('/', '~1')}")


def _operation(name: str, path: str, value: str) -> str:
    return f"JSONPatch{{op: {literal(name)}, path: {path}, value: {value}}}"
