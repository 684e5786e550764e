"""Counting, decoding and merging rows, beside the statistics libraries; one core, CPU time.

    .venv/bin/python benchmarks/counting.py

Everything that is done to live rows is timed: bins, categories, missing, invalid, unseen and
out-of-range rows, moments, quantile sketches, windows.  Each figure is the best 50 ms of three
rounds; in every round the peers run right after ours.
"""

import json
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import orjson
from counting_peers import BATCH, COLOURS, NUMBERS, TEXTS, rate
from results import Figure, Part, write

from modelmonitor_api.baseline import Baseline, BaselineFeature
from modelmonitor_api.spec import Model
from modelmonitor_sidecar.decode import registry
from modelmonitor_sidecar.decode.answers import predictions
from modelmonitor_sidecar.decode.rows import Captured, Rows
from modelmonitor_sidecar.stats.counts import Counts
from modelmonitor_sidecar.stats.layout import Layout, watched_features
from modelmonitor_sidecar.stats.model_statistics import FLUSH_ROWS, ModelStatistics
from modelmonitor_sidecar.stats.sketch import CELLS, Sketch, lowest_cells
from modelmonitor_sidecar.stats.tables import Table
from modelmonitor_sidecar.testing_baselines import baseline, categorical, numeric

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ROUNDS = 3
ENVIRONMENTS = {
    "kll": "sketches",
    "river": "sketches",
    "prometheus": "sketches",
    "whylogs": "whylogs",
    "whylogs numbers": "whylogs",
}
SHARES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999)
REPLICAS, FEATURES = 50, 200
MEGABYTE = 1 << 20

Rates = dict[str, float]


def features(numbers: int, texts: int) -> Baseline:
    """A baseline of standard normal numbers and four colours."""
    chance = np.random.default_rng(1)
    inputs: list[BaselineFeature] = [
        numeric(f"n{place}", chance.normal(size=10_000)) for place in range(numbers)
    ]
    inputs += [categorical(f"c{place}", dict.fromkeys(COLOURS, 2_500)) for place in range(texts)]
    return baseline([*inputs, numeric("answer", chance.uniform(size=10_000), role="prediction")])


def single_rows() -> float:
    """Rows of numbers and texts, one an addition, through the buffer."""
    chance = random.Random(0)
    statistics = ModelStatistics(features(NUMBERS, TEXTS))
    rows = [
        [*(chance.gauss(0, 1) for _ in range(NUMBERS)), *chance.choices(COLOURS, k=TEXTS)]
        for _ in range(FLUSH_ROWS)
    ]

    def step() -> None:
        for row in rows:
            statistics.add_rows(None, [row], [0.5])
        statistics.flush(1_000.0)

    return rate(step, len(rows))


def batches() -> float:
    """Arrays of numbers."""
    statistics = ModelStatistics(features(NUMBERS, 0))
    batch = np.random.default_rng(0).normal(size=(BATCH, NUMBERS))

    def step() -> None:
        statistics.add_rows(None, batch)
        statistics.flush(1_000.0)

    return rate(step, BATCH)


def counters_alone() -> float:
    """Arrays of numbers into counters and moments, without sketches and windows."""
    statistics = ModelStatistics(features(NUMBERS, 0))
    table = Table(None, np.random.default_rng(0).normal(size=(BATCH, NUMBERS)))

    def step() -> None:
        statistics.totals.add(statistics.counting.count(table, (), ()).counts)

    return rate(step, BATCH)


def hostile_rows() -> float:
    """Rows in which a tenth of the values is none, or is wrong."""
    chance = random.Random(0)
    statistics = ModelStatistics(features(NUMBERS, TEXTS))
    wrong = [None, float("nan"), float("inf"), 1e308, 2**70, "text", "x" * 10_000, []]
    rows = [
        [chance.choice(wrong) if chance.random() < 0.1 else 1.0 for _ in range(NUMBERS + TEXTS)]
        for _ in range(FLUSH_ROWS)
    ]

    def step() -> None:
        for row in rows:
            statistics.add_rows(None, [row])
        statistics.flush(1_000.0)

    return rate(step, len(rows))


def decoded(bodies: list[tuple[str, bytes, int, bytes]], rows: int) -> float:
    """Payloads (path, body, header length, answer) decoded and counted."""
    model, statistics = Model("bench"), ModelStatistics(features(NUMBERS, 0))
    payloads = [
        Captured(path, body, answer, request_headers_length=length)
        for path, body, length, answer in bodies
    ]
    source = cycle(payloads)

    def step() -> None:
        for _ in range(FLUSH_ROWS // rows):
            found = registry.decode(next(source), model)
            assert isinstance(found.inputs, Rows)
            answers = predictions(found.outputs, None, None)
            statistics.add_rows(found.inputs.names, found.inputs.values, *answers)
        statistics.flush(1_000.0)

    return rate(step, FLUSH_ROWS // rows * rows)


def v1(rows: int) -> float:
    """V1 JSON of so many rows a request."""
    chance = random.Random(0)
    instances = [[round(chance.gauss(0, 1), 6) for _ in range(NUMBERS)] for _ in range(rows)]
    body = json.dumps({"instances": instances}).encode()
    answer = json.dumps({"predictions": [0.5] * rows}).encode()
    return decoded([("/v1/models/bench:predict", body, -1, answer)], rows)


def v2_binary(rows: int) -> float:
    """Open Inference with its binary extension, FP32."""
    batch = np.random.default_rng(0).normal(size=(rows, NUMBERS)).astype("<f4").tobytes()
    tensor = {"name": "x", "shape": [rows, NUMBERS], "datatype": "FP32"}
    tensor["parameters"] = {"binary_data_size": len(batch)}
    head = json.dumps({"inputs": [tensor]}).encode()
    output = {"name": "predict", "shape": [rows], "datatype": "FP32", "data": [0.5] * rows}
    answer = json.dumps({"outputs": [output]}).encode()
    return decoded([("/v2/models/bench/infer", head + batch, len(head), answer)], rows)


def peer(name: str) -> float:
    """A peer's rate, from its own environment."""
    python = ROOT / ".envs" / ENVIRONMENTS[name] / "bin" / "python"
    command = [python, HERE / "counting_peers.py", name]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


MEASURED: dict[str, Callable[[], float]] = {
    "single": single_rows,
    "batch": batches,
    "counters": counters_alone,
    "hostile": hostile_rows,
    "v1 1": lambda: v1(1),
    "v1 64": lambda: v1(64),
    "v2": lambda: v2_binary(BATCH),
    **{name: (lambda name=name: peer(name)) for name in ENVIRONMENTS},  # type: ignore[misc]
}


def rates() -> Rates:
    """The best of the rounds of each."""
    best: Rates = {}
    for _ in range(ROUNDS):
        for name, measure in MEASURED.items():
            best[name] = max(best.get(name, 0.0), measure())
    return best


def rate_figures(best: Rates) -> Iterator[Figure]:
    """Rows a second of CPU time."""
    mixed = f"{NUMBERS} numbers and {TEXTS} texts"
    yield _rate("rows counted, one at a time", best["single"], 250_000, f"{mixed}, buffered")
    yield _rate("rows counted, batches of 1,024", best["batch"], 1_500_000, f"{NUMBERS} numbers")
    yield _rate("the same, counters and moments alone", best["counters"], None)
    yield _rate("hostile rows counted", best["hostile"], None, "a tenth of the values is wrong")
    yield _rate("V1 JSON decoded and counted, 1 row a request", best["v1 1"], 120_000)
    yield _rate("V1 JSON decoded and counted, 64 rows", best["v1 64"], 300_000)
    yield _rate("V2 binary FP32 decoded and counted, 1,024 rows", best["v2"], 1_500_000)
    yield _rate("datasketches vector of KLL, batches of 1,024", best["kll"], None, "quantiles only")
    yield _rate("river, one at a time", best["river"], None, "mean, variance, extremes, median")
    yield _rate("prometheus_client Histogram.observe", best["prometheus"], None, "ten buckets")
    yield _rate("whylogs track(DataFrame) of 1,024", best["whylogs"], None, mixed)
    numbers = f"{NUMBERS} numbers alone"
    yield _rate("whylogs track(DataFrame) of 1,024", best["whylogs numbers"], None, numbers)
    yield _times("counters against datasketches KLL", best["counters"] / best["kll"], 2)
    yield _times("all of ours against datasketches KLL", best["batch"] / best["kll"], None)
    yield _times("batches against whylogs", best["batch"] / best["whylogs"], 50)
    yield _times("the same, numbers alone", best["batch"] / best["whylogs numbers"], None)
    yield _times("single rows against whylogs", best["single"] / best["whylogs"], None)
    yield _times("single rows against river", best["single"] / best["river"], None)
    yield _times("single rows against prometheus_client", best["single"] / best["prometheus"], None)


def _rate(name: str, value: float, least: float | None, note: str = "") -> Figure:
    return Figure(name, round(value), "rows/s", at_least=least, note=note)


def _times(name: str, value: float, least: float | None) -> Figure:
    return Figure(name, round(value, 2), "times", at_least=least)


def memory_figures() -> Iterator[Figure]:
    """Bytes a feature, of 200 numeric ones with ten bins."""
    layout = Layout(watched_features(features(FEATURES, 0), {}), 0)
    arrays = [value for value in vars(layout.bins).values() if isinstance(value, np.ndarray)]
    bins = (layout.bins.total * 8 + sum(array.nbytes for array in arrays)) / layout.lanes
    sketch = Sketch(layout.sketch_base()).counts.nbytes / layout.lanes
    yield Figure("memory of bins", round(bins), "B a feature", at_most=256, note="tables included")
    yield Figure("memory with the sketch", round(bins + sketch), "B a feature", at_most=40_000)
    yield Figure(
        "memory of all windows after a day",
        round(_day_of_windows() / MEGABYTE, 1),
        "MiB",
        note="200 numbers, windows 5m, 1h and 24h, every bucket filled",
    )


def _day_of_windows() -> float:
    """Bytes that a day of rows leaves behind, by Python's own account (numpy reports to it)."""
    document = features(FEATURES, 0)
    chance = np.random.default_rng(3)
    batch = chance.normal(size=(1_500, FEATURES))
    tracemalloc.start()
    statistics = ModelStatistics(document)
    times = {*range(0, 86_400, 1_800), *range(82_800, 86_400, 100), *range(86_100, 86_400, 12)}
    for now in sorted(times):
        statistics.add_rows(None, np.roll(batch, now, axis=1))
        statistics.flush(float(now))
    untouched = _untouched(statistics)
    left = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return left - untouched


def _untouched(statistics: ModelStatistics) -> int:
    """Bytes of sketches that were reserved but never written, which take no memory."""
    sliding = statistics._sliding
    tallies = [sliding._finest, *(window._open for window in sliding.windows.values())]
    sketches = [statistics.sketch, *(tally.sketch for tally in tallies)]
    pages = [
        sketch.counts[: sketch.counts.size // 512 * 512].reshape(-1, 512) for sketch in sketches
    ]
    return sum(int((~page.any(axis=1)).sum()) * 4096 for page in pages)


def merge_figures() -> Iterator[Figure]:
    """Counters of replicas, decoded from JSON and summed; and the sketch's promises."""
    layout = Layout(watched_features(features(FEATURES, 0), {}), 0)
    chance = np.random.default_rng(2)
    replicas = [chance.integers(0, 10_000, layout.cells).tolist() for _ in range(REPLICAS)]
    documents = [orjson.dumps(counters) for counters in replicas]

    def merged() -> Counts:
        total = Counts(layout)
        for document in documents:
            total.cells += np.array(orjson.loads(document), dtype=np.int64)
        return total

    took = min(_seconds(merged) for _ in range(5))
    exact = merged().cells.tolist() == np.sum(replicas, axis=0).tolist()
    yield Figure(
        "counters of 50 replicas decoded and summed",
        round(took * 1000, 2),
        "ms",
        at_most=50,
        note=f"200 features, {'equal to the bit' if exact else '**not equal**'}",
    )
    yield Figure("largest error of a quantile", _quantile_error(), "%", at_most=1, note="lognormal")


def _quantile_error() -> float:
    values = np.random.default_rng(4).lognormal(0.0, 2.0, 1_000_000)
    sketch = Sketch(lowest_cells([float(values.max())]))
    sketch.update(values.reshape(-1, 1))
    exact = np.quantile(values, SHARES, method="inverted_cdf")
    return round(float(np.abs(np.array(sketch.quantiles(0, SHARES)) / exact - 1).max()) * 100, 3)


def _seconds(step: Callable[[], Any]) -> float:
    began = process_time()
    step()
    return process_time() - began


def main() -> int:
    """Measure and write the part; exit status 1 where a peer could not be installed."""
    environments = [sys.executable, ROOT / "integration" / "environments.py", "sketches", "whylogs"]
    if subprocess.run(environments, check=False).returncode:
        return 1
    figures = (*rate_figures(rates()), *memory_figures(), *merge_figures())
    part = Part("counting", "Counting rows", figures, __doc__.partition("\n\n    .venv")[0])
    sys.stdout.write(f"{write(part)}\n")
    for figure in figures:
        verdict = {True: "met", False: "MISSED", None: ""}[figure.kept]
        sys.stdout.write(f"  {figure.name}: {figure.value:,} {figure.unit} {verdict}\n")
    return 0


if __name__ == "__main__":
    assert CELLS == 4096
    sys.exit(main())
