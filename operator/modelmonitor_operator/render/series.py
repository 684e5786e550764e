"""How many series a monitor has in Prometheus: counted from its baselines, not measured.

What the sidecars expose is counted as they expose it (docs/metrics.md), and what rules record as
the rules say (docs/rules.md); a test holds both to the programs that do it.  It refuses to know
pods: whoever calls multiplies.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from modelmonitor_api import recorded
from modelmonitor_api.baseline import Baseline, BaselineFeature, Bins
from modelmonitor_api.spec import Model, ModelMonitor
from modelmonitor_operator.render.rules.windows import needed_windows

PROXY_SERIES: Final = 150
"""Of a pod with one model and one path."""
_FEATURE_SETTINGS: Final = 11
_REASONS: Final = 4
"""Why a value is invalid."""
_LIVE: Final = 2 + _REASONS
"""Of each feature beside its cells: missing, out of range, invalid by reason."""
_OF_BASELINE: Final = 3 + _FEATURE_SETTINGS
"""Of each feature beside its cells: missing, invalid, what it is, its settings."""
_ROLES: Final = ("prediction", "score", "input")

Used = Sequence[tuple[str, Baseline]]
"""Baselines in use, each with the name of its model, in the order of the models."""


def exposed_series(monitor: ModelMonitor, used: Used, budget: int) -> int:
    """Of one pod; within the budget of series, which leaves out whole features from the end."""
    models = {model.name: model for model in monitor.models}
    left = budget
    for name, baseline in used:
        for feature in _in_order(baseline, models.get(name)):
            needed = _live(feature) + _baseline(feature, len(monitor.windows))
            if needed > left:
                return budget - left + PROXY_SERIES
            left -= needed
    return budget - left + PROXY_SERIES


def recorded_series(monitor: ModelMonitor, baseline: Baseline) -> int:
    """What the rules record of the cells, tests and memories of each feature."""
    judged, counted = len(monitor.windows), len(needed_windows(monitor.windows))
    return sum(_recorded(feature, judged, counted) for feature in baseline.features)


def _in_order(baseline: Baseline, model: Model | None) -> Iterator[BaselineFeature]:
    ignored = {one.name for one in (model.features if model else ()) if one.ignore}
    for role in _ROLES:
        for feature in baseline.features:
            column = feature.derived.column if feature.derived else feature.name
            if feature.role == role and (role != "input" or column not in ignored):
                yield feature


def _cells(feature: BaselineFeature) -> int:
    """Bins, or categories with all others and what was never seen."""
    counts = feature.counts
    return len(counts.rows) if isinstance(counts, Bins) else len(counts.rows) + 2


def _live(feature: BaselineFeature) -> int:
    """Counters; of numbers sum, count and squares, of categories the missing and the unseen."""
    is_column = feature.role == "input" and feature.derived is None
    own = 3 if isinstance(feature.counts, Bins) else 2
    return _cells(feature) + _LIVE + int(is_column) + own


def _baseline(feature: BaselineFeature, windows: int) -> int:
    """Of numbers the steps between bins, mean and standard deviation besides."""
    cells = _cells(feature)
    own = 2 * cells + 2 if isinstance(feature.counts, Bins) else cells
    return own + _OF_BASELINE + windows


def _recorded(feature: BaselineFeature, judged: int, counted: int) -> int:
    memories, tests = len(recorded.MEMORIES), len(recorded.WINDOW_TESTS)
    shares = len(recorded.SHARE_TESTS)
    cells, ordered = _cells(feature), isinstance(feature.counts, Bins)
    of_baseline = cells * (4 if ordered else 3) + 2 * shares + 2 + 14 + 2 + judged
    of_windows = (cells + shares) * counted + judged * (
        2 * cells + 1 + 4 * tests + 3 * shares + len(recorded.DISTANCES)
    )
    of_change = cells * (2 + memories) + 3 * memories + 2
    return of_baseline + of_windows + of_change
