"""Every name that crosses a process boundary, spelled once.

Kubernetes kinds and labels, ports, files, metric names, reserved label values.
It refuses to know what any of them is used for.
"""

from hashlib import sha256
from typing import Final

GROUP: Final = "modelmonitor.io"
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"
KIND: Final = "ModelMonitor"
PLURAL: Final = "modelmonitors"
SHORT_NAME: Final = "mmon"
CATEGORY: Final = "modelmonitoring"

LABEL_MONITOR: Final = f"{GROUP}/monitor"
LABEL_INJECT: Final = f"{GROUP}/inject"
ANNOTATION_INJECTED: Final = f"{GROUP}/injected"
"""On an injected pod: the port's name that the proxy took over, and the app's number."""
ANNOTATION_SCRAPE: Final = "prometheus.io/scrape"
"""By wide custom: "true" on a pod that a Prometheus without prometheus-operator is to scrape."""
ANNOTATION_SCRAPE_PORT: Final = "prometheus.io/port"
ANNOTATION_SCRAPE_PATH: Final = "prometheus.io/path"
ARMED: Final = "Armed"
"""The value of `status.injection` with which pods are injected."""
DISARMED: Final = "Disarmed"
"""The value with which they are not."""
LABEL_MONITOR_UID: Final = f"{GROUP}/monitor-uid"
"""On every object that the operator made: the uid of the resource that it made it for."""
ANNOTATION_FINGERPRINT: Final = f"{GROUP}/fingerprint"
"""On such an object: what it was made from, as a digest."""
ANNOTATION_VERSION: Final = f"{GROUP}/version"
"""On the resource's definition: the version of the project that it is of."""
FIELD_MANAGER: Final = "modelmonitor-operator"
"""Of server-side apply; never changed, or the API server keeps the old one's fields."""
OBJECT_SUFFIX: Final = "-modelmonitor"
"""After a monitor's name: the name of its own objects, such as the sidecars' ConfigMap."""

CONTAINER_PROXY: Final = "modelmonitor-proxy"
CONTAINER_COLLECTOR: Final = "modelmonitor-collector"

PORT_PROXY: Final = 24080
PORT_PROXY_ADMIN: Final = 24081
PORT_COLLECTOR: Final = 24090
PORT_STATUS: Final = 24091
"""Status page and API of the collector; bound to localhost only."""
PORT_NAME_PROXY: Final = "mm-proxy"
PORT_NAME_COLLECTOR: Final = "mm-collector"
PORT_NAME_APP: Final = "mm-app-0"

# --- where the sidecars find what their pod brings them --------------------------------------
CONFIG_DIR: Final = "/etc/modelmonitor/config"
LABELS_FILE: Final = "/etc/modelmonitor/pod/labels"
FRAMES_SOCKET: Final = "/run/modelmonitor/frames.sock"
ENV_CONFIG_DIR: Final = "MODELMONITOR_CONFIG_DIR"
ENV_LABELS_FILE: Final = "MODELMONITOR_LABELS_FILE"
ENV_SOCKET: Final = "MODELMONITOR_SOCKET"
ENV_POD_IP: Final = "MODELMONITOR_POD_IP"
ENV_MONITOR: Final = "MODELMONITOR_MONITOR"
PATH_METRICS: Final = "/metrics"
PATH_STARTED: Final = "/startupz"
PATH_ALIVE: Final = "/healthz"

CONFIG_FILE: Final = "config.json"
BASELINE_KEY: Final = "baseline.json.gz"
"""The one key of a user's baseline ConfigMap."""


def baseline_file(digest8: str) -> str:
    """The file of one baseline beside the sidecars' configuration."""
    return f"baseline-{digest8}.json.gz"


FLEET_DASHBOARD: Final = "modelmonitor-fleet"
"""The uid of the dashboard over all monitors."""


def dashboard_uid(namespace: str, monitor: str) -> str:
    """The uid of a monitor's dashboard: stable, unique, within Grafana's 40 characters.

    >>> dashboard_uid("team-a", "churn")
    'mm-64ba2a7c303f9272fd64dc88'
    """
    return f"mm-{sha256(f'{namespace}/{monitor}'.encode()).hexdigest()[:24]}"


# --- reserved label values ------------------------------------------------------------------
OTHER: Final = "__other__"
UNSEEN: Final = "__unseen__"
MISSING: Final = "__missing__"
UNKNOWN_VERSION: Final = "unknown"
WORDS_SUFFIX: Final = ".words"
"""After a text column's name: the feature of how many words its texts have."""
UNKNOWN_SUFFIX: Final = ".unknown"
"""After a text column's name: the feature of which share of those words training lacked."""
NO_BASELINE: Final = "none"
"""The value of label `baseline` where no baseline is in use."""

# --- labels ---------------------------------------------------------------------------------
L_MONITOR: Final = "modelmonitor"
L_MODEL: Final = "model"
L_VERSION: Final = "model_version"
L_BASELINE: Final = "baseline"
L_ROUTE: Final = "route"
L_CODE: Final = "code"
L_REASON: Final = "reason"
L_OUTCOME: Final = "outcome"
L_FEATURE: Final = "feature"
L_BIN: Final = "bin"
L_PREVIOUS: Final = "prev"
L_CATEGORY: Final = "category"
L_WINDOW: Final = "window"
L_SETTING: Final = "setting"
L_PROTOCOL: Final = "protocol"
L_QUANTILE: Final = "quantile"
L_STATE: Final = "state"
L_CAUSE: Final = "cause"
L_ROLE: Final = "role"
L_KIND: Final = "kind"
L_EDGES: Final = "edges"
L_DIGEST: Final = "digest"
L_ROWS: Final = "rows"
L_RELEASE: Final = "release"
L_OBJECTIVE: Final = "objective_milliseconds"
L_DASHBOARD: Final = "dashboard"

# --- metrics of the proxy (no suffix games: these are the exposed names) ----------------------
REQUESTS: Final = "modelmonitor_requests_total"
REQUEST_DURATION: Final = "modelmonitor_request_duration_seconds"
TIME_TO_FIRST_BYTE: Final = "modelmonitor_time_to_first_byte_seconds"
REQUEST_SIZE: Final = "modelmonitor_request_size_bytes"
RESPONSE_SIZE: Final = "modelmonitor_response_size_bytes"
REQUESTS_IN_FLIGHT: Final = "modelmonitor_requests_in_flight"
REQUESTS_WITHIN_OBJECTIVE: Final = "modelmonitor_requests_within_objective_total"
CONNECTIONS: Final = "modelmonitor_connections_total"
CONNECTION_BYTES: Final = "modelmonitor_connection_bytes_total"
FRAMES: Final = "modelmonitor_frames_total"
FRAMES_DROPPED: Final = "modelmonitor_frames_dropped_total"
PROXY_CONFIGURATION: Final = "modelmonitor_proxy_configuration_state"
PROXY_CONFIGURATION_FAILURES: Final = "modelmonitor_proxy_configuration_failures_total"
PROXY_WORKER_DEATHS: Final = "modelmonitor_proxy_worker_deaths_total"
PROXY_START_TIME: Final = "modelmonitor_proxy_start_time_seconds"
PROXY_CPU: Final = "modelmonitor_proxy_cpu_seconds_total"
PROXY_MEMORY: Final = "modelmonitor_proxy_resident_memory_bytes"
PROXY_DIALS: Final = "modelmonitor_proxy_dials_total"
PROXY_PLAIN_DIALS: Final = "modelmonitor_proxy_plain_dials_total"
PROXY_CONNECTIONS: Final = "modelmonitor_proxy_connections"
PROXY_ACCEPT_PAUSES: Final = "modelmonitor_proxy_accept_pauses_total"
PROXY_LOOP_FAILURES: Final = "modelmonitor_proxy_loop_failures_total"
PROXY_CAPTURE_BYTES: Final = "modelmonitor_proxy_capture_bytes"
PROXY_CAPTURE_BUDGET: Final = "modelmonitor_proxy_capture_budget_bytes"
PROXY_COLLECTOR_CONNECTED: Final = "modelmonitor_proxy_collector_connected"
PROXY_DRAINING: Final = "modelmonitor_proxy_draining"

# --- metrics of the collector -----------------------------------------------------------------
ROWS: Final = "modelmonitor_rows_total"
ROWS_INVALID: Final = "modelmonitor_rows_invalid_total"
ROWS_WITHOUT_PREDICTION: Final = "modelmonitor_rows_without_prediction_total"
ROWS_UNEXPECTED_COLUMN: Final = "modelmonitor_rows_unexpected_column_total"
FEATURE_ABSENT_ROWS: Final = "modelmonitor_feature_absent_rows_total"
PAYLOADS_UNDECODABLE: Final = "modelmonitor_payloads_undecodable_total"
PAYLOADS_SKIPPED: Final = "modelmonitor_payloads_skipped_total"
FEATURE_CUMULATIVE_ROWS: Final = "modelmonitor_feature_cumulative_rows_total"
FEATURE_CATEGORY_ROWS: Final = "modelmonitor_feature_category_rows_total"
FEATURE_MISSING_ROWS: Final = "modelmonitor_feature_missing_rows_total"
FEATURE_INVALID_ROWS: Final = "modelmonitor_feature_invalid_rows_total"
FEATURE_UNSEEN_ROWS: Final = "modelmonitor_feature_unseen_rows_total"
FEATURE_OUT_OF_RANGE_ROWS: Final = "modelmonitor_feature_out_of_range_rows_total"
FEATURE_VALUE: Final = "modelmonitor_feature_value"
"""A summary: `quantile` series, and the two below; `promtool` refuses `_sum` without one."""
FEATURE_VALUE_SUM: Final = "modelmonitor_feature_value_sum"
FEATURE_VALUE_COUNT: Final = "modelmonitor_feature_value_count"
FEATURE_VALUE_SQUARES: Final = "modelmonitor_feature_value_squares_total"
SERIES: Final = "modelmonitor_series"
SERIES_BUDGET: Final = "modelmonitor_series_budget"
SERIES_DROPPED: Final = "modelmonitor_series_dropped"
COLLECTOR_INFO: Final = "modelmonitor_collector_info"
COLLECTOR_START_TIME: Final = "modelmonitor_collector_start_time_seconds"
COLLECTOR_WORKER_DEATHS: Final = "modelmonitor_collector_worker_deaths_total"
COLLECTOR_CPU: Final = "modelmonitor_collector_cpu_seconds_total"
COLLECTOR_MEMORY: Final = "modelmonitor_collector_resident_memory_bytes"
COLLECTOR_CONNECTIONS: Final = "modelmonitor_collector_connections"
COLLECTOR_CONNECTIONS_REFUSED: Final = "modelmonitor_collector_connections_refused_total"
COLLECTOR_CONFIGURATION: Final = "modelmonitor_collector_configuration_state"
COLLECTOR_BASELINES_BROKEN: Final = "modelmonitor_collector_baselines_broken"
COLLECTOR_ERRORS: Final = "modelmonitor_collector_errors_total"

# --- series of the baseline ---------------------------------------------------------------------
BASELINE_CUMULATIVE_ROWS: Final = "modelmonitor_baseline_cumulative_rows"
BASELINE_CATEGORY_ROWS: Final = "modelmonitor_baseline_category_rows"
BASELINE_MISSING_ROWS: Final = "modelmonitor_baseline_missing_rows"
BASELINE_INVALID_ROWS: Final = "modelmonitor_baseline_invalid_rows"
BASELINE_STEP: Final = "modelmonitor_baseline_step"
BASELINE_MEAN: Final = "modelmonitor_baseline_mean"
BASELINE_STANDARD_DEVIATION: Final = "modelmonitor_baseline_standard_deviation"
BASELINE_RHO: Final = "modelmonitor_baseline_rho"
BASELINE_INFO: Final = "modelmonitor_baseline_info"
BASELINE_FEATURE_INFO: Final = "modelmonitor_baseline_feature_info"
BASELINE_CREATED: Final = "modelmonitor_baseline_created_timestamp_seconds"
EVIDENCE_THRESHOLD: Final = "modelmonitor_evidence_threshold"
MONITOR_INFO: Final = "modelmonitor_monitor_info"
SETTING: Final = "modelmonitor_setting"
FEATURE_SETTING: Final = "modelmonitor_feature_setting"
