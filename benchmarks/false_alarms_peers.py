"""Healthy columns that evidently, NannyML and we call drifted, on the same tables.

    .venv/bin/python benchmarks/false_alarms_peers.py

20 standard normal columns against a reference of 10,000 rows, and the same moved by 0.1, 0.25 and
0.5 standard deviations.  Peers have their defaults and environments of their own, which
`integration/environments.py evidently nannyml` makes.  Ours is a monitor of 20 features with the
default budget, judged window by window, without `confirm`.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from false_alarms_judging import judge_windows
from false_alarms_tables import COLUMNS, Case, cases, cell, column_names, reference
from results import Figure, Part, write

from modelmonitor_api.baseline import BaselineFeature
from modelmonitor_sidecar.stats.bins import NumericBins
from modelmonitor_sidecar.stats.budget import Budget
from modelmonitor_sidecar.stats.verdict import Bar
from modelmonitor_sidecar.testing_baselines import numeric

HERE = Path(__file__).resolve().parent
PEERS = {"evidently": "default", "nannyml": "jensen_shannon"}
"""Each peer and its default."""
OURS = "modelmonitor"
BUDGET = 0.1
MINIMUM_EFFECT = 0.1

Line = Mapping[str, float]


def ours() -> list[Line]:
    """The share of our verdicts that say drift; too few rows are no drift."""
    columns = zip(column_names(), reference().T, strict=True)
    features = [numeric(name, values) for name, values in columns]
    return [_line(case, features) for case in cases()]


def _line(case: Case, features: Sequence[BaselineFeature]) -> Line:
    window = f"{case.rows}r"
    budget = Budget(BUDGET, models=1, features=COLUMNS, windows=1)
    bar = Bar(MINIMUM_EFFECT, budget.z_threshold(window))
    bins = NumericBins([feature.counts.edges for feature in features])  # type: ignore[union-attr]
    counts = np.array([bins.count(table) for table in case.windows])
    drifts = [
        judge_windows(counts[:, bins.of(place)], feature, window).drift(bar)
        for place, feature in enumerate(features)
    ]
    return cell(case, drifts)


def peer(name: str) -> Mapping[str, Sequence[Line]]:
    """What a peer answers, by method."""
    python = HERE.parent / ".envs" / name / "bin" / "python"
    script = HERE / f"false_alarms_{name}.py"
    run = subprocess.run([python, script], check=True, capture_output=True, text=True)
    found: Mapping[str, Sequence[Line]] = json.loads(run.stdout)
    return found


def versions() -> dict[str, str]:
    """Of the peers."""
    ask = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
    return {
        name: subprocess.run(
            [HERE.parent / ".envs" / name / "bin" / "python", "-c", ask, name],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for name in PEERS
    }


def table(found: Mapping[str, Sequence[Line]]) -> Iterator[str]:
    """Rows of a window and shift down, methods across."""
    yield f"| rows | shift | {' | '.join(found)} |"
    yield f"|---:|---:|{'---:|' * len(found)}"
    for lines in zip(*found.values(), strict=True):
        shares = " | ".join(_percent(line["flagged"]) for line in lines)
        yield f"| {lines[0]['rows']:,.0f} | {lines[0]['shift']:g} | {shares} |"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share in (0.0, 1.0) else f"{100 * share:.1f} %"


def figures(found: Mapping[str, Sequence[Line]]) -> Iterator[Figure]:
    """Healthy columns that were flagged, by method and rows."""
    for method, lines in found.items():
        for line in lines:
            if line["shift"] == 0.0:
                name = f"healthy columns flagged, {line['rows']:,.0f} rows: {method}"
                most = 0.2 if method == OURS else None
                yield Figure(name, 100 * line["flagged"], "%", at_most=most)


def main() -> None:
    """Measure, print, write."""
    found: dict[str, Sequence[Line]] = {OURS: ours()}
    for name, default in PEERS.items():
        for method, lines in peer(name).items():
            found[f"{name} {method}{' (default)' if method == default != 'default' else ''}"] = (
                lines
            )
    text = "Share of columns that were called drifted, by what they had moved.\n\n"
    text += "\n".join(table(found))
    sys.stdout.write(f"{text}\n{versions()}\n")
    title = "False alarms beside evidently and NannyML"
    write(Part("false-alarms-peers", title, tuple(figures(found)), text, versions()))


if __name__ == "__main__":
    main()
