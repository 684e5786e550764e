"""What the live counters are compared with, as series: the baseline's counts and the settings.

Built once when a baseline is loaded; it refuses to know the live side.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from modelmonitor_api import names
from modelmonitor_api.baseline import Baseline, BaselineFeature, Bins, Categories
from modelmonitor_api.spec import Feature, Model, ModelMonitor, Objectives, Severity, VerdictPolicy
from modelmonitor_sidecar.expose.labels import bin_labels, bounded, category_label
from modelmonitor_sidecar.exposition import joined, label_text, line, number
from modelmonitor_sidecar.stats.dispersion import rho_for

Lines = Mapping[str, str]
"""Lines by family."""


@dataclass(frozen=True, slots=True)
class FeaturePolicy:
    """What the rules must know of one feature besides its counts."""

    minimum_effect: float
    importance: float
    severity: Severity
    minimum_rows: int
    provisional: bool

    def settings(self) -> Mapping[str, float]:
        """By value of label `setting`."""
        return {
            "minimum_effect": self.minimum_effect,
            "importance": self.importance,
            "severity": 1 if self.severity == "Page" else 0,
            "minimum_rows": self.minimum_rows,
            "provisional": int(self.provisional),
        }


def feature_policy(
    feature: BaselineFeature, model: Model, verdict: VerdictPolicy, minimum_rows: int
) -> FeaturePolicy:
    """The feature's own settings where the resource has them, else the monitor's."""
    own = next((f for f in model.features if f.name == feature.name), Feature(feature.name))
    return FeaturePolicy(
        minimum_effect=verdict.minimum_effect if own.minimum_effect is None else own.minimum_effect,
        importance=1.0 if own.importance is None else own.importance,
        severity=_severity(feature, own, model),
        minimum_rows=minimum_rows,
        provisional=feature.provisional,
    )


def _severity(feature: BaselineFeature, own: Feature, model: Model) -> Severity:
    output = {"prediction": model.prediction, "score": model.score}.get(feature.role)
    return own.severity if output is None else output.severity


def baseline_line(common: str, baseline: Baseline, digest: str) -> str:
    """The one series of a baseline as a whole."""
    labels = label_text({names.L_DIGEST: digest, names.L_ROWS: str(baseline.rows)})
    return line(names.BASELINE_INFO, joined(common, labels), 1)


def feature_lines(
    common: str, feature: BaselineFeature, policy: FeaturePolicy, windows: Sequence[str]
) -> Lines:
    """All series of one feature of a baseline, by family."""
    own = joined(common, label_text({names.L_FEATURE: bounded(feature.name)}))
    counts = feature.counts
    lines = _bins(own, counts) if isinstance(counts, Bins) else _categories(own, counts)
    one = {
        names.BASELINE_MISSING_ROWS: feature.missing_rows,
        names.BASELINE_INVALID_ROWS: feature.invalid_rows,
    }
    return {
        **lines,
        **{family: line(family, own, value) for family, value in one.items()},
        names.BASELINE_RHO: _by_label(
            names.BASELINE_RHO, own, names.L_WINDOW, _rho(feature, windows)
        ),
        names.BASELINE_FEATURE_INFO: _feature_info(own, feature),
        names.FEATURE_SETTING: _by_label(
            names.FEATURE_SETTING, own, names.L_SETTING, policy.settings().items()
        ),
    }


def _bins(own: str, counts: Bins) -> dict[str, str]:
    labels = [joined(own, label) for label in bin_labels(len(counts.rows))]
    means = counts.representatives
    steps = [*(after - before for before, after in pairwise(means)), 0.0]
    return {
        names.BASELINE_CUMULATIVE_ROWS: _lines(
            names.BASELINE_CUMULATIVE_ROWS, labels, accumulate(counts.rows)
        ),
        names.BASELINE_STEP: _lines(names.BASELINE_STEP, labels, steps),
        names.BASELINE_MEAN: line(names.BASELINE_MEAN, own, counts.mean),
        names.BASELINE_STANDARD_DEVIATION: line(
            names.BASELINE_STANDARD_DEVIATION, own, counts.standard_deviation
        ),
    }


def _categories(own: str, counts: Categories) -> dict[str, str]:
    rows = {category_label(v): n for v, n in zip(counts.values, counts.rows, strict=True)}
    rows[names.OTHER], rows[names.UNSEEN] = counts.other_rows, 0
    family = names.BASELINE_CATEGORY_ROWS
    return {family: _by_label(family, own, names.L_CATEGORY, rows.items())}


def _rho(feature: BaselineFeature, windows: Sequence[str]) -> Iterator[tuple[str, float]]:
    return ((window, rho_for(feature.rho, window)) for window in windows)


def _feature_info(own: str, feature: BaselineFeature) -> str:
    edges = feature.counts.edges if isinstance(feature.counts, Bins) else ()
    labels = {
        names.L_ROLE: feature.role,
        names.L_KIND: feature.kind,
        names.L_EDGES: ";".join(number(edge) for edge in edges),
    }
    return line(names.BASELINE_FEATURE_INFO, joined(own, label_text(labels)), 1)


def settings_lines(common: str, monitor: ModelMonitor) -> str:
    """The monitor's settings under one set of labels."""
    verdict = monitor.verdict
    settings = {
        "false_alarms_per_month": verdict.false_alarms_per_month,
        "minimum_effect": verdict.minimum_effect,
        "confirm": verdict.confirm,
        **_objectives(monitor.objectives),
    }
    return _by_label(names.SETTING, common, names.L_SETTING, settings.items())


def _objectives(objectives: Objectives) -> Mapping[str, float]:
    latency = objectives.latency_milliseconds
    return {
        **_given("availability_percent", objectives.availability_percent),
        **_given("latency_milliseconds", latency),
        **_given("latency_percentile", None if latency is None else objectives.latency_percentile),
    }


def _given(name: str, value: float | None) -> Mapping[str, float]:
    return {} if value is None else {name: value}


def _by_label(family: str, own: str, label: str, values: Iterable[tuple[str, float]]) -> str:
    return "".join(
        line(family, joined(own, label_text({label: text})), value) for text, value in values
    )


def _lines(family: str, labels: Sequence[str], values: Iterable[float]) -> str:
    return "".join(line(family, text, value) for text, value in zip(labels, values, strict=True))
