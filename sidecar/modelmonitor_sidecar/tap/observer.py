"""The witness of every conversation: counts what it is told and has inferences copied.

It refuses to know the traffic's sockets; nothing here waits.
"""

import logging
from collections.abc import Mapping
from typing import Final

from modelmonitor_api.sidecar_config import SidecarConfig
from modelmonitor_sidecar.frames import Outcome
from modelmonitor_sidecar.tap.budget import Budget
from modelmonitor_sidecar.tap.copier import Copier
from modelmonitor_sidecar.tap.counters import FrameCounts, ProtocolCounters, RouteCounters
from modelmonitor_sidecar.wire.exchange import Exchange
from modelmonitor_sidecar.wire.heads import RequestHead
from modelmonitor_sidecar.wire.routes import NO_ROUTE, Route, Routes

MAX_KNOWN_PATHS: Final = 1024
LONGEST_KNOWN_PATH: Final = 256

_log = logging.getLogger(__name__)


class Observer:
    """Invariant, for each model: requests = frames acknowledged + dropped + on their way + pending.

    A changed configuration changes where later requests go; counters that exist stay.  `expected`
    has a route of each model that is configured now, asked for or not.
    """

    def __init__(
        self, config: SidecarConfig, pod_labels: Mapping[str, str], budget: Budget, copier: Copier
    ) -> None:
        self._budget = budget
        self._copier = copier
        self.hold = budget.take
        self.release = budget.give
        self.routes: dict[Route, RouteCounters] = {}
        self.frames: dict[tuple[str, str], FrameCounts] = {}
        self.protocols: dict[str, ProtocolCounters] = {}
        self._failures = 0
        self._known: dict[bytes, RouteCounters] = {}
        self.configure(config, pod_labels)

    def configure(self, config: SidecarConfig, pod_labels: Mapping[str, str]) -> None:
        """Use this configuration from the next request on."""
        self.monitor = config.monitor.name
        self.limit = config.max_payload_bytes
        self._budget.limit = config.capture_budget_bytes
        self.objective_milliseconds = config.monitor.objectives.latency_milliseconds
        for counters in self.routes.values():
            self._promise(counters)
        self._table = Routes(config.monitor.models, pod_labels)
        self.expected = self._table.expected()
        self._known.clear()
        self._other = self._counters(NO_ROUTE)

    def speaks(self, protocol: str) -> ProtocolCounters:
        """See `Witness`."""
        counters = self.protocols.get(protocol)
        if counters is None:
            counters = self.protocols[protocol] = ProtocolCounters()
        counters.connections += 1
        return counters

    def target(self, head: RequestHead) -> RouteCounters:
        """See `Witness`."""
        counters = (self._known.get(head.path) if head.candidate else self._other) or self._find(
            head.path
        )
        counters.in_flight += 1
        return counters

    def completed(self, exchange: Exchange) -> None:
        """See `Witness`."""
        counters: RouteCounters = exchange.target
        response = exchange.response
        assert response is not None
        counters.answered(exchange, response.status)
        if counters.captures:
            try:
                self._copier.copy(exchange, response, counters)
            except Exception:
                # The request is counted, so its copy must be, too.
                self._skip(exchange, counters)
                self._failures += 1
                if self._failures & (self._failures - 1) == 0:  # the 1st, 2nd, 4th, 8th...
                    _log.exception("%d copies could not be made", self._failures)

    def aborted(self, exchange: Exchange) -> None:
        """See `Witness`; nobody can decode half an exchange, so its copy is skipped."""
        counters: RouteCounters = exchange.target
        counters.gone()
        self._skip(exchange, counters)

    def _skip(self, exchange: Exchange, counters: RouteCounters) -> None:
        self._budget.give(exchange.held)
        if counters.captures:
            counters.frames.acknowledged[Outcome.SKIPPED] += 1

    def _find(self, path: bytes) -> RouteCounters:
        saw_claim = self._table.saw_claim
        counters = self._counters(self._table.match(path))
        if self._table.saw_claim != saw_claim or len(self._known) >= MAX_KNOWN_PATHS:
            self._known.clear()
        if len(path) <= LONGEST_KNOWN_PATH:  # clients choose them, and no budget covers them
            self._known[path] = counters
        return counters

    def _counters(self, route: Route) -> RouteCounters:
        counters = self.routes.get(route)
        if counters is None:
            frames = self.frames.setdefault((route.model, route.version), FrameCounts())
            counters = self.routes[route] = RouteCounters(route, frames)
            self._promise(counters)
        return counters

    def _promise(self, counters: RouteCounters) -> None:
        """Another objective is another series, and so begins at 0."""
        seconds = (self.objective_milliseconds or 0) / 1000
        if seconds != counters.objective_seconds:
            counters.objective_seconds, counters.within_objective = seconds, 0
