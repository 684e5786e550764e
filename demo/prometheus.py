"""The tour's Prometheus: whether there is one, what it is told to scrape, how it is started.

It refuses to know what the rules say and what they find.
"""

import asyncio
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from demo.processes import Places, shown
from modelmonitor_api import names, recorded
from modelmonitor_cli.run.addresses import Address
from modelmonitor_operator.render.pod_monitor import BASELINE_ENDPOINT

PROGRAM: Final = "prometheus"
OLDEST: Final = (2, 42)
"""The first that keeps an alert firing (`keep_firing_for`)."""
SCRAPE_INTERVAL: Final = "5s"
BASELINE_INTERVAL: Final = "15s"
NAMESPACE: Final = "default"
"""Where a monitor is that names no namespace."""
POD: Final = "deadlift-0"
TIMEOUT_SECONDS: Final = 10.0


async def missing() -> str | None:
    """Why no Prometheus of this machine can take the rules, as a sentence; None where one can."""
    path = shutil.which(PROGRAM)
    if path is None:
        return "there is no prometheus on the PATH"
    said = await asyncio.to_thread(_said, [path, "--version"])
    return refusal(said)


def refusal(said: str) -> str | None:
    """A sentence where what `prometheus --version` said is no version that the rules need."""
    found = re.search(r"version v?(\d+)\.(\d+)", said)
    if found is None:
        return "the prometheus on the PATH does not tell its version"
    version = (int(found[1]), int(found[2]))
    if version >= OLDEST:
        return None
    dotted, oldest = (".".join(map(str, one)) for one in (version, OLDEST))
    return f"the prometheus on the PATH is {dotted}; the rules need {oldest} or later"


def render_command(place: Places) -> list[str]:
    """The monitor becomes rules and dashboards."""
    return [
        *("modelmonitor", "render", "demo/monitor.yaml"),
        *("--baseline", shown(place.folder / "baseline.json"), "-o", shown(_rendered(place))),
    ]


def dashboard(place: Places) -> str:
    """The file that Grafana imports."""
    return shown(_rendered(place) / "dashboard.json")


def run_command(place: Places) -> list[str]:
    """Prometheus with the rendered rules; its data are the tour's and end with the next one."""
    return [
        PROGRAM,
        f"--config.file={shown(_configuration(place))}",
        f"--storage.tsdb.path={shown(_storage(place))}",
        "--storage.tsdb.retention.time=1d",
        f"--web.listen-address={place.prometheus}",
    ]


def prepare(place: Places) -> None:
    """Write the configuration, and forget what an earlier tour has stored."""
    shutil.rmtree(_storage(place), ignore_errors=True)
    text = yaml.safe_dump(configuration(place), sort_keys=False)
    _configuration(place).write_text(text)


def configuration(place: Places) -> dict[str, Any]:
    """Both sidecars as the targets that prometheus-operator makes of a pod with them."""
    proxy, collector = names.CONTAINER_PROXY, names.CONTAINER_COLLECTOR
    baseline = {
        **_job(BASELINE_ENDPOINT, place.collector, collector),
        "metrics_path": "/metrics/baseline",
        "scrape_interval": BASELINE_INTERVAL,
    }
    return {
        "global": {"scrape_interval": SCRAPE_INTERVAL, "scrape_timeout": SCRAPE_INTERVAL},
        "rule_files": ["rendered/rules.yaml"],
        "scrape_configs": [
            _job(names.PORT_NAME_PROXY, place.proxy_metrics, proxy),
            _job(names.PORT_NAME_COLLECTOR, place.collector, collector),
            baseline,
        ],
    }


def is_ready(address: Address) -> bool:
    """It answers, and has read its storage."""
    try:
        with urllib.request.urlopen(f"http://{address}/-/ready", timeout=TIMEOUT_SECONDS):
            return True
    except OSError:
        return False


def _job(endpoint: str, address: Address, container: str) -> dict[str, Any]:
    labels = {
        recorded.L_NAMESPACE: NAMESPACE,
        "pod": POD,
        "container": container,
        "endpoint": endpoint,
    }
    return {
        "job_name": endpoint,
        "static_configs": [{"targets": [str(address)], "labels": labels}],
    }


def _rendered(place: Places) -> Path:
    return place.folder / "rendered"


def _configuration(place: Places) -> Path:
    return place.folder / "prometheus.yml"


def _storage(place: Places) -> Path:
    return place.folder / "prometheus"


def _said(command: Sequence[str]) -> str:
    done = subprocess.run(  # noqa: S603 - found on the user's own PATH
        command, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr
