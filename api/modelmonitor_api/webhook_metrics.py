"""Names of what the admission webhook says of itself to Prometheus, and of the alerts about it.

The webhook exposes the series; its rules and the runbook read them.  Labels that the operator's own
series have, too, are in `operator_metrics`.
"""

from typing import Final

REVIEWS: Final = "modelmonitor_webhook_reviews_total"
REVIEW_DURATION: Final = "modelmonitor_webhook_review_duration_seconds"
API_REQUESTS: Final = "modelmonitor_webhook_api_requests_total"
CERTIFICATE_BEGIN: Final = "modelmonitor_webhook_certificate_begin_timestamp_seconds"
CERTIFICATE_END: Final = "modelmonitor_webhook_certificate_end_timestamp_seconds"
CERTIFICATE_FAILURES: Final = "modelmonitor_webhook_certificate_failures_total"
BUILD_INFO: Final = "modelmonitor_webhook_build_info"

FAIL_OPEN: Final = "apiserver_admission_webhook_fail_open_count"
"""The API server's own: requests that it let pass because a webhook gave no answer of use."""
L_NAME: Final = "name"
"""Of that series: the webhook's."""

INJECTED: Final = "Injected"
NOT_SELECTED: Final = "NotSelected"
"""No armed monitor of the namespace selects the pod."""
NAMESPACE_EXCLUDED: Final = "NamespaceExcluded"
FAILED: Final = "Failed"
"""Something went wrong inside; the pod was let in as it was."""

WEBHOOK_DOWN: Final = "ModelMonitorWebhookDown"
WEBHOOK_UNREACHABLE: Final = "ModelMonitorWebhookUnreachable"
WEBHOOK_FAILING: Final = "ModelMonitorWebhookFailing"
WEBHOOK_CERTIFICATE_FAILING: Final = "ModelMonitorWebhookCertificateFailing"
WEBHOOK_CERTIFICATE_ENDING: Final = "ModelMonitorWebhookCertificateEnding"
WEBHOOK_ALERTS: Final = (
    WEBHOOK_DOWN,
    WEBHOOK_UNREACHABLE,
    WEBHOOK_FAILING,
    WEBHOOK_CERTIFICATE_FAILING,
    WEBHOOK_CERTIFICATE_ENDING,
)
"""In the order in which runbook and rules list them."""
