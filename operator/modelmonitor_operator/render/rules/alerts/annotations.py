"""The texts of alerts: what happened, the evidence, the runbook, the dashboard.

Texts are Go templates that Prometheus executes: they are ours alone.  What a user named comes in as
a label at run time, and is text then; in queries of templates it is quoted by `%q`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from modelmonitor_api import names

DEFAULT_RUNBOOK: Final = "https://modelmonitor.io/runbook"
MODEL_TEXT: Final = "{{$labels.model}} {{$labels.model_version}}"
MONITOR_TEXT: Final = "{{$labels.namespace}}/{{$labels.modelmonitor}}"
_PREFIX: Final = "modelmonitor:"


@dataclass(frozen=True, slots=True)
class Links:
    """Where runbook pages and dashboards are.

    `grafana` None: links begin at Grafana's root.  `dashboard`: the uid, where rules are of one
    monitor; None: each monitor's own, which its sidecars tell.
    """

    runbook: str = DEFAULT_RUNBOOK
    grafana: str | None = None
    dashboard: str | None = None


def annotations(links: Links, alert: str, summary: str, description: str) -> Mapping[str, str]:
    """All four texts of one alert."""
    return {
        "summary": summary,
        "description": description,
        "runbook_url": f"{links.runbook.rstrip('/')}/{alert}.md",
        "dashboard_url": _dashboard(links),
    }


def of_feature(texts: Mapping[str, str]) -> Mapping[str, str]:
    """The same, with a link that opens the dashboard at the alert's feature."""
    url = texts["dashboard_url"]
    return {**texts, "dashboard_url": f"{url}?var-feature={{{{$labels.feature | urlquery}}}}"}


def evidence(*metrics: str) -> str:
    """The recorded series with the alert's own labels, as `name value; ...`."""
    listed = "|".join(one.removeprefix(_PREFIX) for one in metrics)
    return (
        '{{$q := ""}}{{range $n, $v := $labels}}{{if not (match "severity|__name__" $n)}}'
        '{{$q = printf "%s,%s=%q" $q $n $v}}{{end}}{{end}}'
        f'{{{{range printf "{{__name__=~\\"{_PREFIX}({listed})\\"%s}}" $q | query '
        '| sortByLabel "__name__"}}'
        f"{{{{slice .Labels.__name__ {len(_PREFIX)}}}}} "
        '{{printf "%.6g" .Value}}; {{end}}'
    )


def _dashboard(links: Links) -> str:
    root = "" if links.grafana is None else links.grafana.rstrip("/")
    uid = _uid_by_query() if links.dashboard is None else links.dashboard
    return f"{root}/d/{uid}"


def _uid_by_query() -> str:
    """Labels of users are quoted by `%q`, which is how PromQL quotes, too."""
    return (
        f'{{{{ with printf "{names.MONITOR_INFO}{{namespace=%q,modelmonitor=%q}}" '
        "$labels.namespace $labels.modelmonitor | query }}"
        f"{{{{ (first .).Labels.{names.L_DASHBOARD} }}}}"
        f"{{{{ else }}}}{names.FLEET_DASHBOARD}{{{{ end }}}}"
    )
