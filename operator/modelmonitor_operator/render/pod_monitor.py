"""Where Prometheus finds the sidecars of one monitor.

Three endpoints.  Two of them share a port, and so would share all labels of `up`: the baseline's
bears an `endpoint` of its own.  One sample above the limit blanks the whole scrape, so the limit is
far above the budget of series, which is what really bounds them.
"""

from typing import Any, Final

from modelmonitor_api.names import LABEL_MONITOR, PORT_NAME_COLLECTOR, PORT_NAME_PROXY
from modelmonitor_api.spec import ModelMonitor
from modelmonitor_operator.render.manifest import (
    MONITORING,
    Manifest,
    manifest,
    object_name,
    selected_labels,
)
from modelmonitor_operator.render.settings import RenderSettings

KIND: Final = "PodMonitor"
BASELINE_INTERVAL: Final = "2m"
"""Baselines change seldom; below the five minutes after which Prometheus forgets a sample."""
BASELINE_ENDPOINT: Final = "mm-baseline"
SAMPLES_A_SERIES: Final = 5


def pod_monitor(monitor: ModelMonitor, settings: RenderSettings) -> Manifest:
    """Selects pods by the label that injection puts on them."""
    labels = selected_labels(monitor, settings)
    interval = f"{settings.interval_seconds}s"
    return {
        **manifest(MONITORING, KIND, object_name(monitor), monitor, labels),
        "spec": {
            "selector": {"matchLabels": {LABEL_MONITOR: monitor.name}},
            "podMetricsEndpoints": [
                _endpoint(PORT_NAME_PROXY, "/metrics", interval),
                _endpoint(PORT_NAME_COLLECTOR, "/metrics", interval),
                {
                    **_endpoint(PORT_NAME_COLLECTOR, "/metrics/baseline", BASELINE_INTERVAL),
                    "relabelings": [{"targetLabel": "endpoint", "replacement": BASELINE_ENDPOINT}],
                },
            ],
            "sampleLimit": SAMPLES_A_SERIES * settings.series_budget,
        },
    }


def _endpoint(port: str, path: str, interval: str) -> dict[str, Any]:
    return {"port": port, "path": path, "interval": interval}
