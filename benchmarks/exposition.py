"""Rendering /metrics with ten thousand and a hundred thousand series; one core, CPU time.

    .venv/bin/python benchmarks/exposition.py

The real page of a collector with one model of many numeric features: counters filled, templates
built, every line rendered and encoded. Best of five; prometheus_client renders as many samples of
labelled counters right after.
"""

import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np
from results import Figure, Part, write

from modelmonitor_sidecar.collect.configuration import Configuration
from modelmonitor_sidecar.collect.connection import Connections
from modelmonitor_sidecar.collect.metrics_pages import MetricsPages
from modelmonitor_sidecar.collect.models import CountedModels
from modelmonitor_sidecar.collect.process_metrics import ProcessMetrics
from modelmonitor_sidecar.collect.series import Series
from modelmonitor_sidecar.decode.rows import Decoded, Rows
from modelmonitor_sidecar.testing_baselines import baseline, numeric
from modelmonitor_sidecar.testing_collector import write_configuration

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 5
SERIES_A_FEATURE = 22
"""Of a numeric feature with ten bins."""
MEGABYTE = 1 << 20
SIZES = {10_000: 10.0, 100_000: 100.0}
"""Series, and the milliseconds that they may take."""
PEER = """
import sys, time
from prometheus_client import CollectorRegistry, Counter, generate_latest
registry = CollectorRegistry()
metric = Counter("rows", "Rows.", ["model", "feature", "bin"], registry=registry)
for n in range(int(sys.argv[1])):
    metric.labels("bench", f"feature_{n // 10}", str(n % 10)).inc(n)
best = 1e9
for _ in range(3):
    began = time.process_time()
    generate_latest(registry)
    best = min(best, time.process_time() - began)
print(best)
"""


@dataclass(frozen=True, slots=True)
class Collector:
    """Pages of a collector that has counted some rows, and what their templates take."""

    pages: MetricsPages
    template_bytes: int


def collector(folder: Path, series: int) -> Collector:
    """One model with about so many series."""
    features = -(-series // SERIES_A_FEATURE)
    sample = np.random.default_rng(1).normal(size=1_000)
    document = baseline([numeric(f"feature_{place}", sample) for place in range(features)])
    write_configuration(folder, [(None, document)], {"windows": ["5m"]}, seriesBudget=10**9)
    configuration = Configuration(folder, folder / "labels", "bench")
    models = CountedModels(configuration, time.time)
    model = models.find("churn")
    assert model is not None
    rows = np.random.default_rng(2).normal(size=(200, features))
    model.add(Decoded(Rows(None, rows)))
    models.flush()
    shown = Series(configuration, models)
    tracemalloc.start()
    shown.refresh()
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    process = ProcessMetrics(Connections(), configuration, {})
    return Collector(MetricsPages(shown, models, process, lambda: None), taken)


def best_milliseconds(step: Callable[[], object]) -> float:
    """CPU time of the fastest of five."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = process_time()
        step()
        best = min(best, process_time() - began)
    return round(best * 1_000, 2)


def figures(series: int, milliseconds: float) -> Iterator[Figure]:
    """Time, size, memory and well-formedness of one page."""
    with tempfile.TemporaryDirectory() as folder:
        made = collector(Path(folder), series)
    page = made.pages.metrics().encode()
    lines = sum(not line.startswith(b"#") for line in page.splitlines())
    name = f"/metrics with {series:,} series"
    took = best_milliseconds(lambda: made.pages.metrics().encode())
    yield Figure(name, took, "ms", at_most=milliseconds, note=f"{lines:,} samples, {_size(page)}")
    packing = best_milliseconds(lambda: zlib.compress(page, 1))
    yield Figure(f"{name}: gzip", packing, "ms", note=f"level 1, {_size(zlib.compress(page, 1))}")
    yield Figure(f"{name}: prometheus_client", _peer_milliseconds(series), "ms")
    bound = 60.0 if series == max(SIZES) else None
    yield Figure(
        f"{name}: memory",
        round((made.template_bytes + _peak_bytes(made.pages)) / MEGABYTE, 1),
        "MiB",
        at_most=bound,
        note="templates of both pages, and the most that rendering takes besides",
    )
    yield Figure(f"{name}: complaints of promtool", _complaints(page), "", at_most=0)


def _size(page: bytes) -> str:
    return f"{len(page) / 1e6:.1f} MB"


def _peak_bytes(pages: MetricsPages) -> int:
    tracemalloc.start()
    pages.metrics().encode()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def _peer_milliseconds(series: int) -> float | None:
    python = ROOT / ".envs" / "sketches" / "bin" / "python"
    if not python.exists():
        return None
    command = [str(python), "-c", PEER, str(series)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return round(float(run.stdout) * 1_000, 1)


def _complaints(page: bytes) -> int | None:
    promtool = shutil.which("promtool")
    if promtool is None:
        return None
    run = subprocess.run(
        [promtool, "check", "metrics"], input=page, capture_output=True, check=False
    )
    return len((run.stdout + run.stderr).splitlines())


def main() -> int:
    """Measure and write the part."""
    found = [figure for series, bound in SIZES.items() for figure in figures(series, bound)]
    part = Part("exposition", "Exposition", found, __doc__.split("\n\n")[2])
    sys.stdout.write(f"{write(part)}\n")
    for figure in found:
        verdict = {True: "met", False: "MISSED", None: ""}[figure.kept]
        sys.stdout.write(f"  {figure.name}: {figure.value} {figure.unit} {verdict}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
