"""`/metrics` and `/metrics/baseline` as text."""

from collections.abc import Callable

from modelmonitor_api.names import OTHER
from modelmonitor_sidecar.collect.models import CountedModels
from modelmonitor_sidecar.collect.process_metrics import ProcessMetrics
from modelmonitor_sidecar.collect.series import Series, model_labels
from modelmonitor_sidecar.expose.families import Page


class MetricsPages:
    """Renders what was counted; `flush` first counts what waits, so a scrape misses nothing."""

    def __init__(
        self,
        series: Series,
        models: CountedModels,
        process: ProcessMetrics,
        flush: Callable[[], None],
    ) -> None:
        self.series = series
        self._models = models
        self._process = process
        self._flush = flush

    def metrics(self) -> str:
        """The live counters, and the collector itself."""
        self._flush()
        self.series.refresh()
        page = Page()
        self.series.add_features(page)
        self.series.add_payloads(page)
        common = model_labels(self.series.monitor.name, OTHER)
        self._process.add(page, common, self.series, self._models.errors)
        return page.text()

    def baselines(self) -> str:
        """The baselines in use, and the settings."""
        self.series.refresh()
        return self.series.baseline_page
