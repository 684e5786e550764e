"""Names of what the admission webhook says of itself to Prometheus, and how its answers are called.

The webhook exposes the series; whoever watches it reads them.
"""

from typing import Final

REVIEWS: Final = "modelmonitor_webhook_reviews_total"
REVIEW_DURATION: Final = "modelmonitor_webhook_review_duration_seconds"
API_REQUESTS: Final = "modelmonitor_webhook_api_requests_total"
CERTIFICATE_END: Final = "modelmonitor_webhook_certificate_end_timestamp_seconds"
CERTIFICATE_FAILURES: Final = "modelmonitor_webhook_certificate_failures_total"
BUILD_INFO: Final = "modelmonitor_webhook_build_info"

L_OUTCOME: Final = "outcome"
L_VERB: Final = "verb"
L_CODE: Final = "code"
L_VERSION: Final = "version"

INJECTED: Final = "Injected"
NOT_SELECTED: Final = "NotSelected"
"""No armed monitor of the namespace selects the pod."""
NAMESPACE_EXCLUDED: Final = "NamespaceExcluded"
FAILED: Final = "Failed"
"""Something went wrong inside; the pod was let in as it was."""
