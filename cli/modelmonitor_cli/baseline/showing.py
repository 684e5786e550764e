"""A baseline as a table for people, with a small histogram of every feature."""

import math
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from rich.table import Table
from rich.text import Text

from modelmonitor_api.baseline import (
    DEFAULT_RHO,
    Baseline,
    BaselineFeature,
    Bins,
    Categories,
    digest,
    to_json,
)
from modelmonitor_api.spec import Kind
from modelmonitor_cli.baseline.documents import read_file
from modelmonitor_cli.report.terminal import report_console

_BARS: Final = "▁▂▃▄▅▆▇█"
_STEPS: Final = 20
_NARROW: Final = 1e-6
_PROVISIONAL: Final = "~"


def show(path: Path, *, as_json: bool) -> int:
    """Print the baseline and return the exit status."""
    baseline = read_file(path)
    if as_json:
        sys.stdout.write(to_json(baseline))
        return 0
    console = report_console()
    console.print(_headline(baseline), highlight=False)
    console.print(feature_table(baseline))
    for line in footnotes(baseline):
        console.print(line, highlight=False, markup=False)
    return 0


def feature_table(baseline: Baseline) -> Table:
    """One row a feature."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("feature", overflow="fold")
    for title in ("role", "kind"):
        table.add_column(title)
    for title in ("missing", "mean", "sd", "from", "to"):
        table.add_column(title, justify="right")
    table.add_column("shape, or most frequent", overflow="fold")
    for feature in baseline.features:
        name = feature.name + (f" {_PROVISIONAL}" if feature.provisional else "")
        table.add_row(Text(name), feature.role, feature.kind, *_cells(feature, baseline.rows))
    return table


def histogram(heights: Sequence[float]) -> str:
    """A bar each, the highest as high as can be; none for nothing.

    >>> histogram([1, 4, 8, 4, 1, 0])
    '▂▅█▅▂ '
    """
    top = len(_BARS) - 1
    highest = max(heights)
    bars = (_BARS[min(top, int(height * len(_BARS) / highest))] for height in heights)
    return "".join(bar if height else " " for bar, height in zip(bars, heights, strict=True))


def density(counts: Bins) -> list[float]:
    """Rows in even steps over the range, so that equal-mass bins show their shape.

    Long tails are cut at half the width of the inner bins beyond them.
    """
    if len(counts.edges) < 2:
        return [float(rows) for rows in counts.rows]
    reach = (counts.edges[-1] - counts.edges[0]) / 2
    low = max(counts.minimum, counts.edges[0] - reach)
    high = min(counts.maximum, counts.edges[-1] + reach)
    bounds = (low, *counts.edges, high)
    step = (high - low) / _STEPS
    if not 0 < step < math.inf:
        return [float(rows) for rows in counts.rows]
    heights = [0.0] * _STEPS
    for rows, (start, end) in zip(counts.rows, pairwise(bounds), strict=True):
        first, last = (start - low) / step, (end - low) / step
        if last - first < _NARROW:  # next to nothing beside a step: all in one
            heights[min(_STEPS - 1, int(first))] += rows
            continue
        for place in range(int(first), min(_STEPS, math.ceil(last))):
            overlap = min(last, place + 1) - max(first, place)
            heights[place] += rows * overlap / (last - first)
    return heights


def footnotes(baseline: Baseline) -> list[str]:
    """What the table cannot say."""
    lines = [
        f"left out: {column.name} ({column.why or 'no reason given'})"
        for column in baseline.columns
        if column.ignored
    ]
    if baseline.provisional:
        lines.append(
            f"{_PROVISIONAL} provisional: no order of time told how much healthy windows differ; "
            f"rho = {DEFAULT_RHO} is assumed, and such verdicts never page"
        )
    return lines


def _headline(baseline: Baseline) -> Text:
    version = f" version {baseline.version}" if baseline.version else ""
    when = f", built {baseline.created_at}" if baseline.created_at else ""
    rows = f": {baseline.rows:,} rows, digest {digest(baseline)[:8]}{when}"
    return Text.assemble((f"{baseline.model}{version}", "bold"), rows)


def _cells(feature: BaselineFeature, rows: int) -> tuple[str | Text, ...]:
    counts = feature.counts
    missing = f"{feature.missing_rows / rows:.1%}" if feature.missing_rows else ""
    if isinstance(counts, Bins):
        numbers = (counts.mean, counts.standard_deviation, counts.minimum, counts.maximum)
        return (
            missing,
            *(f"{number:.4g}" for number in numbers),
            histogram(_heights(feature.kind, counts)),
        )
    return (missing, "", "", "", "", Text(_most_frequent(counts, rows)))


def _heights(kind: Kind, counts: Bins) -> Sequence[float]:
    """Discrete features show a bar a value."""
    return counts.rows if kind == "discrete" else density(counts)


def _most_frequent(counts: Categories, rows: int) -> str:
    pairs = list(zip(counts.values, counts.rows, strict=True))
    shown = [f"{value} {count / rows:.0%}" for value, count in pairs[:3]]
    others = sum(count for _, count in pairs[3:]) + counts.other_rows
    if others:
        shown.append(f"others {others / rows:.0%}")
    return ", ".join(shown)
