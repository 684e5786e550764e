"""What Prometheus is told: where the sidecars are, with the labels that a PodMonitor would give.

prometheus-operator names all three endpoints of a PodMonitor by one job, and puts namespace, pod
and container on their series; the rules rely on that.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from prometheus.subject import MONITOR, NAMESPACE

from modelmonitor_api.names import CONTAINER_COLLECTOR, CONTAINER_PROXY

SCRAPE_SECONDS: Final = 5
BASELINE_SECONDS: Final = 15


@dataclass(frozen=True, slots=True)
class Target:
    """The pair of one pod: HOST:PORT of both metrics pages."""

    pod: str
    proxy_metrics: str
    collector: str


def target_labels(target: Target, container: str) -> dict[str, str]:
    """What Prometheus adds to every series of a sidecar."""
    address = target.proxy_metrics if container == CONTAINER_PROXY else target.collector
    return {
        "job": f"{NAMESPACE}/{MONITOR}",
        "instance": address,
        "namespace": NAMESPACE,
        "pod": target.pod,
        "container": container,
    }


def write_config(file: Path, targets: Sequence[Target], rules: Path | None) -> None:
    """Scraped each 5 s, so that windows of a minute are judged, too; JSON is YAML."""
    document = {
        "global": {"scrape_interval": f"{SCRAPE_SECONDS}s", "scrape_timeout": f"{SCRAPE_SECONDS}s"},
        "rule_files": [] if rules is None else [str(rules)],
        "scrape_configs": list(_jobs(targets)),
    }
    file.write_text(json.dumps(document))


def _jobs(targets: Sequence[Target]) -> Iterator[dict[str, Any]]:
    yield _job("proxy", CONTAINER_PROXY, "/metrics", targets)
    yield _job("collector", CONTAINER_COLLECTOR, "/metrics", targets)
    baselines = _job("baseline", CONTAINER_COLLECTOR, "/metrics/baseline", targets)
    yield {**baselines, "scrape_interval": f"{BASELINE_SECONDS}s"}


def _job(endpoint: str, container: str, path: str, targets: Sequence[Target]) -> dict[str, Any]:
    labels = [{**target_labels(one, container), "endpoint": endpoint} for one in targets]
    return {
        "job_name": endpoint,
        "metrics_path": path,
        "static_configs": [{"targets": [one["instance"]], "labels": one} for one in labels],
    }
