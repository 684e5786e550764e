"""The kinds of objects that the operator reads or makes, as the API server addresses them.

It refuses to know what is done with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from modelmonitor_api.names import GROUP, KIND, PLURAL, VERSION


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """One kind; the core group's name is empty."""

    group: str
    version: str
    name: str
    plural: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """As manifests say it."""
        return f"{self.group}/{self.version}" if self.group else self.version


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """One object; `namespace` is empty where the kind has none."""

    kind: Kind
    namespace: str
    name: str

    def __str__(self) -> str:
        """As people say it: `ConfigMap churn-modelmonitor`."""
        return f"{self.kind.name} {self.name}"


MONITOR: Final = Kind(GROUP, VERSION, KIND, PLURAL)
CONFIG_MAP: Final = Kind("", "v1", "ConfigMap", "configmaps")
SERVICE: Final = Kind("", "v1", "Service", "services")
POD: Final = Kind("", "v1", "Pod", "pods")
EVENT: Final = Kind("", "v1", "Event", "events")
NAMESPACE: Final = Kind("", "v1", "Namespace", "namespaces", namespaced=False)
RESOURCE_QUOTA: Final = Kind("", "v1", "ResourceQuota", "resourcequotas")
LIMIT_RANGE: Final = Kind("", "v1", "LimitRange", "limitranges")
LEASE: Final = Kind("coordination.k8s.io", "v1", "Lease", "leases")
NETWORK_POLICY: Final = Kind("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies")
DEPLOYMENT: Final = Kind("apps", "v1", "Deployment", "deployments")
STATEFUL_SET: Final = Kind("apps", "v1", "StatefulSet", "statefulsets")
DAEMON_SET: Final = Kind("apps", "v1", "DaemonSet", "daemonsets")
JOB: Final = Kind("batch", "v1", "Job", "jobs")
CRON_JOB: Final = Kind("batch", "v1", "CronJob", "cronjobs")
DEFINITION: Final = Kind(
    "apiextensions.k8s.io",
    "v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    namespaced=False,
)

SECRET: Final = Kind("", "v1", "Secret", "secrets")
MUTATING_WEBHOOKS: Final = Kind(
    "admissionregistration.k8s.io",
    "v1",
    "MutatingWebhookConfiguration",
    "mutatingwebhookconfigurations",
    namespaced=False,
)

POD_MONITOR: Final = Kind("monitoring.coreos.com", "v1", "PodMonitor", "podmonitors")
PROMETHEUS_RULE: Final = Kind("monitoring.coreos.com", "v1", "PrometheusRule", "prometheusrules")
PROMETHEUS: Final = Kind("monitoring.coreos.com", "v1", "Prometheus", "prometheuses")
GRAFANA_DASHBOARD: Final = Kind(
    "grafana.integreatly.org", "v1beta1", "GrafanaDashboard", "grafanadashboards"
)

OPTIONAL: Final = (POD_MONITOR, PROMETHEUS_RULE, PROMETHEUS, GRAFANA_DASHBOARD)
"""Kinds of other operators, which may be missing, come later, or go."""
OWNED: Final = (CONFIG_MAP, SERVICE, POD_MONITOR, PROMETHEUS_RULE, GRAFANA_DASHBOARD)
"""Kinds of what is made for a monitor."""
WORKLOADS: Final = (DEPLOYMENT, STATEFUL_SET, DAEMON_SET, JOB, CRON_JOB)
"""Kinds that hold a pod template."""

_BY_NAME: Final = {
    (kind.api_version, kind.name): kind
    for kind in (
        MONITOR, CONFIG_MAP, SERVICE, POD, EVENT, NAMESPACE, RESOURCE_QUOTA, LIMIT_RANGE, LEASE,
        NETWORK_POLICY,
        DEFINITION, SECRET, MUTATING_WEBHOOKS,
        *WORKLOADS, *OPTIONAL,
    )
}  # fmt: skip


def kind_of(manifest: Mapping[str, Any]) -> Kind:
    """The kind that a manifest says it has; KeyError where it is none of the above."""
    return _BY_NAME[manifest["apiVersion"], manifest["kind"]]


def reference_to(manifest: Mapping[str, Any]) -> Reference:
    """The object that a manifest is of."""
    metadata = manifest["metadata"]
    return Reference(kind_of(manifest), metadata.get("namespace") or "", metadata["name"])
