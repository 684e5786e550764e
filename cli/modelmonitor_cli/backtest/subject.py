"""Which model is replayed: its baseline, its settings, and the features that are judged."""

from collections.abc import Sequence
from dataclasses import dataclass

from modelmonitor_api.baseline import Baseline
from modelmonitor_api.errors import InputError
from modelmonitor_api.spec import Model, ModelMonitor, Severity
from modelmonitor_cli.backtest.options import BacktestOptions
from modelmonitor_cli.documents import (
    NamedBaseline,
    implied_monitor,
    model_of,
    read_monitor,
    read_named_baseline,
)
from modelmonitor_sidecar.stats.budget import Budget
from modelmonitor_sidecar.stats.layout import Watched, watched_features


@dataclass(frozen=True, slots=True)
class Subject:
    """One model of a monitor and its baseline."""

    monitor: ModelMonitor
    model: Model
    version: str | None
    baseline: Baseline

    def watched(self) -> tuple[Watched, ...]:
        """The baseline's features after the monitor's overrides, in the baseline's order."""
        overrides = {feature.name: feature for feature in self.model.features}
        return watched_features(self.baseline, overrides)

    def minimum_effect(self, watched: Watched) -> float:
        """The smallest effect that matters for a feature."""
        own = None if watched.override is None else watched.override.minimum_effect
        return self.monitor.verdict.minimum_effect if own is None else own

    def severity(self, watched: Watched) -> Severity:
        """How loud a feature's drift is."""
        if watched.role == "input":
            return "Ticket" if watched.override is None else watched.override.severity
        output = self.model.prediction if watched.role == "prediction" else self.model.score
        return "Ticket" if output is None else output.severity

    def budget(self, features: int, rows_per_month: int) -> Budget:
        """What may be spent on false alarms; of windows there is one, the replayed."""
        return Budget(
            self.monitor.verdict.false_alarms_per_month,
            models=len(self.monitor.models),
            features=features,
            windows=1,
            rows_per_month=rows_per_month,
        )


def subject_of(options: BacktestOptions) -> Subject:
    """The model that the options speak of; InputError where they fit none, or several."""
    named = [read_named_baseline(text) for text in options.baselines]
    if options.monitor is None:
        named = _of_name(named, options.model)
        monitor = implied_monitor(named).monitor
    else:
        monitor = read_monitor(options.monitor).monitor
    models = {model.name: model for model in monitor.models}
    candidates = [(model_of(one, monitor), one) for one in named]
    if options.monitor is not None:
        candidates = _of_model(candidates, options.model, list(models))
    name, one = _only(candidates)
    return Subject(monitor, models[name], one.version or one.baseline.version, one.baseline)


def _of_name(named: Sequence[NamedBaseline], model: str | None) -> list[NamedBaseline]:
    """Without a monitor the baselines themselves name the models."""
    names = [one.model or one.baseline.model for one in named]
    if model is not None and model not in names:
        raise InputError(
            f"--model {model}",
            f"the baselines are for {', '.join(sorted(set(names)))}; "
            f"write --baseline {model}={named[0].file}",
        )
    return [one for one, name in zip(named, names, strict=True) if model in (None, name)]


def _of_model(
    candidates: Sequence[tuple[str, NamedBaseline]], model: str | None, known: Sequence[str]
) -> list[tuple[str, NamedBaseline]]:
    if model is not None and model not in known:
        raise InputError(f"--model {model}", f"the monitor's models are {', '.join(known)}")
    found = [one for one in candidates if model in (None, one[0])]
    if not found:
        raise InputError(f"--model {model}", "no --baseline is for it; pass its baseline")
    return found


def _only(candidates: Sequence[tuple[str, NamedBaseline]]) -> tuple[str, NamedBaseline]:
    """A table holds the rows of one version of one model."""
    if len(candidates) == 1:
        return candidates[0]
    names = sorted({name for name, _ in candidates})
    if len(names) > 1:
        raise InputError(
            "--baseline", f"the files are for {', '.join(names)}; say which with --model NAME"
        )
    raise InputError(
        "--baseline",
        f"{len(candidates)} files are for model {names[0]}; keep that of the version to replay",
    )
