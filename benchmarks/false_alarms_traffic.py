"""Healthy traffic, as tables for a baseline and as counts minute by minute; and traffic that broke.

Values are standard normal in the long run.  What differs is what rows have to do with each other:

- `independent`: nothing;
- `days`: each day has its own shares of 20 slices of the values, drawn from Dirichlet(500): rows
  of a day resemble each other by rho = 1/501;
- `autoregressive`: each row resembles the one before it, by 0.6 or 0.9.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as arrow_parquet
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.special import ndtr, ndtri

from modelmonitor_api.baseline import Baseline, BaselineFeature, Bins
from modelmonitor_cli.baseline.building import build
from modelmonitor_cli.baseline.options import BuildOptions

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Chance = np.random.Generator

SLICES = 20
CONCENTRATION = 500.0
DAY_MINUTES = 1_440
MISSING_SHARE = 0.01
MONDAY_SECONDS = 1_767_571_200
"""When training began: Monday, 2026-01-05, 00:00 UTC."""


@dataclass(frozen=True)
class Minutes:
    """Rows of one feature by minute: in each bin [minutes, bins], missing, and out of range."""

    cells: Integers
    missing: Integers
    beyond: Integers


@dataclass(frozen=True)
class Traffic:
    """`values(chance, days, rows)`: of one feature, in order, spread evenly over so many days.

    `shares(chance, days)`: of the slices on each day, where rows of a day are independent.
    """

    name: str
    values: Callable[[Chance, int, int], Floats]
    shares: Callable[[Chance, int], Floats] | None = None


def independent_shares(_: Chance, days: int) -> Floats:
    """Equal ones."""
    return np.full((days, SLICES), 1 / SLICES)


def daily_shares(chance: Chance, days: int) -> Floats:
    """Each day's own."""
    return chance.dirichlet(np.full(SLICES, CONCENTRATION / SLICES), size=days)


def by_shares(shares: Callable[[Chance, int], Floats]) -> Traffic:
    """Traffic whose rows of a day are independent."""

    def values(chance: Chance, days: int, rows: int) -> Floats:
        a_day = np.diff(np.linspace(0, rows, days + 1).round().astype(int))
        slices = [
            chance.choice(SLICES, size=count, p=one)
            for one, count in zip(shares(chance, days), a_day, strict=True)
        ]
        places: Floats = (np.concatenate(slices) + chance.random(rows)) / SLICES
        return np.asarray(ndtri(places))

    name = shares.__name__.removesuffix("_shares")
    return Traffic("days" if name == "daily" else name, values, shares)


def autoregressive(correlation: float) -> Traffic:
    """x_t = a x_(t-1) + sqrt(1 - a^2) e_t."""

    def values(chance: Chance, days: int, rows: int) -> Floats:
        noise = chance.normal(size=rows + 100) * np.sqrt(1 - correlation**2)
        return np.asarray(lfilter([1.0], [1.0, -correlation], noise)[100:])

    return Traffic(f"autoregressive {correlation:g}", values)


INDEPENDENT = by_shares(independent_shares)
DAYS = by_shares(daily_shares)


def learned(traffic: Traffic, chance: Chance, features: int, days: int, rows: int) -> Baseline:
    """The product's baseline of a table in order of time, with a share of values missing."""
    columns: dict[str, Any] = {"at": _times(days, rows)}
    for place in range(features):
        values = traffic.values(chance, days, rows)
        values[chance.random(rows) < MISSING_SHARE] = np.nan
        columns[f"feature_{place:02d}"] = values
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        table = Path(folder) / "training.parquet"
        arrow_parquet.write_table(pa.table(columns), table)
        return build(BuildOptions((table,), time="at")).baseline


def _times(days: int, rows: int) -> pa.Array:
    seconds = MONDAY_SECONDS + np.linspace(0, days * 86_400, rows, endpoint=False)
    assert datetime.fromtimestamp(seconds[0], UTC).isoweekday() == 1
    return pa.array((seconds * 1e6).astype(np.int64), pa.timestamp("us", tz="UTC"))


def minutes_of(
    traffic: Traffic, chance: Chance, feature: BaselineFeature, days: int, rows_a_minute: int
) -> Minutes:
    """So many days of live traffic."""
    if traffic.shares is not None:
        return _from_shares(traffic.shares(chance, days), chance, feature, rows_a_minute)
    rows = days * DAY_MINUTES * rows_a_minute
    return _from_values(traffic.values(chance, days, rows), chance, feature, rows_a_minute)


def bins_of(feature: BaselineFeature) -> Bins:
    """A numeric feature's."""
    assert isinstance(feature.counts, Bins)
    return feature.counts


def shifted_shares(feature: BaselineFeature, shift: float, scale: float) -> Floats:
    """Of the bins, when normal values have moved by `shift` and spread by `scale`."""
    ends = np.array([-np.inf, *bins_of(feature).edges, np.inf])
    return np.diff(ndtr((ends - shift) / scale))


def _from_shares(
    shares: Floats, chance: Chance, feature: BaselineFeature, rows_a_minute: int
) -> Minutes:
    counts = bins_of(feature)
    ends = ndtr(np.array([-np.inf, *counts.edges, np.inf]))
    of_bins = np.diff(_cumulated(shares, ends), axis=1)
    low, high = _cumulated(shares, ndtr(np.array([counts.minimum, counts.maximum]))).T
    each_minute = np.repeat(np.arange(len(shares)), DAY_MINUTES)
    missing = chance.binomial(rows_a_minute, MISSING_SHARE, size=len(each_minute))
    cells = chance.multinomial(rows_a_minute - missing, of_bins[each_minute])
    beyond = chance.binomial(rows_a_minute, (low + 1 - high)[each_minute])
    return Minutes(cells, missing, beyond)


def _cumulated(shares: Floats, places: Floats) -> Floats:
    """Of each day: the mass below places between 0 and 1; slices are flat inside."""
    grid = np.linspace(0, 1, SLICES + 1)
    below = np.hstack([np.zeros((len(shares), 1)), np.cumsum(shares, axis=1)])
    return np.array([np.interp(places, grid, one) for one in below])


def _from_values(
    values: Floats, chance: Chance, feature: BaselineFeature, rows_a_minute: int
) -> Minutes:
    counts = bins_of(feature)
    missing = (chance.random(len(values)) < MISSING_SHARE).reshape(-1, rows_a_minute)
    bins = len(counts.edges) + 1
    cells = np.searchsorted(np.asarray(counts.edges), values, side="left")
    by_minute = cells.reshape(-1, rows_a_minute) + (bins + 1) * np.arange(len(missing))[:, None]
    by_minute[missing] += bins - cells.reshape(-1, rows_a_minute)[missing]
    flat = np.bincount(by_minute.ravel(), minlength=len(missing) * (bins + 1))
    beyond = ((values < counts.minimum) | (values > counts.maximum)).reshape(-1, rows_a_minute)
    return Minutes(flat.reshape(-1, bins + 1)[:, :bins], missing.sum(axis=1), beyond.sum(axis=1))


def inputs(baseline: Baseline) -> Sequence[BaselineFeature]:
    """The features that the tables here have."""
    return [feature for feature in baseline.features if feature.role == "input"]
