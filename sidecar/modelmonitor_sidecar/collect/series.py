"""The series of all versions of all models, within the budget: what the metrics pages are made of.

Templates are built when a version, a baseline, a setting or a discovered feature is new, and kept;
a scrape only fills in numbers.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from modelmonitor_api import names
from modelmonitor_api.sidecar_config import SidecarConfig
from modelmonitor_api.spec import Model, ModelMonitor
from modelmonitor_sidecar.collect.configuration import Configuration
from modelmonitor_sidecar.collect.models import CountedModels
from modelmonitor_sidecar.collect.payload_counts import PayloadCounts
from modelmonitor_sidecar.collect.versions import Version
from modelmonitor_sidecar.expose.baseline_series import Lines, baseline_lines
from modelmonitor_sidecar.expose.families import Page
from modelmonitor_sidecar.expose.labels import bounded
from modelmonitor_sidecar.expose.live_series import LiveSeries, places
from modelmonitor_sidecar.expose.monitor_series import (
    model_settings_lines,
    monitor_line,
    settings_lines,
)
from modelmonitor_sidecar.expose.series_budget import Admitted, Exhibit, allot
from modelmonitor_sidecar.exposition import joined, label_text, line
from modelmonitor_sidecar.stats.budget import MONTH_SECONDS
from modelmonitor_sidecar.stats.change import BATCH_SECONDS

CHANGE_LOOKS_PER_MONTH: Final = MONTH_SECONDS / BATCH_SECONDS
"""Rules look at the change detector once a batch."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One version with its templates."""

    version: Version
    common: str
    live: LiveSeries
    features_dropped: int


def model_labels(monitor: str, model: str, version: str = names.UNKNOWN_VERSION) -> str:
    """Label text of a series of one model (or of none: `__other__`)."""
    return label_text(
        {
            names.L_MONITOR: monitor,
            names.L_MODEL: bounded(model),
            names.L_VERSION: bounded(version),
        }
    )


class Series:
    """Templates of everything that is shown now.

    `series` is how many there are on both pages, `dropped` how many the budget left out.
    """

    def __init__(self, configuration: Configuration, models: CountedModels) -> None:
        self._configuration = configuration
        self._models = models
        self._baseline_page = b""
        self.shown: tuple[Shown, ...] = ()
        self.series = self.dropped = 0
        self._built_for: tuple[object, ...] | None = None

    def refresh(self) -> None:
        """Build anew if anything is new."""
        versions = list(self._models.versions())
        basis = (
            self._configuration.current,
            *((one, len(one.statistics.watched())) for one in versions),
        )
        if basis != self._built_for:
            self._build(versions)
            self._built_for = basis

    def add_features(self, page: Page) -> None:
        """All series of features and rows, as counted by the last flush."""
        for one in self.shown:
            statistics = one.version.statistics
            for family, lines in one.live.lines(statistics.totals, statistics.sketch):
                page.add(family, lines)
            _add_rows(page, one)

    def add_payloads(self, page: Page) -> None:
        """What became of the payloads, by model."""
        monitor = self.monitor.name
        for name, model in self._models.models.items():
            _add_payloads(page, model_labels(monitor, name), model.payloads)
        _add_payloads(page, model_labels(monitor, names.OTHER), self._models.other)

    @property
    def baseline_page(self) -> str:
        """All of /metrics/baseline; it changes only when templates do, and is kept compressed."""
        return zlib.decompress(self._baseline_page).decode() if self._baseline_page else ""

    @property
    def monitor(self) -> ModelMonitor:
        """The resource that is in use."""
        return self._configuration.current.monitor

    def _build(self, versions: Iterable[Version]) -> None:
        exhibits = [(one, _exhibit(self.monitor.name, one)) for one in versions]
        budget = self._configuration.current.series_budget
        allotment = allot([exhibit for _, exhibit in exhibits], budget, self.monitor)
        pairs = zip(exhibits, allotment.admitted, strict=True)
        self.shown = tuple(
            Shown(
                version,
                exhibit.common,
                LiveSeries(exhibit.common, admitted.features),
                admitted.dropped,
            )
            for (version, exhibit), admitted in pairs
        )
        page = self._rendered_baselines(allotment.admitted)
        self._baseline_page = zlib.compress(page.encode(), 1)
        self.series, self.dropped = allotment.series, allotment.dropped

    def _rendered_baselines(self, admissions: Iterable[Admitted]) -> str:
        page = Page()
        for one, admitted in zip(self.shown, admissions, strict=True):
            for lines in (_of_baseline(one), *admitted.baseline_lines):
                for family, text in lines.items():
                    page.add(family, text)
        self._add_settings(page)
        return page.text()

    def _add_settings(self, page: Page) -> None:
        configuration, monitor = self._configuration.current, self.monitor
        common = model_labels(monitor.name, names.OTHER)
        page.add(names.MONITOR_INFO, monitor_line(common, monitor))
        page.add(names.SETTING, settings_lines(common, monitor))
        for model in monitor.models:
            common = model_labels(monitor.name, model.name)
            page.add(names.SETTING, settings_lines(common, monitor))
            baselines = configured_baselines(configuration, model)
            page.add(names.SETTING, model_settings_lines(common, model, baselines))


def configured_baselines(configuration: SidecarConfig, model: Model) -> int:
    """How many baselines the model ought to have: as the resource says, or as came with it."""
    given = sum(reference.model == model.name for reference in configuration.baselines)
    return max(given, len(model.baselines))


def _of_baseline(one: Shown) -> Lines:
    """The series of a version's baseline as a whole."""
    loaded, statistics = one.version.loaded, one.version.statistics
    if loaded is None:
        return {}
    windows = statistics.settings.windows
    evidence = {window: statistics.bar(window).z_threshold for window in windows}
    return baseline_lines(one.common, loaded.baseline, loaded.digest, evidence)


def _exhibit(monitor: str, version: Version) -> Exhibit:
    statistics = version.statistics
    return Exhibit(
        common=joined(
            model_labels(monitor, version.model.name, version.name),
            label_text({names.L_BASELINE: version.baseline_label}),
        ),
        model=version.model,
        baseline=None if version.loaded is None else version.loaded.baseline,
        features=places(statistics.layout, statistics.watched()),
        change_threshold=statistics.budget.change_threshold(CHANGE_LOOKS_PER_MONTH),
    )


def _add_rows(page: Page, one: Shown) -> None:
    totals = one.version.statistics.totals
    width = joined(one.common, label_text({names.L_REASON: "width"}))
    page.add(names.ROWS, line(names.ROWS, one.common, totals.rows))
    page.add(
        names.ROWS_UNEXPECTED_COLUMN,
        line(names.ROWS_UNEXPECTED_COLUMN, one.common, totals.rows_unexpected_column),
    )
    page.add(names.ROWS_INVALID, line(names.ROWS_INVALID, width, totals.rows_wrong_width))
    page.add(
        names.ROWS_WITHOUT_PREDICTION,
        line(names.ROWS_WITHOUT_PREDICTION, one.common, one.version.rows_without_prediction),
    )


def _add_payloads(page: Page, common: str, payloads: PayloadCounts) -> None:
    for family, counts in (
        (names.PAYLOADS_UNDECODABLE, payloads.failures),
        (names.PAYLOADS_SKIPPED, payloads.skips),
    ):
        lines = [
            line(family, joined(common, label_text({names.L_REASON: reason})), number)
            for reason, number in counts.items()
        ]
        page.add(family, "".join(lines))
