"""A Prometheus that has seen nine days and two versions, made within minutes.

The samples come from `days`, what the rules make of them from the rules themselves, evaluated over
the past by promtool, stage by stage.
"""

import contextlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prometheus import blocks, days, subject
from prometheus.pages import exposed
from prometheus.scraping import write_config
from prometheus.server import Prometheus, running
from prometheus.stages import stages

from modelmonitor_api import names
from modelmonitor_api.baseline import Baseline
from modelmonitor_api.baseline_reading import read_baseline
from modelmonitor_operator.render.rules.alerts.annotations import Links
from modelmonitor_operator.render.rules.groups import monitor_groups
from modelmonitor_operator.render.rules.rule import Record

WINDOWS: Final = ("5m", "1h", "24h")
EVERY_SECONDS: Final = 300
COUNTED_EVERY_SECONDS: Final = 60
"""Longer windows are made of what was counted a moment before each whole five minutes."""
_FLAGS: Final = (
    "--storage.tsdb.retention.time=100y",
    "--storage.tsdb.min-block-duration=2h",
    "--storage.tsdb.max-block-duration=2h",  # no compaction: the blocks stay as they were made
    "--query.timeout=10m",
    "--query.max-samples=200000000",
)


@dataclass(frozen=True, slots=True)
class History:
    """Servers on copies of the same data."""

    servers: Mapping[str, Prometheus]
    baseline: Baseline


@contextlib.contextmanager
def filled(binaries: Mapping[str, Path], promtool: Path, folder: Path) -> Iterator[History]:
    """Everything made and recorded; the servers run while the tests ask."""
    maker = Prometheus(binaries["2"], folder / "maker", folder / "prometheus.yml", _FLAGS)
    write_config(maker.config, [], None)
    _scrape(promtool, folder, maker.data)
    _record(promtool, folder, maker)
    with contextlib.ExitStack() as stack:
        servers = {}
        for major, binary in binaries.items():
            server = Prometheus(binary, folder / major, maker.config, _FLAGS)
            shutil.copytree(maker.data, server.data)
            servers[major] = stack.enter_context(running(server))
        yield History(servers, read_baseline((folder / subject.BASELINE).read_bytes()))


def _scrape(promtool: Path, folder: Path, data: Path) -> None:
    monitor = folder / "monitor.yaml"
    subject.write_monitor(monitor, WINDOWS)
    series = exposed(monitor, subject.build_baseline(folder), folder)
    data.mkdir(parents=True)
    for day in range(days.DAYS):
        blocks.from_text(promtool, days.day_text(series, day), folder, data)


def _record(promtool: Path, folder: Path, maker: Prometheus) -> None:
    """Blocks are seen when Prometheus starts; each stage needs those before it."""
    groups = monitor_groups(subject.NAMESPACE, subject.MONITOR, WINDOWS, Links())
    for rules in stages(groups):
        with running(maker):
            for every, some in _by_interval(rules).items():
                documents = [rule.document() for rule in some]
                span = (days.BEGIN, days.END, every)
                blocks.from_rules(promtool, documents, span, maker.url, folder)
        for block in (folder / blocks.MADE).iterdir():
            block.rename(maker.data / block.name)


def _by_interval(rules: Sequence[Record]) -> Mapping[int, Sequence[Record]]:
    found: dict[int, list[Record]] = {}
    for rule in rules:
        counted = rule.labels.get(names.L_WINDOW) == "5m"
        found.setdefault(COUNTED_EVERY_SECONDS if counted else EVERY_SECONDS, []).append(rule)
    return found
