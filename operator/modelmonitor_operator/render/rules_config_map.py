"""The rules of one monitor as a rule file in a ConfigMap, where there is no prometheus-operator.

Whoever runs that Prometheus mounts it, or copies it with a sidecar by its label.
"""

import json
from typing import Final

from modelmonitor_api.names import GROUP, OBJECT_SUFFIX
from modelmonitor_api.spec import ModelMonitor
from modelmonitor_operator.render.manifest import Manifest, manifest, selected_labels
from modelmonitor_operator.render.prometheus_rule import monitor_rules
from modelmonitor_operator.render.settings import RenderSettings

LABEL_RULES: Final = f"{GROUP}/rules"
"""By which a sidecar finds rule files; its value is "true"."""


def rules_config_map(monitor: ModelMonitor, settings: RenderSettings) -> Manifest:
    """One key, unique over namespaces.  JSON is YAML, so Prometheus reads it."""
    labels = {**selected_labels(monitor, settings), LABEL_RULES: "true"}
    name = f"{monitor.name}{OBJECT_SUFFIX}-rules"
    text = json.dumps(monitor_rules(monitor, settings), separators=(",", ":"))
    return {
        **manifest("v1", "ConfigMap", name, monitor, labels),
        "data": {f"{monitor.namespace}-{monitor.name}.rules.yaml": text},
    }
