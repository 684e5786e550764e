"""What the webhook says of itself to Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

from modelmonitor_api import webhook_metrics as own
from modelmonitor_api.operator_metrics import L_OUTCOME
from modelmonitor_operator.process_metrics import ProcessMetrics

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class WebhookMetrics(ProcessMetrics):
    """What it answers, how long that takes, and how its certificate is."""

    def __init__(self, version: str) -> None:
        super().__init__(version, own.API_REQUESTS, own.BUILD_INFO)
        self._reviews = Counter(
            own.REVIEWS,
            "Pods that were looked at, by outcome.",
            [L_OUTCOME],
            registry=self.registry,
        )
        for outcome in (own.INJECTED, own.FAILED):
            self._reviews.labels(outcome)
        self._duration = Histogram(
            own.REVIEW_DURATION, "How long one look took.", buckets=_SECONDS, registry=self.registry
        )
        self.certificate_begin = Gauge(
            own.CERTIFICATE_BEGIN,
            "When the certificate that is shown began to be good; 0: there is none.",
            registry=self.registry,
        )
        self.certificate_end = Gauge(
            own.CERTIFICATE_END,
            "When the certificate that is shown ends; 0: there is none.",
            registry=self.registry,
        )
        self.certificate_failures = Counter(
            own.CERTIFICATE_FAILURES,
            "Tries to read, renew or announce the certificate that failed.",
            registry=self.registry,
        )

    def reviewed(self, seconds: float, outcome: str) -> None:
        """One pod was answered for."""
        self._reviews.labels(outcome).inc()
        self._duration.observe(seconds)
