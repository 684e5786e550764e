"""The resource by which grafana-operator (v5) takes a dashboard out of its ConfigMap."""

from collections.abc import Mapping
from typing import Final

from modelmonitor_api.names import LABEL_MONITOR, dashboard_uid
from modelmonitor_operator.render.dashboard.config_map import (
    checked_folder,
    config_map_name,
    dashboard_key,
)
from modelmonitor_operator.render.dashboard.panel import Json

_API_VERSION: Final = "grafana.integreatly.org/v1beta1"
_RESYNC: Final = "10m"


def grafana_dashboard(
    namespace: str, monitor: str, instances: Mapping[str, str], folder: str | None = None
) -> Json:
    """The manifest; `instances` are the labels of the Grafana that shall show it.

    Grafana mostly lives in another namespace: the import across namespaces is allowed from the
    start, because it and the selector cannot be changed afterwards.
    """
    return {
        "apiVersion": _API_VERSION,
        "kind": "GrafanaDashboard",
        "metadata": {
            "name": config_map_name(monitor),
            "namespace": namespace,
            "labels": {LABEL_MONITOR: monitor},
        },
        "spec": {
            "allowCrossNamespaceImport": True,
            "configMapRef": {
                "key": dashboard_key(namespace, monitor),
                "name": config_map_name(monitor),
            },
            "instanceSelector": {"matchLabels": dict(instances)},
            "resyncPeriod": _RESYNC,
            "uid": dashboard_uid(namespace, monitor),
            **({} if folder is None else {"folder": checked_folder(folder)}),
        },
    }
