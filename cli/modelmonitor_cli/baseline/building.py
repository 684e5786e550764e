"""Builds a baseline in two passes: what there is and where bins end; then exact counts.

Columns of texts are read twice more in between, for their words.  On the edges of another baseline
the first pass only looks at the time column, if one is named.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pyarrow as pa

from modelmonitor_api.baseline import Baseline
from modelmonitor_api.errors import InputError
from modelmonitor_cli.baseline import remarks
from modelmonitor_cli.baseline.calibration import CalibrationTally
from modelmonitor_cli.baseline.deriving import with_derived
from modelmonitor_cli.baseline.dispersion import Dispersion
from modelmonitor_cli.baseline.documents import read_file
from modelmonitor_cli.baseline.features import FeatureTally
from modelmonitor_cli.baseline.opening import open_tables
from modelmonitor_cli.baseline.options import BuildOptions
from modelmonitor_cli.baseline.planning import Plan, options_of, plan_anew, plan_as_given
from modelmonitor_cli.baseline.progress import progress_bar
from modelmonitor_cli.baseline.replay import Replay
from modelmonitor_cli.baseline.sources import one_column, sources
from modelmonitor_cli.baseline.surveying import survey_tables
from modelmonitor_cli.baseline.tables import TableFile
from modelmonitor_cli.baseline.times import times_of
from modelmonitor_cli.baseline.windows import BlockWindows, Windows

LEAST_ROWS: Final = 2


@dataclass(frozen=True, slots=True)
class Built:
    """A baseline, and what its user should know of how it came about, a sentence each."""

    baseline: Baseline
    remarks: tuple[str, ...] = ()


def build(options: BuildOptions) -> Built:
    """The baseline of the tables; InputError where they or the options are wrong."""
    tables = open_tables(options.tables)
    base = read_file(options.edges_from) if options.edges_from else None
    options = options_of(options, base)
    plan, windows = _prepared(options, base, tables)
    count = _Count(plan, windows, options.time)
    count.run(tables)
    baseline = count.baseline(options.model or _model_name(tables[0]), options.version)
    return Built(baseline, remarks.of(baseline, windows, options))


def _prepared(
    options: BuildOptions, base: Baseline | None, tables: Sequence[TableFile]
) -> tuple[Plan, Windows]:
    """The passes before counting; their samples are forgotten when they are over."""
    found = sources(options, tables[0])
    surveyed = survey_tables(tables, () if base else found, options.time)
    _check_rows(surveyed.rows, tables, 1 if base else LEAST_ROWS)
    if base:
        plan = plan_as_given(options, base, tables[0])
    else:
        plan = with_derived(plan_anew(options, found, surveyed, tables[0]), options, tables)
    windows = Windows(
        surveyed.rows, surveyed.time, rows_in_order=options.time_ordered, cells=plan.cells
    )
    return plan, windows


class _Count:
    """The second pass."""

    def __init__(self, plan: Plan, windows: Windows, time: str | None) -> None:
        self._plan, self._windows, self._time = plan, windows, time
        self._rows = 0
        self._tallies = [
            FeatureTally(feature, self._dispersions(feature.cells)) for feature in plan.features
        ]
        cells = [feature.cells for feature in plan.features]
        self._replay = Replay(windows.rows, cells) if windows.order_known else None
        self._calibration = CalibrationTally(plan.calibration) if plan.calibration else None

    def run(self, tables: Sequence[TableFile]) -> None:
        """Count every row of every table."""
        columns = self._plan.needed_columns(self._time)
        with progress_bar("counting", sum(table.path.stat().st_size for table in tables)) as told:
            for table in tables:
                for block in table.blocks(columns, told):
                    self._add(block, f"{table.path}: column {self._time!r}")

    def baseline(self, model: str, version: str | None) -> Baseline:
        """What was counted."""
        features = tuple(tally.feature() for tally in self._tallies)
        return Baseline(
            model=model,
            version=version,
            rows=self._rows,
            columns=self._plan.columns,
            features=self._replay.replayed(features) if self._replay else features,
            calibration=self._calibration.table() if self._calibration else (),
            created_at=_now(),
        )

    def _add(self, block: pa.Table, where: str) -> None:
        times = None
        if self._time:
            times = times_of(one_column(block, self._time), where, self._rows)
        windows = self._windows.of(self._rows, block.num_rows, times)
        batches = self._batches(block.num_rows)
        for place, tally in enumerate(self._tallies):
            cells = tally.add(block, windows)
            if self._replay and batches:
                self._replay.add(place, batches, cells)
        if self._calibration:
            self._calibration.add(block)
        self._rows += block.num_rows

    def _batches(self, count: int) -> BlockWindows | None:
        if self._replay is None:
            return None
        return self._windows.batches(self._rows, count, self._replay.batch_rows)

    def _dispersions(self, cells: int) -> dict[str, Dispersion]:
        return {
            name: Dispersion(cells, None if self._windows.in_order else count)
            for name, count in self._windows.counts.items()
        }


def _check_rows(rows: int, tables: Sequence[TableFile], least: int) -> None:
    if rows < least:
        raise InputError(
            ", ".join(str(table.path) for table in tables),
            f"{'has no rows' if not rows else 'has one row'}; a baseline needs the training data, "
            f"{least} rows at the very least",
        )


def _model_name(table: TableFile) -> str:
    return table.path.name.split(".")[0] or "model"


def _now() -> str:
    """SOURCE_DATE_EPOCH, where it is set, makes builds the same to the byte."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(seconds), UTC) if seconds.isdigit() else datetime.now(UTC)
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")
