"""What the platform team decides for all monitors: the chart's values that objects need.

It refuses to know files and the resource.  Whatever is not given has the default that suits a
cluster with prometheus-operator and Grafana's sidecar.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from modelmonitor_api.reading import Fields, finished
from modelmonitor_operator.inject.settings import ScrapeBy, read_scrape_by
from modelmonitor_operator.render.addresses import PLAIN_URL, is_plain_url
from modelmonitor_operator.render.rules.alerts.annotations import DEFAULT_RUNBOOK

RulesMode = Literal["PerMonitor", "Shared"]

_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_OURS: Final = frozenset(
    ("namespace", "modelmonitor", "model", "model_version", "baseline", "feature", "window", "test")
)

MAX_SERIES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """Values of all monitors.

    `mode`: rules of one monitor each, or one set for all.  `labels`: put on every object, so that a
    Prometheus selects them.  `interval_seconds`: between scrapes.
    """

    mode: RulesMode = "PerMonitor"
    labels: Mapping[str, str] = field(default_factory=dict)
    interval_seconds: int = 15
    series_budget: int = 20_000
    runbook_url: str = DEFAULT_RUNBOOK
    grafana_url: str | None = None
    grafana_instances: Mapping[str, str] = field(default_factory=dict)
    cluster_label: str | None = None
    scrape_by: ScrapeBy = "PodMonitor"


def read_settings(values: Mapping[str, Any]) -> RenderSettings:
    """From the chart's values; other keys are others' affair.  SpecError names the key."""
    top = Fields(values, "", strict=False)
    rules, prometheus, grafana, sidecar = (
        top.child(key) for key in ("rules", "prometheus", "grafana", "sidecar")
    )
    return finished(
        RenderSettings(
            mode=rules.choice("mode", ("PerMonitor", "Shared"), "PerMonitor"),
            labels=prometheus.labels("labels"),
            interval_seconds=prometheus.count("scrapeIntervalSeconds", 15, 5, 60),
            series_budget=sidecar.count("seriesBudget", 20_000, 1, MAX_SERIES),
            runbook_url=_url(rules, "runbookUrl") or DEFAULT_RUNBOOK,
            grafana_url=_url(grafana, "url"),
            grafana_instances=grafana.labels("instanceSelector"),
            cluster_label=_label(grafana, "clusterLabel"),
            scrape_by=read_scrape_by(prometheus),
        ),
    )


def _label(fields: Fields, key: str) -> str | None:
    """A label of Prometheus's own making; ours would let a reader choose another team's series."""
    label = fields.optional_text(key)
    if label is not None and (not _LABEL.fullmatch(label) or label in _OURS):
        fields.refuse(key, f"is {label!r}; it must be a label that tells clusters apart")
    return label


def _url(fields: Fields, key: str) -> str | None:
    url = fields.optional_text(key)
    if url is not None and not is_plain_url(url):
        fields.refuse(key, f"is {url!r}; it {PLAIN_URL}")
    return url
