"""What the platform team decides about the operator: the chart's values, and the environment.

The only reader of the environment.  It refuses to know what the settings are used for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from modelmonitor_api.reading import Fields
from modelmonitor_operator.inject.settings import InjectionSettings, read_injection_settings
from modelmonitor_operator.render.settings import RenderSettings, read_settings

Delivery = Literal["Auto", "PrometheusRule", "ConfigMap"]

SYSTEM_NAMESPACES: Final = ("kube-system", "kube-public", "kube-node-lease")
ENV_NAMESPACE: Final = "POD_NAMESPACE"
ENV_IDENTITY: Final = "POD_NAME"
DEFAULT_NAMESPACE: Final = "modelmonitor"
_IDENTITY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}")


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """What objects and status depend on.

    `delivery`: rules as a PrometheusRule, as a ConfigMap with a rule file, or (Auto) as whichever
    the cluster has.  `version` is the program's: another one may make other objects.
    """

    render: RenderSettings
    injection: InjectionSettings
    delivery: Delivery = "Auto"
    excluded_namespaces: frozenset[str] = frozenset(SYSTEM_NAMESPACES)
    version: str = "0"


@dataclass(frozen=True, slots=True)
class OperatorSettings:
    """All settings of the process.

    `resync_seconds`: after so long every monitor is looked at again, `unsettled_seconds` where
    something is expected to change soon.  `lease_seconds`: a leader that has not renewed its
    Lease for so long is replaced.  `silence_seconds`: watches quiet for longer are
    broken; each is asked anew once a minute.
    """

    plan: PlanSettings
    namespace: str = DEFAULT_NAMESPACE
    identity: str = "modelmonitor-operator"
    workers: int = 16
    resync_seconds: int = 300
    unsettled_seconds: int = 15
    lease_seconds: int = 15
    silence_seconds: int = 180
    port: int = 8080


def read_operator_settings(
    values: Mapping[str, Any], environment: Mapping[str, str], version: str
) -> OperatorSettings:
    """From the chart's values; other keys are others' affair.  SpecError names the key."""
    top = Fields(values, "", strict=False)
    operator, rules = top.child("operator"), top.child("rules")
    namespace = environment.get(ENV_NAMESPACE) or DEFAULT_NAMESPACE
    identity = environment.get(ENV_IDENTITY) or "modelmonitor-operator"
    excluded = (*SYSTEM_NAMESPACES, namespace, *top.child("injection").texts("excludedNamespaces"))
    return OperatorSettings(
        plan=PlanSettings(
            render=read_settings(values),
            injection=read_injection_settings(values),
            delivery=rules.choice("delivery", get_args(Delivery), "Auto"),
            excluded_namespaces=frozenset(excluded),
            version=version,
        ),
        namespace=namespace,
        identity=identity if _IDENTITY.fullmatch(identity) else "modelmonitor-operator",
        workers=operator.count("workers", 16, 1, 64),
        resync_seconds=operator.count("resyncSeconds", 300, 10, 3_600),
        unsettled_seconds=operator.count("unsettledSeconds", 15, 1, 600),
        lease_seconds=operator.count("leaseSeconds", 15, 3, 120),
        silence_seconds=operator.count("silenceSeconds", 180, 90, 3_600),
        port=operator.count("port", 8_080, 1_024, 65_535),
    )
