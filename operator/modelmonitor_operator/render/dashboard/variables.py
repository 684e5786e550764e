"""What the reader of a dashboard chooses: data source, cluster, model, version, window, feature.

Grafana pastes choices into queries.  Older ones escape backslashes, none escapes quotes everywhere,
so names with either are not offered: they stand in the ranking and cannot be chosen.
"""

from collections.abc import Sequence
from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.dashboard.panel import DATA_SOURCE, Json
from modelmonitor_operator.render.dashboard.scope import Scope, not_other
from modelmonitor_operator.render.promql import Selector, selector

CHOOSABLE: Final = r"[^\"\\\x00-\x1f]*"
"""Names that may stand in a query as they are: a pattern for Prometheus and for Grafana."""
PREFERRED_WINDOW: Final = "1h"
_ON_TIME_RANGE: Final = 2
_ALPHABETICAL: Final = 1
_NUMERICAL_DESCENDING: Final = 4
_EVERYTHING: Final = {"allValue": ".*", "includeAll": True, "multi": True}


def monitor_variables(scope: Scope, windows: Sequence[str]) -> list[Json]:
    """Of one monitor's dashboard, each after those that it depends on."""
    settings = scope.select(names.SETTING, setting="confirm", model=not_other())
    return [
        data_source(),
        *_cluster(scope),
        _labels("model", "Model", settings, names.L_MODEL),
        _versions(scope),
        _window(windows),
        _labels("feature", "Feature", _features(scope), names.L_FEATURE),
    ]


def fleet_variables(scope: Scope) -> list[Json]:
    """Of the dashboard over all monitors."""
    known = selector(names.MONITOR_INFO)
    namespace = _labels("namespace", "Namespace", known, recorded.L_NAMESPACE)
    return [data_source(), *_cluster(scope), {**namespace, **_EVERYTHING}]


def _features(scope: Scope) -> Selector:
    """There from a sidecar's first second, with a baseline or without."""
    return scope.model.select(names.FEATURE_MISSING_ROWS)


def _versions(scope: Scope) -> Json:
    versions = scope.model.select(names.ROWS)
    choice = _labels("model_version", "Version", versions, names.L_VERSION)
    return {**choice, **_EVERYTHING, "sort": _NUMERICAL_DESCENDING}


def data_source() -> Json:
    """Which Prometheus is asked."""
    choice = _variable("datasource", "Data source", "datasource", "prometheus")
    return {**choice, "refresh": 1, "regex": ""}


def _cluster(scope: Scope) -> list[Json]:
    """Only where clusters share a data source; else there is nothing to choose."""
    if scope.cluster_label is None:
        return []
    return [_labels("cluster", "Cluster", selector(names.MONITOR_INFO), scope.cluster_label)]


def _labels(name: str, label: str, series: Selector, of: str) -> Json:
    query = f"label_values({series.text}, {of})"
    return {
        **_variable(name, label, "query", query),
        "datasource": DATA_SOURCE,
        "definition": query,
        "refresh": _ON_TIME_RANGE,
        "regex": f"/^{CHOOSABLE}$/",
        "sort": _ALPHABETICAL,
    }


def _window(windows: Sequence[str]) -> Json:
    chosen = PREFERRED_WINDOW if PREFERRED_WINDOW in windows else windows[0]
    options = [{"selected": one == chosen, "text": one, "value": one} for one in windows]
    return {
        **_variable("window", "Window", "custom", ",".join(windows)),
        "current": {"selected": True, "text": chosen, "value": chosen},
        "options": options,
    }


def _variable(name: str, label: str, kind: str, query: str) -> Json:
    return {
        "current": {},
        "hide": 0,
        "includeAll": False,
        "label": label,
        "multi": False,
        "name": name,
        "options": [],
        "query": query,
        "skipUrlSync": False,
        "type": kind,
    }
