"""What the webhook says of itself to Prometheus.  Nothing here has a label with a user's text."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

from modelmonitor_api import webhook_metrics as own

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class WebhookMetrics:
    """One registry a process."""

    def __init__(self, version: str) -> None:
        self.registry = CollectorRegistry()
        self._reviews = Counter(
            own.REVIEWS,
            "Pods that were looked at, by outcome.",
            [own.L_OUTCOME],
            registry=self.registry,
        )
        for outcome in (own.INJECTED, own.FAILED):
            self._reviews.labels(outcome)
        self._duration = Histogram(
            own.REVIEW_DURATION, "How long one look took.", buckets=_SECONDS, registry=self.registry
        )
        self._requests = Counter(
            own.API_REQUESTS,
            "Requests to the API server, by verb and status code; code 0 had no answer.",
            [own.L_VERB, own.L_CODE],
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
        Gauge(
            own.BUILD_INFO,
            "Always 1; the version is a label.",
            [own.L_VERSION],
            registry=self.registry,
        ).labels(version).set(1)

    def reviewed(self, seconds: float, outcome: str) -> None:
        """One pod was answered for."""
        self._reviews.labels(outcome).inc()
        self._duration.observe(seconds)

    def requested(self, verb: str, code: int) -> None:
        """One request was answered, or (0) was not."""
        self._requests.labels(verb, str(code)).inc()

    def page(self) -> bytes:
        """In the text format."""
        return generate_latest(self.registry)
