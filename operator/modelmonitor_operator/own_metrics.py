"""What the operator says of itself to Prometheus.

Names start with `modelmonitor_operator_`.
"""

from collections.abc import Callable, Mapping

from prometheus_client import Counter, Gauge, Histogram

from modelmonitor_api import operator_metrics as own
from modelmonitor_operator.process_metrics import ProcessMetrics

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


Readiness = Callable[[], Mapping[str, int]]
"""How many monitors have which status of condition Ready."""


class OwnMetrics(ProcessMetrics):
    """Satisfies `Witness` of the work queue."""

    def __init__(self, version: str) -> None:
        super().__init__(version, own.API_REQUESTS, own.BUILD_INFO)
        self._reconciles = Counter(
            own.RECONCILES,
            "Looks at one monitor, by outcome.",
            [own.L_OUTCOME],
            registry=self.registry,
        )
        self._duration = Histogram(
            own.RECONCILE_DURATION,
            "How long one look took.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.leader = Gauge(
            own.LEADER,
            "1 where this process is the one that works.",
            registry=self.registry,
        )
        self.loop_lag = Gauge(
            own.LOOP_LAG,
            "By how much the event loop was late, the worst of the last seconds.",
            registry=self.registry,
        )
        self.watch_age = Gauge(
            own.WATCH_AGE,
            "Time since the API server last answered a list or watch, by kind.",
            [own.L_KIND],
            registry=self.registry,
        )
        self.definition_outdated = Gauge(
            own.DEFINITION_OUTDATED,
            "1 where the resource's definition is missing or older than this program.",
            registry=self.registry,
        )
        self._monitors = Gauge(
            own.MONITORS,
            "Monitors by status of condition Ready.",
            [own.L_READY],
            registry=self.registry,
        )
        self._readiness: Readiness = dict
        self._depth = Gauge(own.QUEUE_DEPTH, "Monitors that are due.", registry=self.registry)

    def worked(self, seconds: float, failure: str | None) -> None:
        """One look ended; `failure` is its reason in one word."""
        self._reconciles.labels(failure or own.OK).inc()
        self._duration.observe(seconds)

    def watch_depth(self, depth: Callable[[], int]) -> None:
        """Ask this for the queue's depth whenever somebody scrapes."""
        self._depth.set_function(depth)

    def watch_monitors(self, readiness: Readiness) -> None:
        """Ask this for the monitors whenever somebody scrapes."""
        self._readiness = readiness

    def page(self) -> bytes:
        """In the text format."""
        self._monitors.clear()
        for ready, monitors in self._readiness().items():
            self._monitors.labels(ready).set(monitors)
        return super().page()
