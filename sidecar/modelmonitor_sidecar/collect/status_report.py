"""All that is known at this moment, for the status page and `/api/status`."""

from collections.abc import Iterator

from modelmonitor_sidecar.collect.activity import Activity
from modelmonitor_sidecar.collect.configuration import Configuration
from modelmonitor_sidecar.collect.connection import Connections
from modelmonitor_sidecar.collect.models import CountedModels
from modelmonitor_sidecar.collect.process_metrics import ProcessMetrics
from modelmonitor_sidecar.collect.series import Series, Shown
from modelmonitor_sidecar.collect.window_report import window_status
from modelmonitor_sidecar.expose.status import ModelStatus, PayloadStatus, Status, WindowStatus
from modelmonitor_sidecar.stats.model_statistics import ModelStatistics


class StatusReport:
    """Gathers a `Status`; `flush` first counts what waits.  Costs a few milliseconds a window."""

    def __init__(
        self,
        configuration: Configuration,
        models: CountedModels,
        connections: Connections,
        process: ProcessMetrics,
        series: Series,
    ) -> None:
        self.activity = Activity()
        self._configuration = configuration
        self._models = models
        self._connections = connections
        self._process = process
        self._series = series

    def note_activity(self, now: float) -> None:
        """Keep the line of activity moving; called each second."""
        payloads = sum(model.payloads.total for model in self._models.models.values())
        rows = sum(one.statistics.totals.rows for one in self._models.versions())
        self.activity.note(now, payloads, rows)

    def status(self, now: float) -> Status:
        """Everything as of `now`."""
        self._series.refresh()
        config, problems = self._configuration.current, self._configuration.problems
        windows = config.monitor.windows
        by_rows = () if config.window_rows is None else (f"{config.window_rows}r",)
        return Status(
            monitor=config.monitor.name,
            namespace=config.monitor.namespace,
            release=self._process.release,
            now=now,
            started=self._process.started,
            restarts=sum(self._process.deaths.values()),
            proxies=len(self._connections.open),
            configuration=self._configuration.state,
            problems=problems,
            series=self._series.series,
            series_budget=config.series_budget,
            series_dropped=self._series.dropped,
            windows=(*by_rows, *windows),
            flow=self.activity.flow(),
            payloads=tuple(self._payloads()),
            models=tuple(
                _model(one, now) for one in self._series.shown if one.version.retired is None
            ),
        )

    def _payloads(self) -> Iterator[PayloadStatus]:
        for name, model in self._models.models.items():
            counts = model.payloads
            yield PayloadStatus(name, counts.decoded, counts.failures, counts.skips)
        if self._models.other.total:
            other = self._models.other
            yield PayloadStatus("__other__", other.decoded, other.failures, other.skips)


def _model(one: Shown, now: float) -> ModelStatus:
    version = one.version
    statistics, loaded = version.statistics, version.loaded
    return ModelStatus(
        model=version.model.name,
        version=version.name,
        baseline=None if loaded is None else loaded.label,
        baseline_rows=None if loaded is None else loaded.baseline.rows,
        rows=statistics.totals.rows,
        rows_invalid={"width": statistics.totals.rows_wrong_width},
        rows_without_prediction=version.rows_without_prediction,
        last_row=version.last_row,
        features_dropped=one.features_dropped,
        windows=tuple(_windows(statistics, now)),
    )


def _windows(statistics: ModelStatistics, now: float) -> Iterator[WindowStatus]:
    filling = statistics.row_window()
    if filling is not None:
        full = statistics.full_windows
        yield window_status(full[-1] if full else filling, by_rows=True)
    for name in statistics.settings.windows:
        yield window_status(statistics.window(name, now), by_rows=False)
