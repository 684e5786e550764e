"""What each rule of mode Shared costs: CPU seconds of Prometheus, asked one by one.

    .venv/bin/python benchmarks/rules_costs.py [MONITORS]

For machines that are too small or too busy for a whole fleet (`rules_load`): a few monitors of 10
features are scraped until their windows are full.  Then Prometheus gets a configuration without
rules and targets, so that nothing else runs in it, and is asked each rule's expression as of the
moment before.  Seconds of CPU depend less on what else the machine does than seconds by the clock.
Writing what a rule finds, and scraping, come besides.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from results import Figure, Part, write
from rules_history import fill
from rules_load import SCENARIOS, WARM_SECONDS, Scenario, configure, free_port, page_of, sidecars
from rules_prometheus import Prometheus, binaries, write_configuration

MONITORS = 50
ROUNDS = 3
"""The cheapest counts."""
SETTLE_SECONDS = 10
DEAREST = 5


@dataclass(frozen=True)
class Cost:
    """Of one rule, each `interval_seconds`."""

    group: str
    interval_seconds: float
    rule: str
    cpu_seconds: float


def costs(scenario: Scenario, binary: Path, folder: Path) -> tuple[list[Cost], float]:
    """Of all rules; and the series that Prometheus then holds."""
    port, own_port = free_port(), free_port()
    address = f"127.0.0.1:{port}"
    with sidecars(port, scenario.features, {"models": [{"name": "churn"}]}):
        prometheus = Prometheus(binary, folder, own_port)
        configure(folder, address, scenario, scenario.names)
        page = page_of(f"http://{address}/churn/collector")
        fill(folder, binary.parent / "promtool", page, scenario.names, scenario.depth)
        prometheus.start()
        try:
            time.sleep(WARM_SECONDS)
            return list(_asked(prometheus, address)), prometheus.own("prometheus_tsdb_head_series")
        finally:
            prometheus.stop()


def _asked(prometheus: Prometheus, address: str) -> Iterator[Cost]:
    groups, moment = prometheus.groups(), time.time()
    for file in (prometheus.folder / "rules").glob("*.yml"):
        file.unlink()
    write_configuration(prometheus.folder, address, [], {})
    prometheus.reload()
    time.sleep(SETTLE_SECONDS)
    for group in groups:
        for rule in group["rules"]:
            seconds = min(_cpu_seconds(prometheus, rule["query"], moment) for _ in range(ROUNDS))
            yield Cost(group["name"], group["interval"], rule["name"], seconds)


def _cpu_seconds(prometheus: Prometheus, expression: str, moment: float) -> float:
    """Counted, so that the answer's text costs nothing."""
    before = prometheus.cpu_seconds()
    prometheus.query(f"count({expression})", moment)
    return prometheus.cpu_seconds() - before


def figures(scenario: Scenario, found: Sequence[Cost], series: float) -> Iterator[Figure]:
    """By group, and what a thousand monitors come to if costs are in proportion."""
    cores = 0.0
    for name in dict.fromkeys(cost.group for cost in found):
        rules = [cost for cost in found if cost.group == name]
        seconds, interval = sum(cost.cpu_seconds for cost in rules), rules[0].interval_seconds
        cores += seconds / interval
        dearest = sorted(rules, key=lambda cost: -cost.cpu_seconds)[:DEAREST]
        told = ", ".join(f"{cost.rule} {cost.cpu_seconds:.2f}" for cost in dearest)
        yield Figure(f"{name}: CPU each {interval:.0f} s", seconds, "s", note=told)
    times = 1_000 / scenario.monitors
    yield Figure("all groups: cores", cores, "", note=f"of 1,000 monitors {cores * times:.2f}")
    yield Figure("series", series, "", note=f"of 1,000 monitors {series * times:,.0f}")


def main(arguments: Sequence[str]) -> int:
    """With the newest Prometheus that there is."""
    monitors = int(arguments[0]) if arguments else MONITORS
    scenario = replace(SCENARIOS["shared"], monitors=monitors, title=f"Shared, {monitors} monitors")
    binary = list(binaries())[-1]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        found, series = costs(scenario, binary, Path(folder))
    title = f"Rules, one by one: {scenario.title}, Prometheus {Prometheus.version_of(binary)}"
    text = "CPU seconds of each group's expressions, without writing results and scraping."
    write(Part("rules-costs", title, list(figures(scenario, found, series)), text))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
