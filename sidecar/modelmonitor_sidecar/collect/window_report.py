"""One judged window as the status shows it."""

from collections.abc import Iterator, Mapping
from typing import Final

from modelmonitor_api.baseline import BaselineFeature, Bins
from modelmonitor_api.names import OTHER, UNSEEN
from modelmonitor_sidecar.expose.figures import amount
from modelmonitor_sidecar.expose.status import (
    Cell,
    FeatureStatus,
    Judgement,
    Moments,
    Outcome,
    Share,
    ShareName,
    WindowStatus,
)
from modelmonitor_sidecar.stats.shares import ShareKind
from modelmonitor_sidecar.stats.views import QUANTILES, FeatureView, WindowView

_SHARES: Final[Mapping[ShareKind, ShareName]] = {
    "missing": "missing",
    "invalid": "invalid",
    "unseen": "unseen",
    "range": "outOfRange",
}
_DISTANCES: Final = {
    "n": "n",
    "psi": "psi",
    "psi_expected": "psiExpected",
    "js": "js",
    "hellinger": "hellinger",
    "ks": "ks",
    "wasserstein": "wasserstein",
    "chi2": "chi2",
    "df": "df",
    "phi": "phi",
}


def window_status(view: WindowView, *, by_rows: bool) -> WindowStatus:
    """The view's values; the window's verdict is the worst of its features'."""
    verdicts = {feature.outcome for feature in view.features if feature.verdict is not None}
    worst: tuple[Outcome, ...] = ("drift", "ok", "insufficient")
    return WindowStatus(
        window=view.window,
        rows=view.rows,
        start=view.span.start,
        end=view.span.end,
        by_rows=by_rows,
        verdict=next((verdict for verdict in worst if verdict in verdicts), None),
        features=tuple(_feature(feature) for feature in view.features),
    )


def _feature(view: FeatureView) -> FeatureStatus:
    invalid = sum(view.invalid.values())
    return FeatureStatus(
        feature=view.name,
        role=view.role,
        kind=view.kind,
        rows=view.rows,
        values=view.rows - view.missing - invalid,
        judgement=_judgement(view),
        shares=tuple(_shares(view, invalid)),
        cells=tuple(_cells(view)),
        moments=_moments(view),
        baseline_moments=None if view.baseline is None else _baseline_moments(view.baseline),
        quantiles={str(q): v for q, v in zip(QUANTILES, view.quantiles, strict=False)},
    )


def _judgement(view: FeatureView) -> Judgement | None:
    found = view.verdict
    if found is None:
        return None
    return Judgement(
        verdict=found.verdict,
        effect=found.effect,
        effect_measure=found.effect_measure,
        effect_threshold=found.effect_threshold,
        z=found.z,
        z_threshold=found.z_threshold,
        needed_rows=found.needed_rows,
        provisional=found.provisional,
        confirmed=view.confirmed,
        since=view.since,
        distances={name: getattr(found, attribute) for attribute, name in _DISTANCES.items()},
    )


def _shares(view: FeatureView, invalid: int) -> Iterator[Share]:
    rows = {
        "missing": view.missing,
        "invalid": invalid,
        "unseen": view.unseen,
        "range": view.out_of_range,
    }
    judged = {share.kind: share for share in view.shares}
    for kind, name in _SHARES.items():
        verdict = judged.get(kind)
        yield Share(
            name=name,
            rows=rows[kind],
            share=rows[kind] / view.rows if view.rows else None,
            baseline_share=None if verdict is None else verdict.baseline_share,
            verdict=None if verdict is None else verdict.verdict,
        )


def _cells(view: FeatureView) -> Iterator[Cell]:
    if view.baseline is None:
        return
    counts = view.baseline.counts
    if isinstance(counts, Bins):
        yield from _bins(counts, view.cells)
        return
    labels = (*counts.values, OTHER, UNSEEN)
    rows = (*counts.rows, counts.other_rows, 0)
    for label, live, base in zip(labels, view.cells, rows, strict=True):
        if live or base or label not in (OTHER, UNSEEN):
            yield Cell(label, live, base)


def _bins(counts: Bins, live: tuple[int, ...]) -> Iterator[Cell]:
    lower = None
    uppers = (*counts.edges, None)
    for upper, now, then in zip(uppers, live, counts.rows, strict=True):
        yield Cell(_bin_label(lower, upper), now, then, upper)
        lower = upper


def _bin_label(lower: float | None, upper: float | None) -> str:
    if upper is None:
        return "all" if lower is None else f"above {amount(lower)}"
    if lower is None:
        return f"up to {amount(upper)}"
    return f"{amount(lower)} to {amount(upper)}"


def _moments(view: FeatureView) -> Moments | None:
    found = view.summary
    if found is None:
        return None
    return Moments(found.mean, found.standard_deviation, found.minimum, found.maximum)


def _baseline_moments(feature: BaselineFeature) -> Moments | None:
    counts = feature.counts
    if not isinstance(counts, Bins):
        return None
    return Moments(counts.mean, counts.standard_deviation, counts.minimum, counts.maximum)
