"""What the proxy counts, as plain data.  Exact; refuses to know how it is exposed."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final, NamedTuple

from modelmonitor_sidecar.frames import Outcome
from modelmonitor_sidecar.wire.exchange import Exchange
from modelmonitor_sidecar.wire.routes import Route

SECONDS: Final = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
)  # fmt: skip
BYTES: Final = (64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)
ABORTED: Final = "aborted"
SERVER_ERROR: Final = 500
SAMPLES: Final = 256


class Histogram:
    """Counts by upper edge (inclusive); the last bucket is above all edges."""

    __slots__ = ("counts", "edges", "total")

    def __init__(self, edges: tuple[float, ...]) -> None:
        self.edges = edges
        self.counts = [0] * (len(edges) + 1)
        self.total = 0.0

    def add(self, values: Iterable[float]) -> None:
        """Count observations; many at once cost a third of one by one."""
        ordered = sorted(values)
        self.total += sum(ordered)
        below = 0
        for place, edge in enumerate(self.edges):
            until = bisect_right(ordered, edge, below)
            self.counts[place] += until - below
            below = until
        self.counts[-1] += len(ordered) - below


class FrameCounts:
    """What became of the copies of one model and version."""

    __slots__ = ("acknowledged", "dropped")

    def __init__(self) -> None:
        self.acknowledged = [0] * len(Outcome)
        """By `Outcome`."""
        self.dropped: dict[str, int] = {}

    def drop(self, reason: str, count: int = 1) -> None:
        """Copies were lost."""
        self.dropped[reason] = self.dropped.get(reason, 0) + count


class RouteCounters:
    """All counters of one route; also the `Target` of its exchanges.

    Observations wait in `_samples` (at most `SAMPLES`) until they are looked at or are many: that
    halves what an exchange costs.  `frames` is shared by the routes of one model and version.
    """

    __slots__ = (
        "_histograms", "_samples", "aborted", "captures", "codes", "frames", "in_flight",
        "objective_seconds", "route", "within_objective",
    )  # fmt: skip

    def __init__(self, route: Route, frames: FrameCounts) -> None:
        self.route = route
        self.frames = frames
        self.captures = route.inference
        self.in_flight = 0
        self.codes: dict[int, int] = {}
        self.aborted = 0
        self.objective_seconds = 0.0
        self.within_objective = 0
        self._histograms = Histograms(
            Histogram(SECONDS), Histogram(SECONDS), Histogram(BYTES), Histogram(BYTES)
        )
        self._samples: list[tuple[float, float, int, int]] = []

    @property
    def histograms(self) -> "Histograms":
        """Of every answered exchange until now."""
        self._settle()
        return self._histograms

    def answered(self, exchange: Exchange, status: int) -> None:
        """Count a complete answer."""
        codes = self.codes
        codes[status] = codes.get(status, 0) + 1
        seconds = exchange.ended - exchange.began
        waited = exchange.answered - exchange.asked
        if not exchange.asked or waited < 0.0:  # answered before the request's end
            waited = 0.0
        if seconds <= self.objective_seconds and status < SERVER_ERROR:
            self.within_objective += 1
        self.in_flight -= 1
        samples = self._samples
        samples.append((seconds, waited, exchange.request_length, exchange.response_length))
        if len(samples) >= SAMPLES:
            self._settle()

    def _settle(self) -> None:
        samples, self._samples = self._samples, []
        for histogram, values in zip(self._histograms, zip(*samples, strict=True), strict=False):
            histogram.add(values)

    def gone(self) -> None:
        """Count a request whose answer will never be complete."""
        self.in_flight -= 1
        self.aborted += 1


class Histograms(NamedTuple):
    """In the order of `RouteCounters._samples`."""

    duration: Histogram
    first_byte: Histogram
    request_size: Histogram
    response_size: Histogram


class ProtocolCounters:
    """The connections of one protocol; also the `Traffic` of each."""

    __slots__ = ("bytes", "connections")

    def __init__(self) -> None:
        self.bytes = 0
        self.connections = 0
