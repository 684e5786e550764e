"""What every process of the operator's image says of itself to Prometheus, and the page of it.

It refuses to know what else a process counts.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.exposition import generate_latest

from modelmonitor_api.operator_metrics import L_CODE, L_VERB, L_VERSION


class ProcessMetrics:
    """One registry a process.  Nothing in it may have a label with a user's text.

    `requests` and `build_info` are the series' names.
    """

    def __init__(self, version: str, requests: str, build_info: str) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            requests,
            "Requests to the API server, by verb and status code; code 0 had no answer.",
            [L_VERB, L_CODE],
            registry=self.registry,
        )
        built = Gauge(
            build_info,
            "Always 1; the version is a label.",
            [L_VERSION],
            registry=self.registry,
        )
        built.labels(version).set(1)

    def requested(self, verb: str, code: int) -> None:
        """One request was answered, or (0) was not."""
        self._requests.labels(verb, str(code)).inc()

    def page(self) -> bytes:
        """In the text format."""
        return generate_latest(self.registry)
