"""Collectors without processes: rows in, the real pages out, at times that a test says.

It refuses to know who scrapes them (`testing_scrapes`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmonitor_sidecar.collect.configuration import Configuration
from modelmonitor_sidecar.collect.connection import Connections
from modelmonitor_sidecar.collect.metrics_pages import MetricsPages
from modelmonitor_sidecar.collect.models import CountedModels
from modelmonitor_sidecar.collect.process_metrics import ProcessMetrics
from modelmonitor_sidecar.collect.series import Series
from modelmonitor_sidecar.collect.versions import Version
from modelmonitor_sidecar.expose.labels import bounded

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Row:
    """A feature of one version and baseline, as labels have them."""

    version: str
    baseline: str
    feature: str


FLAGS = 4
"""Numbers behind the cells of a feature's counters: missing, invalid, unseen, out of range."""


class Replica:
    """One pod's collector, which has its configuration in `folder` (`write_configuration`)."""

    def __init__(self, folder: Path, pod: str, started_seconds: float) -> None:
        self.pod = pod
        self._configuration = Configuration(folder, folder / "labels", "unknown")
        assert not self._configuration.problems, self._configuration.problems
        self.restart(started_seconds)

    def restart(self, now_seconds: float) -> None:
        """A worker in the last one's place: everything counts from 0."""
        self._now = self.started = now_seconds
        self._models = CountedModels(self._configuration, lambda: self._now)
        process = ProcessMetrics(Connections(), self._configuration, {})
        process.started = now_seconds
        series = Series(self._configuration, self._models)
        self._pages = MetricsPages(series, self._models, process, self._models.flush)

    def tick(self, now_seconds: float) -> None:
        """Look at the configuration, as a collector does each second."""
        self._now = now_seconds
        if self._configuration.poll():
            self._models.follow()
        self._models.tick()

    def take(self, rows: Sequence[Mapping[str, Any]], predictions: Any = None) -> None:
        """Rows of the first model, counted at once."""
        if rows:
            self.versions[0].statistics.add_records(list(map(dict, rows)), predictions)
            self._models.flush()

    @property
    def versions(self) -> list[Version]:
        """All that are counted, and those that ended a moment ago."""
        return list(self._models.versions())

    def page(self) -> str:
        """/metrics."""
        return self._pages.metrics()

    def baseline_page(self) -> str:
        """/metrics/baseline."""
        return self._pages.baselines()

    def counted(self) -> dict[Row, Integers]:
        """Rows by cell, and by flag behind them, of each feature that has a baseline."""
        return {
            row: _counters(version, at)
            for version in self.versions
            for row, at in watched_rows(version).items()
        }


def watched_rows(version: Version) -> dict[Row, int]:
    """The features of a version that have a baseline, with their places in the counters."""
    return {
        Row(version.name, version.baseline_label, bounded(one.name)): at
        for at, one in version.statistics.watched()
        if one.baseline is not None
    }


def _counters(version: Version, at: int) -> Integers:
    totals = version.statistics.totals
    cells = totals.cells[version.statistics.layout.cells_of(at)]
    flags = (
        totals.missing[at], totals.invalid[:, at].sum(), totals.unseen[at], totals.out_of_range[at]
    )  # fmt: skip
    return np.concatenate((cells, flags))
