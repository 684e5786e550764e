"""What a monitor costs in Prometheus: series, rules, memory; counted, not measured.

Series of the sidecars are counted by the code that exposes them.  Recorded series follow from the
number of cells, tests and windows (`docs/rules.md`).  Memory is what `make bench` measured for a
series, so it is an order of magnitude.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from modelmonitor_api.spec import Model, ModelMonitor
from modelmonitor_operator.render.rules.rule import Group
from modelmonitor_operator.render.series import PROXY_SERIES, recorded_series
from modelmonitor_operator.render.settings import RenderSettings
from modelmonitor_operator.render.sidecar_config_map import UsedBaseline
from modelmonitor_sidecar.expose.live_series import places
from modelmonitor_sidecar.expose.series_budget import Exhibit, allot
from modelmonitor_sidecar.stats.model_statistics import ModelStatistics, Settings

BYTES_A_SERIES: Final = 4_000
"""Of Prometheus's memory, with the samples of three hours."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """`series_a_replica` on both pages of the collector and on the proxy's; `dropped` are left out
    for the budget of series.  `evaluations_a_second` of rules.
    """

    series_a_replica: int
    series_dropped: int
    series_recorded: int
    rules: int
    groups: int
    evaluations_a_second: float
    memory_bytes: int


def estimate(
    monitor: ModelMonitor,
    baselines: Sequence[UsedBaseline],
    groups: Sequence[Group],
    replicas: int,
    settings: RenderSettings,
) -> Estimate:
    """For so many replicas, with all versions of the baselines running at once."""
    exhibits = [_exhibit(monitor, one) for one in baselines]
    allotment = allot(exhibits, settings.series_budget, monitor)
    exposed = allotment.series + PROXY_SERIES
    of_rules = sum(recorded_series(monitor, one.baseline) for one in baselines)
    total = exposed * replicas + of_rules
    return Estimate(
        series_a_replica=exposed,
        series_dropped=allotment.dropped,
        series_recorded=of_rules,
        rules=sum(len(group.rules) for group in groups),
        groups=len(groups),
        evaluations_a_second=sum(_a_second(group) for group in groups),
        memory_bytes=total * BYTES_A_SERIES,
    )


def _exhibit(monitor: ModelMonitor, used: UsedBaseline) -> Exhibit:
    model = next(one for one in monitor.models if one.name == used.model)
    statistics = ModelStatistics(used.baseline, _settings(monitor, model))
    return Exhibit(
        common="",
        model=model,
        baseline=used.baseline,
        features=places(statistics.layout, statistics.watched()),
        change_threshold=1.0,
    )


def _settings(monitor: ModelMonitor, model: Model) -> Settings:
    return Settings(monitor.verdict, model.features, monitor.windows, models=len(monitor.models))


def _a_second(group: Group) -> float:
    seconds = {"s": 1, "m": 60}[group.interval[-1]] * int(group.interval[:-1])
    return len(group.rules) / seconds
