"""The rules of one monitor, or of all, as an object of prometheus-operator."""

import json
from functools import lru_cache
from typing import Final

from modelmonitor_api.spec import ModelMonitor
from modelmonitor_operator.render.checked_rules import rule_document
from modelmonitor_operator.render.manifest import (
    MONITORING,
    Manifest,
    manifest,
    object_name,
    selected_labels,
)
from modelmonitor_operator.render.placeholders import MONITOR, NAMESPACE, put_in
from modelmonitor_operator.render.rules.alerts.annotations import Links
from modelmonitor_operator.render.rules.groups import monitor_groups, shared_groups
from modelmonitor_operator.render.settings import RenderSettings

KIND: Final = "PrometheusRule"
SHARED_NAME: Final = "modelmonitor-shared"


def prometheus_rule(monitor: ModelMonitor, settings: RenderSettings) -> Manifest:
    """Mode PerMonitor: in the monitor's namespace, so that a team sees and owns its alerts."""
    labels = selected_labels(monitor, settings)
    rule = manifest(MONITORING, KIND, object_name(monitor), monitor, labels)
    return {**rule, "spec": monitor_rules(monitor, settings)}


def shared_prometheus_rule(namespace: str, settings: RenderSettings) -> Manifest:
    """Mode Shared: one for all monitors, in the operator's namespace."""
    return {
        "apiVersion": MONITORING,
        "kind": KIND,
        "metadata": {
            "name": SHARED_NAME,
            "namespace": namespace,
            "labels": {
                **settings.labels,
                "app.kubernetes.io/name": "modelmonitor",
                "app.kubernetes.io/managed-by": "modelmonitor",
            },
        },
        "spec": shared_rules(settings),
    }


def monitor_rules(monitor: ModelMonitor, settings: RenderSettings) -> Manifest:
    """The same as a plain rule file."""
    text = put_in(_rules(monitor.windows, links(settings)), monitor.namespace, monitor.name)
    rules: Manifest = json.loads(text)
    return rules


def shared_rules(settings: RenderSettings) -> Manifest:
    """The same of all monitors."""
    return rule_document(shared_groups(links(settings)))


@lru_cache(maxsize=32)
def _rules(windows: tuple[str, ...], links: Links) -> str:
    """As JSON, for a monitor yet to be named."""
    return json.dumps(rule_document(monitor_groups(NAMESPACE, MONITOR, windows, links)))


def links(settings: RenderSettings) -> Links:
    """Where alerts lead."""
    return Links(settings.runbook_url, settings.grafana_url)
