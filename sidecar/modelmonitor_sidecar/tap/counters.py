"""What the proxy counts, as plain data.  Exact; refuses to know how it is exposed.

Cost of one answered exchange: four bisections and a dozen additions.
"""

from bisect import bisect_left
from typing import Final

from modelmonitor_sidecar.frames import Outcome
from modelmonitor_sidecar.wire.exchange import Exchange
from modelmonitor_sidecar.wire.routes import Route

SECONDS: Final = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
)  # fmt: skip
BYTES: Final = (64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)
ABORTED: Final = "aborted"
SERVER_ERROR: Final = 500


class Histogram:
    """Counts by upper edge (inclusive); the last bucket is above all edges."""

    __slots__ = ("counts", "edges", "total")

    def __init__(self, edges: tuple[float, ...]) -> None:
        self.edges = edges
        self.counts = [0] * (len(edges) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        """Count one observation."""
        self.counts[bisect_left(self.edges, value)] += 1
        self.total += value


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

    `frames` is shared by the routes of one model and version.  `texts` keeps the texts of frames
    that repeat (see `Copier`).
    """

    __slots__ = (
        "aborted", "captures", "codes", "duration", "first_byte", "frames", "in_flight",
        "objective_seconds", "request_size", "response_size", "route", "within_objective",
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
        self.duration = Histogram(SECONDS)
        self.first_byte = Histogram(SECONDS)
        self.request_size = Histogram(BYTES)
        self.response_size = Histogram(BYTES)

    def answered(self, exchange: Exchange, status: int) -> None:
        """Count a complete answer."""
        self.in_flight -= 1
        codes = self.codes
        codes[status] = codes.get(status, 0) + 1
        began, ended = exchange.began, exchange.ended
        seconds = ended - began
        place = bisect_left(SECONDS, seconds)
        duration, first_byte = self.duration, self.first_byte
        duration.counts[place] += 1
        duration.total += seconds
        if exchange.asked == began and exchange.answered == ended:  # one chunk each
            first_byte.counts[place] += 1
            first_byte.total += seconds
        else:
            waited = exchange.answered - exchange.asked if exchange.asked else 0.0
            first_byte.add(max(waited, 0.0))
        self.request_size.add(exchange.request_length)
        self.response_size.add(exchange.response_length)
        if seconds <= self.objective_seconds and status < SERVER_ERROR:
            self.within_objective += 1

    def gone(self) -> None:
        """Count a request whose answer will never be complete."""
        self.in_flight -= 1
        self.aborted += 1


class ProtocolCounters:
    """The connections of one protocol; also the `Traffic` of each."""

    __slots__ = ("bytes", "connections")

    def __init__(self) -> None:
        self.bytes = 0
        self.connections = 0
