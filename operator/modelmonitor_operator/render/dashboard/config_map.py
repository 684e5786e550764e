"""The ConfigMap from which Grafana's sidecar takes a dashboard, and grafana-operator, too."""

import json
from collections.abc import Mapping
from typing import Final

from modelmonitor_api.errors import InputError
from modelmonitor_api.grammar import MAX_FOLDER, is_folder
from modelmonitor_api.names import LABEL_MONITOR
from modelmonitor_operator.render.dashboard.panel import Json

_LABELS: Final = {"grafana_dashboard": "1"}
_FOLDER: Final = "grafana_folder"


def config_map_name(monitor: str) -> str:
    """The ConfigMap's name; `<monitor>-modelmonitor` is the sidecars' own."""
    return f"{monitor}-modelmonitor-dashboard"


def dashboard_key(namespace: str, monitor: str) -> str:
    """Unique over namespaces, since Grafana's sidecar writes all keys into one folder: a namespace
    has no dot, so monitors whose names run together stay apart.

    It never ends in ``.url``, which the sidecar would download.
    """
    return f"{namespace}.{monitor}-modelmonitor.json"


def dashboard_config_map(
    namespace: str, monitor: str, dashboard: Json, folder: str | None = None
) -> Json:
    """The manifest; InputError where the folder is more than one folder's name."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": config_map_name(monitor),
            "namespace": namespace,
            "labels": {**_LABELS, LABEL_MONITOR: monitor},
            **_annotations(folder),
        },
        "data": {dashboard_key(namespace, monitor): written(dashboard)},
    }


def written(dashboard: Json) -> str:
    """The dashboard as text: compact, ASCII, always the same for the same dashboard."""
    return json.dumps(dashboard, separators=(",", ":"), sort_keys=True, allow_nan=False)


def checked_folder(folder: str) -> str:
    """The folder; InputError where Grafana's sidecar might take it for a path."""
    if not is_folder(folder):
        raise InputError(
            "spec.grafana.folder",
            f"must be the name of one folder: at most {MAX_FOLDER} characters, without '/', '\\', "
            "'..' and control characters",
        )
    return folder


def _annotations(folder: str | None) -> Mapping[str, Json]:
    return {} if folder is None else {"annotations": {_FOLDER: checked_folder(folder)}}
