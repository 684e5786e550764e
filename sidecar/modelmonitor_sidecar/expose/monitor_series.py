"""The monitor and its settings as series, so that no rule and no dashboard spells a number of it.

It refuses to know baselines and rows.
"""

from collections.abc import Mapping

from modelmonitor_api import names
from modelmonitor_api.spec import Model, ModelMonitor, Objectives
from modelmonitor_sidecar.exposition import by_label, joined, label_text, line


def monitor_line(common: str, monitor: ModelMonitor) -> str:
    """The one series of the monitor as a whole: where its dashboard is."""
    uid = names.dashboard_uid(monitor.namespace, monitor.name)
    return line(names.MONITOR_INFO, joined(common, label_text({names.L_DASHBOARD: uid})), 1)


def settings_lines(common: str, monitor: ModelMonitor) -> str:
    """The monitor's settings under one set of labels."""
    verdict = monitor.verdict
    settings = {
        "false_alarms_per_month": verdict.false_alarms_per_month,
        "minimum_effect": verdict.minimum_effect,
        "confirm": verdict.confirm,
        **_objectives(monitor.objectives),
    }
    return by_label(names.SETTING, common, names.L_SETTING, settings.items())


def model_settings_lines(common: str, model: Model, baselines: int) -> str:
    """What a model has of its own; `baselines`: how many are configured for it."""
    settings = {"baselines": baselines, "maximum_age_seconds": model.maximum_age_seconds}
    return by_label(names.SETTING, common, names.L_SETTING, settings.items())


def _objectives(objectives: Objectives) -> Mapping[str, float]:
    latency = objectives.latency_milliseconds
    return {
        **_given("availability_percent", objectives.availability_percent),
        **_given("latency_milliseconds", latency),
        **_given("latency_percentile", None if latency is None else objectives.latency_percentile),
    }


def _given(name: str, value: float | None) -> Mapping[str, float]:
    return {} if value is None else {name: value}
