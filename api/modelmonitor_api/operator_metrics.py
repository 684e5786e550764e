"""Names of what the operator says of itself to Prometheus, and of the alerts about it.

The operator exposes the series; its rules, its dashboard and the runbook read them.
"""

from typing import Final

RECONCILES: Final = "modelmonitor_operator_reconciles_total"
RECONCILE_DURATION: Final = "modelmonitor_operator_reconcile_duration_seconds"
API_REQUESTS: Final = "modelmonitor_operator_api_requests_total"
LEADER: Final = "modelmonitor_operator_leader"
LOOP_LAG: Final = "modelmonitor_operator_event_loop_lag_seconds"
WATCH_AGE: Final = "modelmonitor_operator_watch_age_seconds"
QUEUE_DEPTH: Final = "modelmonitor_operator_queue_depth"
MONITORS: Final = "modelmonitor_operator_monitors"
DEFINITION_OUTDATED: Final = "modelmonitor_operator_definition_outdated"
BUILD_INFO: Final = "modelmonitor_operator_build_info"

L_OUTCOME: Final = "outcome"
L_VERB: Final = "verb"
L_CODE: Final = "code"
L_KIND: Final = "kind"
L_VERSION: Final = "version"
L_READY: Final = "ready"
"""The status of condition Ready: True, False or Unknown."""
OK: Final = "ok"
"""The outcome of a look at a monitor that did not fail."""

DASHBOARD: Final = "modelmonitor-operator"
"""The uid of the operator's dashboard."""

OPERATOR_DOWN: Final = "ModelMonitorOperatorDown"
OPERATOR_FAILING: Final = "ModelMonitorOperatorFailing"
OPERATOR_FORBIDDEN: Final = "ModelMonitorOperatorForbidden"
OPERATOR_BEHIND: Final = "ModelMonitorOperatorBehind"
OPERATOR_ALERTS: Final = (OPERATOR_DOWN, OPERATOR_FAILING, OPERATOR_FORBIDDEN, OPERATOR_BEHIND)
"""In the order in which runbook and rules list them."""
