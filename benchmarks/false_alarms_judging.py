"""Judges very many windows of one feature at once, with the formulas of the product.

The product judges one window at a time; a simulated year has millions.  Here the same formulas work
on arrays, one row a window, and `check` holds them against the product's own on every call.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmonitor_api.baseline import BaselineFeature, Bins
from modelmonitor_sidecar.stats.dispersion import rho_for
from modelmonitor_sidecar.stats.effect import Reference
from modelmonitor_sidecar.stats.enough import needed_rows
from modelmonitor_sidecar.stats.evidence import chi_square_rows
from modelmonitor_sidecar.stats.shares import Part, ShareKind, baseline_part, judge_share
from modelmonitor_sidecar.stats.verdict import Bar, judge_against

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.integer[Any]]
CHECKED = 20
"""Windows of each call that the product judges as well."""


@dataclass(frozen=True)
class Judged:
    """One number a window: `psi` and `expected` of drift only."""

    effect: Floats
    z: Floats
    enough: Flags
    psi: Floats | None = None
    expected: Floats | None = None

    def drift(self, bar: Bar) -> Flags:
        """Effect, evidence and rows at once."""
        return self.enough & (self.effect > bar.minimum_effect) & (self.z > bar.z_threshold)

    def evidence(self, bar: Bar) -> Flags:
        """Evidence and rows alone: what the budget is spent on."""
        return self.enough & (self.z > bar.z_threshold)


def judge_windows(counts: Integers, feature: BaselineFeature, window: str) -> Judged:
    """Drift of each window; `counts` [windows, bins] of a feature with bins."""
    reference = Reference(feature)
    base = reference.counts.astype(np.float64)
    live = counts.astype(np.float64)
    n = live.sum(axis=1)
    bins = live.shape[1]
    q = (live + 0.5) / (n + bins / 2)[:, None]
    psi = ((q - reference.shares) * np.log(q / reference.shares)).sum(axis=1)
    expected = (bins - 1) * (1 / n + 1 / reference.rows)
    judged = Judged(
        effect=np.maximum(np.maximum(psi - expected, 0.0), _moved(live, n, base, reference)),
        z=_normal_scores(live, n, base, rho_for(feature.rho, window)),
        enough=n >= needed_rows(bins),
        psi=psi,
        expected=expected,
    )
    _check(judged, counts, reference, window)
    return judged


def judge_shares(
    flagged: Integers, rows: Integers, kind: ShareKind, feature: BaselineFeature, window: str
) -> Judged:
    """The share that is missing (or invalid, or out of range) of each window's rows."""
    base = baseline_part(kind, feature)
    n, c = rows.astype(np.float64), flagged.astype(np.float64)
    q, p = (c + 0.5) / (n + 1.0), (base.rows + 0.5) / (base.of + 1.0)
    pooled = (c + base.rows) / (n + base.of)
    phi = np.maximum(1.0, 1.0 + (n - 1.0) * rho_for(feature.rho, window))
    spread = np.sqrt(pooled * (1.0 - pooled) * (1.0 / n + 1.0 / base.of) * phi)
    apart = c / n - base.rows / base.of
    z = np.divide(apart, spread, out=np.zeros_like(apart), where=spread > 0)
    judged = Judged(_divergence(q, p), z, n >= needed_rows(2))
    for place in _some(len(n)):
        told = judge_share(kind, Part(int(c[place]), int(n[place])), feature, window, Bar(0.1, 4.0))
        assert told.effect is not None
        assert told.z is not None
        assert np.allclose(
            [told.effect, told.z], [judged.effect[place], judged.z[place]], rtol=1e-9
        )
    return judged


def feature_rows(feature: BaselineFeature) -> int:
    """Rows of the baseline that have a value."""
    assert isinstance(feature.counts, Bins)
    return sum(feature.counts.rows)


def _moved(live: Floats, n: Floats, base: Floats, reference: Reference) -> Floats:
    """Wasserstein, in standard deviations."""
    assert reference.steps is not None
    apart = np.cumsum(live, axis=1) / n[:, None] - np.cumsum(base) / base.sum()
    return np.asarray(np.abs(apart[:, :-1]) @ reference.steps)


def _normal_scores(live: Floats, n: Floats, base: Floats, rho: float) -> Floats:
    statistic, filled = chi_square_rows(live, np.broadcast_to(base, live.shape))
    degrees = filled - 1
    phi = np.maximum(1.0, 1.0 + (n - 1.0) * rho)
    spread = 2.0 / (9.0 * degrees)
    return np.asarray((np.cbrt(statistic / phi / degrees) - (1.0 - spread)) / np.sqrt(spread))


def _divergence(q: Floats, p: float) -> Floats:
    """Jensen-Shannon distance of two cells."""
    total = np.zeros_like(q)
    for live, base in ((q, p), (1.0 - q, 1.0 - p)):
        middle = (live + base) / 2.0
        total += 0.5 * (live * np.log2(live / middle) + base * np.log2(base / middle))
    return np.asarray(np.sqrt(np.maximum(total, 0.0)))


def _check(judged: Judged, counts: Integers, reference: Reference, window: str) -> None:
    """AssertionError where this and the product differ."""
    for place in _some(len(counts)):
        told = judge_against(reference, counts[place].astype(np.int64), window, Bar(0.1, 4.0))
        assert told.effect is not None
        assert told.z is not None
        assert np.allclose(
            [told.effect, told.z], [judged.effect[place], judged.z[place]], rtol=1e-9
        )


def _some(windows: int) -> range:
    return range(0, windows, max(1, windows // CHECKED))
