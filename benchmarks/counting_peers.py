"""Counts rows with one foreign library, in that library's own environment:

    .envs/sketches/bin/python benchmarks/counting_peers.py kll

prints rows a second of CPU time.  Standard library, numpy and that library only.
"""

import random
import sys
from collections.abc import Callable
from time import process_time

import numpy as np

NUMBERS, TEXTS, BATCH = 30, 10, 1024
COLOURS = ("red", "green", "blue", "white")
SECONDS = 0.8
SLICE_SECONDS = 0.05


def rate(step: Callable[[], None], rows: int) -> float:
    """Rows a second of CPU time in the best of many short slices, after one step to warm up."""
    step()
    best, ends = 0.0, process_time() + SECONDS
    while process_time() < ends:
        steps, began = 0, process_time()
        while process_time() - began < SLICE_SECONDS:
            step()
            steps += 1
        best = max(best, rows * steps / (process_time() - began))
    return best


def numbers() -> np.ndarray:
    """A batch of standard normal numbers."""
    return np.random.default_rng(0).normal(size=(BATCH, NUMBERS))


def kll() -> float:
    """`vector_of_kll_floats_sketches`, the fastest sketch in that library for many features."""
    import datasketches

    sketches = datasketches.vector_of_kll_floats_sketches(200, NUMBERS)
    batch = numbers().astype(np.float32)
    return rate(lambda: sketches.update(batch), BATCH)


def river() -> float:
    """Mean, variance, extremes and median, row by row as river works."""
    from river import stats

    columns = [(stats.Var(), stats.Min(), stats.Max(), stats.Quantile(0.5)) for _ in range(NUMBERS)]
    rows = numbers()[:64].tolist()

    def step() -> None:
        for row in rows:
            for value, column in zip(row, columns, strict=True):
                for one in column:
                    one.update(value)

    return rate(step, len(rows))


def prometheus() -> float:
    """`Histogram.observe` with ten buckets."""
    from prometheus_client import CollectorRegistry, Histogram

    registry, edges = CollectorRegistry(), np.linspace(-2, 2, 9).tolist()
    metric = Histogram("x", "x", ["feature"], buckets=edges, registry=registry)
    columns = [metric.labels(str(place)) for place in range(NUMBERS)]
    rows = numbers()[:64].tolist()

    def step() -> None:
        for row in rows:
            for value, column in zip(row, columns, strict=True):
                column.observe(value)

    return rate(step, len(rows))


def whylogs() -> float:
    """`track(DataFrame)` of numbers and texts."""
    chance = random.Random(0)
    return _whylogs({f"c{place}": chance.choices(COLOURS, k=BATCH) for place in range(TEXTS)})


def whylogs_numbers() -> float:
    """`track(DataFrame)` of numbers alone."""
    return _whylogs({})


def _whylogs(texts: dict[str, list[str]]) -> float:
    import pandas as pd
    from whylogs.core import DatasetProfile

    batch = numbers()
    columns = {f"n{place}": batch[:, place] for place in range(NUMBERS)}
    profile, frame = DatasetProfile(), pd.DataFrame({**columns, **texts})
    return rate(lambda: profile.track(frame), BATCH)


PEERS = {
    "kll": kll,
    "river": river,
    "prometheus": prometheus,
    "whylogs": whylogs,
    "whylogs numbers": whylogs_numbers,
}

if __name__ == "__main__":
    sys.stdout.write(f"{PEERS[sys.argv[1]]():.1f}\n")
