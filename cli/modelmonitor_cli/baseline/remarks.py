"""What the user should know of a new baseline, one sentence each."""

from collections.abc import Iterator, Sequence

from modelmonitor_api.baseline import DEFAULT_RHO, Baseline, Bins
from modelmonitor_cli.baseline.options import BuildOptions
from modelmonitor_cli.baseline.vocabulary import LEAST_TEXTS
from modelmonitor_cli.baseline.windows import MOST_SORTED_ROWS, Windows
from modelmonitor_sidecar.stats.enough import feature_needs_rows

_SHOWN = 8
_MANY_ROWS = 500
"""Worth a word; others need 200, or 20 a bin."""


def of(baseline: Baseline, windows: Windows, options: BuildOptions) -> tuple[str, ...]:
    """All that there is to say."""
    return (
        *_left_out(baseline),
        *_without_words(baseline, options),
        *_constant(baseline),
        *_rare(baseline),
        *_order(baseline, windows, options),
        *_calibration(baseline, options),
    )


def _left_out(baseline: Baseline) -> Iterator[str]:
    for column in baseline.columns:
        if column.ignored and column.why != "as asked":
            yield (
                f"column {column.name!r} is left out ({column.why}); "
                f"--kind {column.name}=KIND watches it nevertheless"
            )


def _without_words(baseline: Baseline, options: BuildOptions) -> Iterator[str]:
    if not options.vocabulary or options.edges_from:
        return
    known = {f.derived.column for f in baseline.features if f.derived and f.derived.vocabulary}
    names = [f.name for f in baseline.inputs if f.kind == "text" and f.name not in known]
    if names:
        yield (
            f"no word is in {LEAST_TEXTS} texts of {_joined(names)}, so the share of unknown words "
            "is not watched; build from more texts to have it"
        )


def _constant(baseline: Baseline) -> Iterator[str]:
    names = [
        feature.name
        for feature in baseline.features
        if isinstance(feature.counts, Bins) and feature.counts.minimum == feature.counts.maximum
    ]
    if names:
        yield f"constant: {_joined(names)}; only values outside the range will be noticed"


def _rare(baseline: Baseline) -> Iterator[str]:
    """Bins that are kept though rare, since what they hold would be hidden elsewhere."""
    needs = {feature.name: feature_needs_rows(feature) for feature in baseline.features}
    names = [name for name, rows in needs.items() if rows >= _MANY_ROWS]
    if names:
        most = max(needs[name] for name in names)
        yield (
            f"nearly always the same: {_joined(names)}; so that chance is no alarm, a window needs "
            f"up to {most:,} rows for a verdict on them"
        )


def _order(baseline: Baseline, windows: Windows, options: BuildOptions) -> Iterator[str]:
    if options.time is None and not options.time_ordered:
        yield (
            f"verdicts will be provisional and assume rho = {DEFAULT_RHO}, since no order of time "
            "is known; name a time column with --time, or say --time-ordered"
        )
        return
    if not windows.in_order and not any(name.endswith("r") for name in windows.counts):
        yield (
            f"rows come in no order of time and are too few or more than {MOST_SORTED_ROWS:,}, so "
            "windows of rows are not learned; sort the table by time to have them"
        )
    if windows.too_many:
        yield (
            f"windows of {', '.join(windows.too_many)} are not learned, since rows come in no "
            "order of time and they are too many; sort the table by time to have them"
        )
    provisional = [feature.name for feature in baseline.features if feature.provisional]
    if provisional:
        yield (
            f"too few windows to learn how much healthy windows differ for {_joined(provisional)}; "
            f"their verdicts are provisional and assume rho = {DEFAULT_RHO}"
        )


def _calibration(baseline: Baseline, options: BuildOptions) -> Iterator[str]:
    if options.label is not None and not baseline.calibration:
        yield (
            f"the label {options.label!r} is not used: a table of right answers by class needs "
            "--prediction (with at most 25 classes) and --score"
        )


def _joined(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown
