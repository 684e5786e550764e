"""From a monitor and its baselines to files: manifests for a cluster, and their parts alone."""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from modelmonitor_api.errors import InputError
from modelmonitor_cli.documents import MonitorDocument, model_of, read_monitor, read_named_baseline
from modelmonitor_cli.render.values import read_values
from modelmonitor_cli.report.output import write_output
from modelmonitor_operator.render.dashboard.config_map import dashboard_config_map
from modelmonitor_operator.render.dashboard.fleet import fleet_dashboard
from modelmonitor_operator.render.dashboard.grafana_dashboard import grafana_dashboard
from modelmonitor_operator.render.dashboard.monitor import monitor_dashboard
from modelmonitor_operator.render.pod_monitor import pod_monitor
from modelmonitor_operator.render.prometheus_rule import (
    monitor_rules,
    prometheus_rule,
    shared_prometheus_rule,
    shared_rules,
)
from modelmonitor_operator.render.settings import RenderSettings
from modelmonitor_operator.render.sidecar_config_map import (
    SidecarConfigMap,
    UsedBaseline,
    sidecar_config_map,
)

Manifest = Mapping[str, Any]

OPERATOR_NAMESPACE: Final = "modelmonitor"
"""Where the rules of mode Shared are kept, unless they are applied elsewhere."""


def render(arguments: argparse.Namespace) -> int:
    """Write all files, and say which; InputError where one of the user's files is wrong."""
    document = read_monitor(arguments.monitor)
    settings = read_values(arguments.values)
    baselines = used_baselines(document, arguments.baseline)
    told = sidecar_config_map(document.monitor, document.spec, baselines, settings)
    files = rendered(document, told, settings)
    folder = _made(arguments.output)
    for name, text in files.items():
        write_output(folder / name, text, "-o")
        print(f"{folder / name}: {_CONTENT[name]}")
    for one in told.left_out:
        print(f"left out for lack of room: baseline of {one.model} {one.version or ''}".rstrip())
    return 0


def used_baselines(document: MonitorDocument, texts: Sequence[str]) -> tuple[UsedBaseline, ...]:
    """The `--baseline` files, each with the monitor's model that it is for."""
    named = [read_named_baseline(text) for text in texts]
    return tuple(
        UsedBaseline(model_of(one, document.monitor), one.version, one.baseline) for one in named
    )


def rendered(
    document: MonitorDocument, told: SidecarConfigMap, settings: RenderSettings
) -> Mapping[str, str]:
    """The files by name."""
    monitor = document.monitor
    dashboard = monitor_dashboard(
        monitor.namespace,
        monitor.name,
        monitor.windows,
        settings.runbook_url,
        settings.cluster_label,
    )
    shared = settings.mode == "Shared"
    rules = shared_rules(settings) if shared else monitor_rules(monitor, settings)
    return {
        "manifests.yaml": _yaml(*_manifests(document, told, settings, dashboard)),
        "rules.yaml": _yaml(rules),
        "dashboard.json": _json(dashboard),
        "fleet-dashboard.json": _json(fleet_dashboard(settings.cluster_label)),
    }


_CONTENT: Final = {
    "manifests.yaml": "all objects, for kubectl apply",
    "rules.yaml": "the rules as a rule file of Prometheus",
    "dashboard.json": "the monitor's dashboard, for Grafana's import",
    "fleet-dashboard.json": "the dashboard over all monitors, once a Grafana",
}


def _manifests(
    document: MonitorDocument,
    told: SidecarConfigMap,
    settings: RenderSettings,
    dashboard: Mapping[str, Any],
) -> Iterator[Manifest]:
    monitor, folder = document.monitor, document.monitor.grafana_folder
    yield told.manifest
    if settings.scrape_by == "PodMonitor":
        yield pod_monitor(monitor, settings)
    if settings.mode == "Shared":
        yield shared_prometheus_rule(OPERATOR_NAMESPACE, settings)
    else:
        yield prometheus_rule(monitor, settings)
    yield dashboard_config_map(monitor.namespace, monitor.name, dict(dashboard), folder)
    if settings.grafana_instances:
        instances = settings.grafana_instances
        yield grafana_dashboard(monitor.namespace, monitor.name, instances, folder)


def _yaml(*documents: Mapping[str, Any]) -> str:
    """Lines are not folded: an expression is searched for as a whole."""
    return yaml.safe_dump_all(
        [json.loads(json.dumps(one)) for one in documents],
        width=1_000_000,
        sort_keys=False,
        allow_unicode=True,
    )


def _json(dashboard: Mapping[str, Any]) -> str:
    return json.dumps(dashboard, indent=1, sort_keys=True, allow_nan=False) + "\n"


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            str(folder), f"cannot be made ({error.strerror}); name another folder with -o"
        ) from None
    return folder
