"""Reads what the user gave, and says what is wrong, what is worth a word, and what it costs."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from modelmonitor_api.errors import InputError
from modelmonitor_cli.documents import MonitorDocument, read_monitor
from modelmonitor_cli.render.rendering import used_baselines
from modelmonitor_cli.render.values import read_values
from modelmonitor_cli.validate.estimate import Estimate, estimate
from modelmonitor_cli.validate.remarks import remarks
from modelmonitor_operator.render.prometheus_rule import links
from modelmonitor_operator.render.rules.groups import monitor_groups, shared_groups
from modelmonitor_operator.render.rules.rule import Group
from modelmonitor_operator.render.settings import RenderSettings


def validate(arguments: argparse.Namespace) -> int:
    """Print the findings; InputError where one of the user's files is wrong."""
    if arguments.replicas < 1:
        raise InputError("--replicas", f"is {arguments.replicas}; it must be 1 or more")
    document, settings = read_monitor(arguments.monitor), read_values(arguments.values)
    baselines = used_baselines(document, arguments.baseline)
    groups = _groups(document, settings)
    cost = estimate(document.monitor, baselines, groups, arguments.replicas, settings)
    said = list(remarks(document.monitor, baselines, cost, settings))
    if arguments.json:
        print(json.dumps({"valid": True, "remarks": said, "estimate": asdict(cost)}, indent=1))
    else:
        _tell(document, cost, said, arguments.replicas)
    return 0


def _groups(document: MonitorDocument, settings: RenderSettings) -> Sequence[Group]:
    if settings.mode == "Shared":
        return shared_groups(links(settings))
    monitor = document.monitor
    return monitor_groups(monitor.namespace, monitor.name, monitor.windows, links(settings))


def _tell(document: MonitorDocument, cost: Estimate, said: Sequence[str], replicas: int) -> None:
    monitor = document.monitor
    print(f"{monitor.namespace}/{monitor.name}: valid")
    for remark in said:
        print(f"  note: {remark}")
    pods = "1 replica" if replicas == 1 else f"{replicas} replicas"
    print(
        f"  series: {cost.series_a_replica:,} from each of {pods}, "
        f"{cost.series_recorded:,} recorded by rules"
    )
    print(
        f"  rules: {cost.rules} in {cost.groups} groups, "
        f"{cost.evaluations_a_second:.1f} evaluations a second"
    )
    print(f"  memory in Prometheus: about {cost.memory_bytes / 1e6:,.0f} MB")
