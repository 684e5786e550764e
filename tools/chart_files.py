"""Writes those files of the chart that are made of the project's own renderers and definitions.

Run it when one of them changed; a test compares.  What a value of the chart decides is rendered
with a stand-in, in whose place a template then puts the value.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from modelmonitor_api.names import ANNOTATION_VERSION, GROUP, PLURAL
from modelmonitor_operator.inject.settings import (
    SIZES,
    InjectionSettings,
    PairResources,
    Resources,
    SidecarPorts,
)
from modelmonitor_operator.inject.sidecars import USER
from modelmonitor_operator.render.dashboard.config_map import written
from modelmonitor_operator.render.dashboard.fleet import fleet_dashboard
from modelmonitor_operator.render.dashboard.operator_dashboard import operator_dashboard
from modelmonitor_operator.render.injection_policy import (
    injection_policy,
    injection_policy_binding,
    scrape_annotations_added,
)
from modelmonitor_operator.render.operator_rules import operator_rules
from modelmonitor_operator.render.prometheus_rule import shared_rules
from modelmonitor_operator.render.settings import RenderSettings
from modelmonitor_operator.render.webhook_rules import webhook_rules

ROOT = Path(__file__).resolve().parent.parent
CHART = ROOT / "charts" / "modelmonitor"
DEFINITION = ROOT / "crds" / f"{PLURAL}.{GROUP}.yaml"

NOTE = "{{- /* Made by tools/chart_files.py; do not edit. */ -}}\n"
RUNBOOK = "https://runbook.invalid"
GRAFANA = "https://grafana.invalid"
CLUSTER = "stand_in_for_the_cluster_label"
_PORTS = SidecarPorts(proxy=61_001, admin=61_002, collector=61_003)
_INDENT = " " * 8
"""Of the patch's lines in the policy's manifest."""
_IMAGE, _PULL, _EXCLUDED = "stand-in-image", "stand-in-pull-policy", "stand-in-excluded"
_USER = f", runAsUser: {USER}, runAsGroup: {USER}"


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, so that what is put into them needs no quotes."""


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _block)


def main() -> None:
    """Write them all."""
    for path, text in chart_files().items():
        path.write_text(text)


def chart_files() -> dict[Path, str]:
    """The text of each file."""
    links = RenderSettings(runbook_url=RUNBOOK, grafana_url=GRAFANA)
    return {
        CHART / "templates" / "definition.yaml": definition(DEFINITION.read_text()),
        CHART / "templates" / "injection-policy.yaml": policy(),
        CHART / "files" / "shared-rules.yaml": dumped(shared_rules(links)),
        CHART / "files" / "operator-rules.yaml": dumped(operator_rules(RUNBOOK, GRAFANA)),
        CHART / "files" / "webhook-rules.yaml": dumped(webhook_rules(RUNBOOK, GRAFANA)),
        CHART / "files" / "operator-dashboard.json": written(operator_dashboard()),
        CHART / "files" / "fleet-dashboard.json": written(fleet_dashboard()),
        CHART / "files" / "fleet-dashboard-of-clusters.json": written(fleet_dashboard(CLUSTER)),
    }


def definition(text: str) -> str:
    """The resource's definition with what the chart says of it."""
    named = f"metadata:\n  name: {PLURAL}.{GROUP}\n"
    versioned = f"{named}  annotations:\n    {ANNOTATION_VERSION}: {version('modelmonitor')}\n"
    added = (
        '  labels: {{- include "modelmonitor.labels" (list . "definition") | nindent 4 }}\n'
        "  annotations:\n"
        f"    {ANNOTATION_VERSION}: {{{{ .Chart.AppVersion | quote }}}}\n"
        "    {{- if .Values.crds.keep }}\n"
        "    helm.sh/resource-policy: keep\n"
        "    {{- end }}\n"
    )
    body = _replaced(_plain(text), {versioned: named + added})
    return f"{NOTE}{{{{- if .Values.crds.enabled }}}}\n{body}{{{{- end }}}}\n"


def policy() -> str:
    """The admission policy and its binding, with values in the places of the stand-ins."""
    sized = InjectionSettings(image=_IMAGE, ports=_PORTS, sizes=_stand_in_sizes())
    settings = replace(sized, pull_policy=_PULL, scrape_by="Annotations")  # type: ignore[arg-type]
    rendered = injection_policy(settings)
    text = _plain(f"{dumped(rendered)}---\n{dumped(injection_policy_binding([_EXCLUDED]))}")
    values = {**_scrape_values(settings), **_policy_values(), **_size_values()}
    body = _replaced(text, values)
    return f'{NOTE}{{{{- if eq .Values.injection.mode "Policy" }}}}\n{body}{{{{- end }}}}\n'


def _scrape_values(settings: InjectionSettings) -> Mapping[str, str]:
    """The last operand is there or not, and the plus before it, too."""
    (last,) = scrape_annotations_added(settings)
    added = f" +\n{_INDENT}{last}"
    asked = '{{ if eq .Values.prometheus.scrapeBy "Annotations" }}'
    return {added: f"{asked}{added}{{{{ end }}}}"}


def _policy_values() -> Mapping[str, str]:
    ours = "    app.kubernetes.io/name: modelmonitor\n    app.kubernetes.io/component: injection\n"
    excluded = '{{- include "modelmonitor.excludedNamespaces" . | nindent 8 }}'
    return {
        f"  labels:\n{ours}": '  labels: {{- include "modelmonitor.labels" (list . "injection") '
        "| nindent 4 }}\n",
        f"\n        - {_EXCLUDED}\n": f"\n        {excluded}\n",
        _IMAGE: '{{ include "modelmonitor.image" (list . .Values.sidecar.image) }}',
        _PULL: "{{ .Values.sidecar.image.pullPolicy }}",
        _USER: f"{{{{ if not .Values.security.assignedUser }}}}{_USER}{{{{ end }}}}",
        str(_PORTS.proxy): "{{ .Values.sidecar.ports.proxy | int }}",
        str(_PORTS.admin): "{{ .Values.sidecar.ports.admin | int }}",
        str(_PORTS.collector): "{{ .Values.sidecar.ports.collector | int }}",
    }


def _stand_in_sizes() -> Mapping[Any, PairResources]:
    return {
        size: PairResources(*(_stand_in(f"{size}.{one}") for one in ("proxy", "collector")))
        for size in SIZES
    }


def _stand_in(place: str) -> Resources:
    return Resources(*(f"stand-in:{place}.{key}" for key in ("cpu", "memory", "cpuLimit")))


def _size_values() -> Mapping[str, str]:
    """A limit of CPU is there or not, and its comma with it."""
    values = {}
    for size in SIZES:
        for container in ("proxy", "collector"):
            place = f"{size}.{container}"
            found = f"{{{{ .Values.sidecar.sizes.{place}.%s }}}}"
            limit = f"{{{{ with .Values.sidecar.sizes.{place}.cpuLimit }}}}"
            values[f"stand-in:{place}.memory"] = found % "memory"
            values[f", 'cpu': 'stand-in:{place}.cpuLimit'"] = (
                f"{limit}, 'cpu': '{{{{ . }}}}'{{{{ end }}}}"
            )
            values[f"stand-in:{place}.cpu"] = found % "cpu"
    return values


def _replaced(text: str, values: Mapping[str, str]) -> str:
    """Every stand-in must be there: one that is not would be a value without effect."""
    for stand_in, value in values.items():
        if stand_in not in text:
            raise ValueError(f"{stand_in!r} is not in the text")
        text = text.replace(stand_in, value)
    return text


def _plain(text: str) -> str:
    """What Helm would take for a template is in none of these."""
    if "{{" in text:
        raise ValueError("the text has {{ in it, which Helm would execute")
    return text


def dumped(*documents: Mapping[str, Any]) -> str:
    """As YAML, with texts of several lines as they are."""
    plain = [json.loads(json.dumps(one)) for one in documents]
    return yaml.dump_all(
        plain, Dumper=_Dumper, width=1_000_000, sort_keys=False, allow_unicode=True
    )


if __name__ == "__main__":
    main()
