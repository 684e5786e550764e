"""One version of a model: its statistics, and what they depend on."""

from dataclasses import dataclass

from modelmonitor_api.baseline import Baseline
from modelmonitor_api.names import NO_BASELINE
from modelmonitor_api.sidecar_config import SidecarConfig
from modelmonitor_api.spec import Model
from modelmonitor_sidecar.collect.baselines import LoadedBaseline
from modelmonitor_sidecar.decode.answers import predictions
from modelmonitor_sidecar.decode.csv_values import values_of
from modelmonitor_sidecar.decode.rows import Decoded, Records
from modelmonitor_sidecar.stats.model_statistics import ModelStatistics, Settings


@dataclass(frozen=True, slots=True)
class Basis:
    """What statistics depend on: with another basis, others begin at 0."""

    digest: str | None
    settings: Settings


def basis_of(model: Model, loaded: LoadedBaseline | None, config: SidecarConfig) -> Basis:
    """What the configuration and the baseline say about this model's statistics."""
    monitor, rows = config.monitor, config.window_rows
    settings = Settings(
        policy=monitor.verdict,
        features=model.features,
        windows=monitor.windows,
        row_window=None if rows is None else f"{rows}r",
        models=max(len(monitor.models), 1),
    )
    return Basis(None if loaded is None else loaded.digest, settings)


def text_columns(model: Model, baseline: Baseline | None) -> frozenset[str]:
    """The columns whose CSV fields are texts, whatever they read as."""
    kinds = {} if baseline is None else {f.name: f.kind for f in baseline.inputs}
    kinds.update({f.name: f.kind for f in model.features if f.kind is not None})
    return frozenset(name for name, kind in kinds.items() if kind not in ("numeric", "discrete"))


class Version:
    """The statistics of one version of a model against one baseline (or none).

    `retired` is when it was replaced; None: rows still come.
    """

    def __init__(
        self, model: Model, name: str, loaded: LoadedBaseline | None, basis: Basis
    ) -> None:
        self.model, self.name, self.loaded, self.basis = model, name, loaded, basis
        baseline = None if loaded is None else loaded.baseline
        self.statistics = ModelStatistics(baseline, basis.settings)
        self._columns = () if baseline is None else tuple(c.name for c in baseline.columns)
        self._text_columns = text_columns(model, baseline)
        self.rows_without_prediction = 0
        self.last_row: float | None = None
        self.retired: float | None = None

    @property
    def baseline_label(self) -> str:
        """The value of label `baseline`."""
        return NO_BASELINE if self.loaded is None else self.loaded.label

    @property
    def labels(self) -> tuple[str, str, str]:
        """Model, version and baseline: what tells its series from others."""
        return self.model.name, self.name, self.baseline_label

    def add(self, decoded: Decoded) -> int:
        """Buffer the rows of one payload; their number."""
        inputs, model = decoded.inputs, self.model
        predicted, scored = predictions(decoded.outputs, model.prediction, model.score)
        count = inputs.count
        if predicted is None:
            self.rows_without_prediction += count
        if isinstance(inputs, Records):
            self.statistics.add_records(inputs.rows, predicted, scored)
        else:
            values = inputs.values
            if inputs.texts:
                values = values_of(inputs, self._columns, self._text_columns)
            self.statistics.add_rows(inputs.names, values, predicted, scored)
        return count

    def flush(self, now: float) -> None:
        """Count what waits, as of `now`."""
        if self.statistics.flush(now):
            self.last_row = now
