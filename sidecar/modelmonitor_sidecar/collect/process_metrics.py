"""The collector's word on itself: its budget, its process, its connections, its configuration."""

import resource
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from modelmonitor_api import names
from modelmonitor_sidecar.collect.configuration import STATES, Configuration
from modelmonitor_sidecar.collect.connection import Connections
from modelmonitor_sidecar.collect.series import Series
from modelmonitor_sidecar.expose.families import Page
from modelmonitor_sidecar.exposition import joined, label_text, line

_STATM: Final = Path("/proc/self/statm")


def release() -> str:
    """The release of this program."""
    with suppress(PackageNotFoundError):
        return version("modelmonitor")
    return "unknown"


class ProcessMetrics:
    """Everything of `/metrics` that is about the collector, not about a model.

    `deaths` are those of earlier workers, by cause.
    """

    def __init__(
        self, connections: Connections, configuration: Configuration, deaths: Mapping[str, int]
    ) -> None:
        self.started = time.time()
        self.release = release()
        self.deaths = deaths
        self._connections = connections
        self._configuration = configuration

    def add(self, page: Page, common: str, series: Series, errors: int) -> None:
        """All of it, with `common` labels."""
        current = self._configuration.current
        plain = {
            names.SERIES: series.series,
            names.SERIES_BUDGET: current.series_budget,
            names.SERIES_DROPPED: series.dropped,
            names.COLLECTOR_START_TIME: self.started,
            names.COLLECTOR_CPU: _cpu_seconds(),
            names.COLLECTOR_MEMORY: _resident_bytes(),
            names.COLLECTOR_CONNECTIONS: len(self._connections.open),
            names.COLLECTOR_BASELINES_BROKEN: len(self._configuration.baselines.problems),
            names.COLLECTOR_ERRORS: errors,
        }
        for family, value in plain.items():
            page.add(family, line(family, common, value))
        for family, labels, value in self._labelled():
            page.add(family, line(family, joined(common, label_text(labels)), value))

    def _labelled(self) -> Iterator[tuple[str, dict[str, str], int]]:
        yield names.COLLECTOR_INFO, {names.L_RELEASE: self.release}, 1
        for cause, deaths in self.deaths.items():
            yield names.COLLECTOR_WORKER_DEATHS, {names.L_CAUSE: cause}, deaths
        for reason, refused in self._connections.refused.items():
            yield names.COLLECTOR_CONNECTIONS_REFUSED, {names.L_REASON: reason.value}, refused
        for state in STATES:
            holds = int(state == self._configuration.state)
            yield names.COLLECTOR_CONFIGURATION, {names.L_STATE: state}, holds


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return round(usage.ru_utime + usage.ru_stime, 3)


def _resident_bytes() -> int:
    try:
        return int(_STATM.read_text().split()[1]) * resource.getpagesize()
    except (OSError, IndexError, ValueError):
        return 0
