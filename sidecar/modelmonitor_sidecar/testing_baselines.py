"""Small baselines for tests and benchmarks, straight from samples.

Not the builder of the command line: no inference of kinds, no files, no order of time.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from modelmonitor_api.baseline import (
    Baseline,
    BaselineFeature,
    Bins,
    Categories,
    Column,
    Role,
    category_hash,
)
from modelmonitor_api.spec import Kind
from modelmonitor_sidecar.stats.bins import NumericBins

NO_CORRELATION: Mapping[str, float] = {"5m": 0.0, "500r": 0.0}


def numeric(
    name: str,
    sample: ArrayLike,
    *,
    bins: int = 10,
    role: Role = "input",
    kind: Kind = "numeric",
    rho: Mapping[str, float] = NO_CORRELATION,
) -> BaselineFeature:
    """A feature with bins of about equal mass; none empty, edges at values of the sample."""
    values = np.sort(np.asarray(sample, dtype=np.float64))
    places = [int(np.ceil(len(values) * share / bins)) - 1 for share in range(1, bins)]
    edges = np.unique(values[places])
    edges = edges[edges < values[-1]]
    cells = NumericBins([edges.tolist()]).cells(values[:, np.newaxis])[:, 0]
    rows = np.bincount(cells, minlength=len(edges) + 1)
    means = np.bincount(cells, weights=values, minlength=len(edges) + 1) / rows
    counts = Bins(
        edges=tuple(edges.tolist()),
        rows=tuple(rows.tolist()),
        representatives=tuple(means.tolist()),
        mean=float(values.mean()),
        standard_deviation=float(values.std()),
        minimum=float(values[0]),
        maximum=float(values[-1]),
    )
    return BaselineFeature(name, role, kind, counts, rho=rho)


def categorical(
    name: str,
    rows: Mapping[str, int],
    *,
    others: Mapping[str, int] | None = None,
    role: Role = "input",
    kind: Kind = "categorical",
    rho: Mapping[str, float] = NO_CORRELATION,
) -> BaselineFeature:
    """A feature with these categories; `others` were too rare to be named."""
    rare = others or {}
    counts = Categories(
        tuple(rows), tuple(rows.values()), sum(rare.values()), tuple(map(category_hash, rare))
    )
    return BaselineFeature(name, role, kind, counts, rho=rho)


def baseline(features: Sequence[BaselineFeature], *, ignored: Sequence[str] = ()) -> Baseline:
    """A document whose columns are the inputs in their order, then those left out."""
    columns = [Column(feature.name) for feature in features if feature.role == "input"]
    columns += [Column(name, ignored=True) for name in ignored]
    rows = max((sum(feature.counts.rows) for feature in features), default=0)
    return Baseline("model", None, rows, tuple(columns), tuple(features))
