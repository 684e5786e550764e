"""Which objects a monitor needs, and how each is made when it has to be.

Rendering takes milliseconds and a hundred kilobytes, so it waits until somebody asks: what an
object is made from has a fingerprint, and where nothing changed nothing is rendered.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any

from modelmonitor_api.names import (
    ANNOTATION_FINGERPRINT,
    API_VERSION,
    KIND,
    LABEL_MONITOR_UID,
    OBJECT_SUFFIX,
)
from modelmonitor_api.spec import ModelMonitor
from modelmonitor_operator.cluster import Raw
from modelmonitor_operator.kinds import (
    CONFIG_MAP,
    GRAFANA_DASHBOARD,
    POD_MONITOR,
    PROMETHEUS_RULE,
    SERVICE,
    Kind,
    Reference,
)
from modelmonitor_operator.render.dashboard.config_map import (
    config_map_name,
    dashboard_config_map,
    dashboard_key,
    written,
)
from modelmonitor_operator.render.dashboard.grafana_dashboard import grafana_dashboard
from modelmonitor_operator.render.dashboard.monitor import monitor_dashboard
from modelmonitor_operator.render.manifest import own_labels
from modelmonitor_operator.render.monitored_service import monitored_name, monitored_service
from modelmonitor_operator.render.placeholders import MONITOR, NAMESPACE, put_in
from modelmonitor_operator.render.pod_monitor import pod_monitor
from modelmonitor_operator.render.prometheus_rule import prometheus_rule
from modelmonitor_operator.render.rules.groups import ALERTS_GROUP
from modelmonitor_operator.render.rules_config_map import rules_config_map
from modelmonitor_operator.render.sidecar_config_map import UsedBaseline, sidecar_config_map
from modelmonitor_operator.settings import PlanSettings
from modelmonitor_operator.world import LoadedBaseline

Render = Callable[[], Raw]


@dataclass(frozen=True, slots=True)
class Desired:
    """One object: its name, what it is made from as a digest, and the way to make it."""

    reference: Reference
    fingerprint: str
    manifest: Render


@dataclass(frozen=True, slots=True)
class Subject:
    """What objects are made from.

    `spec` is the resource's own; `number` is the app's port, None while no pod is known;
    `served` are the kinds that the cluster has.
    """

    monitor: ModelMonitor
    uid: str
    spec: Raw
    baselines: tuple[LoadedBaseline, ...]
    number: int | None
    served: frozenset[Kind]
    settings: PlanSettings


def desired_objects(subject: Subject) -> tuple[Desired, ...]:
    """All that the cluster can hold, in the order of applying: the sidecars' own first."""
    return tuple(_desired(subject, *one) for one in _objects(subject))


def kept_objects(subject: Subject) -> Iterator[Reference]:
    """What stays while nobody knows how to make it: clients have the address of a Service."""
    monitor = subject.monitor
    if monitor.routing == "MonitoredService":
        yield Reference(SERVICE, monitor.namespace, monitored_name(monitor))


def rules_kind(subject: Subject) -> Kind | None:
    """How rules are delivered; None: they are not, for the kind is missing."""
    delivery, there = subject.settings.delivery, PROMETHEUS_RULE in subject.served
    if there and delivery != "ConfigMap":
        return PROMETHEUS_RULE
    return None if delivery == "PrometheusRule" else CONFIG_MAP


def has_pod_monitor(subject: Subject) -> bool:
    """Whether prometheus-operator is told where to scrape; never where pods themselves say it."""
    return POD_MONITOR in subject.served and subject.settings.render.scrape_by == "PodMonitor"


_Object = tuple[Kind, str, tuple[object, ...], Render]
"""Kind, name, what it is made from besides the monitor's name, the way."""


def _objects(subject: Subject) -> Iterator[_Object]:
    monitor, render = subject.monitor, subject.settings.render
    name = f"{monitor.name}{OBJECT_SUFFIX}"
    told = tuple((one.model, one.version, one.known.digest8) for one in subject.baselines)
    parts: tuple[object, ...] = (subject.spec, told, render.series_budget)
    yield CONFIG_MAP, name, parts, partial(_sidecars, subject)
    if monitor.routing == "MonitoredService" and subject.number is not None:
        parts = (monitor.ports, dict(monitor.selector), subject.number)
        service = partial(monitored_service, monitor, subject.number)
        yield SERVICE, monitored_name(monitor), parts, service
    if has_pod_monitor(subject):
        parts = (_labels(subject), render.interval_seconds, render.series_budget)
        yield POD_MONITOR, name, parts, partial(pod_monitor, monitor, render)
    yield from _rules(subject, name)
    yield from _dashboards(subject)


def _rules(subject: Subject, name: str) -> Iterator[_Object]:
    monitor, render = subject.monitor, subject.settings.render
    if render.mode == "Shared":
        return
    links = (render.runbook_url, render.grafana_url)
    parts = (_labels(subject), monitor.windows, links, monitor.suspend)
    kind = rules_kind(subject)
    if kind is PROMETHEUS_RULE:
        yield kind, name, parts, partial(_rule, subject)
    elif kind is CONFIG_MAP and not monitor.suspend:
        yield kind, f"{name}-rules", parts, partial(rules_config_map, monitor, render)


def _dashboards(subject: Subject) -> Iterator[_Object]:
    monitor, render = subject.monitor, subject.settings.render
    name, folder = config_map_name(monitor.name), monitor.grafana_folder
    parts: tuple[object, ...] = (monitor.windows, render.runbook_url, render.cluster_label, folder)
    yield CONFIG_MAP, name, parts, partial(_dashboard, subject)
    if GRAFANA_DASHBOARD in subject.served and render.grafana_instances:
        instances = render.grafana_instances
        made = partial(grafana_dashboard, monitor.namespace, monitor.name, instances, folder)
        yield GRAFANA_DASHBOARD, name, (dict(instances), folder), made


def _sidecars(subject: Subject) -> Raw:
    used = [UsedBaseline(one.model, one.version, one.known.baseline) for one in subject.baselines]
    return sidecar_config_map(subject.monitor, subject.spec, used, subject.settings.render).manifest


def _rule(subject: Subject) -> Raw:
    """Suspended, it goes on recording and tells nobody."""
    monitor, render = subject.monitor, subject.settings.render
    rule = prometheus_rule(monitor, render)
    if monitor.suspend:
        groups = [one for one in rule["spec"]["groups"] if one["name"] != ALERTS_GROUP]
        rule = {**rule, "spec": {"groups": groups}}
    return rule


def _dashboard(subject: Subject) -> Raw:
    monitor, render = subject.monitor, subject.settings.render
    text = _dashboard_text(monitor.windows, render.runbook_url, render.cluster_label)
    namespace, name = monitor.namespace, monitor.name
    made = dashboard_config_map(namespace, name, {}, monitor.grafana_folder)
    return {**made, "data": {dashboard_key(namespace, name): put_in(text, namespace, name)}}


@lru_cache(maxsize=32)
def _dashboard_text(windows: tuple[str, ...], runbook_url: str, cluster_label: str | None) -> str:
    """For a monitor yet to be named."""
    return written(monitor_dashboard(NAMESPACE, MONITOR, windows, runbook_url, cluster_label))


def _labels(subject: Subject) -> Mapping[str, str]:
    return {**subject.settings.render.labels, **subject.monitor.prometheus_labels}


def _desired(
    subject: Subject, kind: Kind, name: str, parts: tuple[object, ...], render: Render
) -> Desired:
    fingerprint = _digest((subject.settings.version, kind.name, subject.uid, parts))
    return Desired(
        Reference(kind, subject.monitor.namespace, name),
        fingerprint,
        partial(_owned, subject, fingerprint, render),
    )


def _owned(subject: Subject, fingerprint: str, render: Render) -> Raw:
    """The object as the monitor's: it goes with it, and is found by its uid."""
    manifest = dict(render())
    metadata = manifest["metadata"]
    labels = {**own_labels(subject.monitor), **metadata["labels"], LABEL_MONITOR_UID: subject.uid}
    annotations = {**metadata.get("annotations", {}), ANNOTATION_FINGERPRINT: fingerprint}
    owner = {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "name": subject.monitor.name,
        "uid": subject.uid,
        "controller": True,
    }
    manifest["metadata"] = {
        **metadata,
        "labels": labels,
        "annotations": annotations,
        "ownerReferences": [owner],
    }
    return manifest


def _digest(parts: object) -> str:
    return sha256(json.dumps(parts, sort_keys=True, default=_plain).encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    """Mappings that are no dictionaries."""
    return dict(value)
