"""What the rules must know of one feature besides its counts: its settings, as series.

It refuses to know labels and lines.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from modelmonitor_api.baseline import BaselineFeature
from modelmonitor_api.spec import Feature, Model, Severity, VerdictPolicy
from modelmonitor_sidecar.stats.change import (
    change_is_provisional,
    largest_rho,
    medium_memory_rows,
    threshold_of,
)
from modelmonitor_sidecar.stats.effect import baseline_counts
from modelmonitor_sidecar.stats.enough import feature_needs_rows


@dataclass(frozen=True, slots=True)
class ChangePolicy:
    """What the change detector of one feature works with (`stats.change` has the formula)."""

    threshold: float
    memory_rows: float
    rho: float
    provisional: bool


@dataclass(frozen=True, slots=True)
class FeaturePolicy:
    """All settings of one feature."""

    minimum_effect: float
    importance: float
    severity: Severity
    minimum_rows: int
    provisional: bool
    change: ChangePolicy

    @property
    def page(self) -> bool:
        """An alarm of a window may page: asked for, and not provisional."""
        return self.severity == "Page" and not self.provisional

    @property
    def change_page(self) -> bool:
        """An alarm of the change detector may page."""
        return self.severity == "Page" and not self.change.provisional

    def settings(self) -> Mapping[str, float]:
        """By value of label `setting`."""
        return {
            "minimum_effect": self.minimum_effect,
            "importance": self.importance,
            "severity": 1 if self.severity == "Page" else 0,
            "page": int(self.page),
            "change_page": int(self.change_page),
            "minimum_rows": self.minimum_rows,
            "provisional": int(self.provisional),
            "change_threshold": self.change.threshold,
            "change_memory_rows": self.change.memory_rows,
            "change_rho": self.change.rho,
            "change_provisional": int(self.change.provisional),
        }


def feature_policy(
    feature: BaselineFeature, model: Model, verdict: VerdictPolicy, change_threshold: float
) -> FeaturePolicy:
    """The feature's own settings where the resource has them, else the monitor's.

    `change_threshold` is what the budget of false alarms asks of the change detector.
    """
    own = next((f for f in model.features if f.name == feature.name), Feature(feature.name))
    return FeaturePolicy(
        minimum_effect=verdict.minimum_effect if own.minimum_effect is None else own.minimum_effect,
        importance=1.0 if own.importance is None else own.importance,
        severity=_severity(feature, own, model),
        minimum_rows=feature_needs_rows(feature),
        provisional=feature.provisional,
        change=_change(feature, change_threshold),
    )


def _severity(feature: BaselineFeature, own: Feature, model: Model) -> Severity:
    output = {"prediction": model.prediction, "score": model.score}.get(feature.role)
    return own.severity if output is None else output.severity


def _change(feature: BaselineFeature, budget_threshold: float) -> ChangePolicy:
    return ChangePolicy(
        threshold=threshold_of(feature, budget_threshold),
        memory_rows=medium_memory_rows(int(baseline_counts(feature).sum())),
        rho=largest_rho(feature),
        provisional=change_is_provisional(feature),
    )
