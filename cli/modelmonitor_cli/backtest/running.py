"""From options to findings: opens the files, reads them once, replays them."""

from collections.abc import Iterator
from dataclasses import replace

from modelmonitor_api.baseline import digest
from modelmonitor_api.errors import InputError
from modelmonitor_cli.backtest.notes import notes_of
from modelmonitor_cli.backtest.options import BacktestOptions
from modelmonitor_cli.backtest.order import TimeOrder
from modelmonitor_cli.backtest.plan import TablePlan, plan_of
from modelmonitor_cli.backtest.reading import ahead
from modelmonitor_cli.backtest.replay import Replay
from modelmonitor_cli.backtest.results import Alarm, Backtest
from modelmonitor_cli.backtest.subject import Subject, subject_of
from modelmonitor_cli.baseline.opening import open_tables
from modelmonitor_cli.baseline.progress import progress_bar
from modelmonitor_cli.baseline.tables import Advance, TableFile

DIGITS = 8


def backtest(options: BacktestOptions) -> Backtest:
    """What the monitor would have said; InputError where files, columns or times are wrong."""
    subject = subject_of(options)
    tables = open_tables(options.data)
    plan = plan_of(subject, options, tables[0])
    replay = Replay(subject, plan, options)
    order = TimeOrder(plan.time) if plan.time else None
    with progress_bar("replaying", sum(table.path.stat().st_size for table in tables)) as told:
        for table in tables:
            _read(table, plan, replay, order, told)
    if not replay.rows:
        names = ", ".join(str(table.path) for table in tables)
        raise InputError(names, "has no rows; there is nothing to replay")
    replay.finish()
    return _found(subject, options, plan, replay, order)


def _read(
    table: TableFile, plan: TablePlan, replay: Replay, order: TimeOrder | None, told: Advance
) -> None:
    row_of_file = 0
    for block in ahead(table.blocks(plan.needed_columns(), told)):
        times = None
        if order is not None:
            times = order.times(block, table.path, row_of_file, replay.rows)
        replay.add(block, times, all_text=table.all_text)
        row_of_file += block.num_rows


def _found(
    subject: Subject,
    options: BacktestOptions,
    plan: TablePlan,
    replay: Replay,
    order: TimeOrder | None,
) -> Backtest:
    return Backtest(
        model=subject.model.name,
        version=subject.version,
        digest8=digest(subject.baseline)[:DIGITS],
        length=options.length,
        rows=replay.rows,
        false_alarms_per_month=subject.monitor.verdict.false_alarms_per_month,
        rows_per_month=options.rows_per_month,
        features=replay.features,
        windows=tuple(replay.windows),
        results=tuple(replay.results),
        alarms=tuple(_timed(replay, order)),
        moved=replay.moved.by_feature,
        left_out=plan.left_out,
        notes=notes_of(options, subject, replay),
    )


def _timed(replay: Replay, order: TimeOrder | None) -> Iterator[Alarm]:
    """The alarms with their times, where a column tells the time."""
    if order is None:
        yield from replay.log.alarms
        return
    starts = {window.start_row: window.start for window in replay.windows}
    for alarm in replay.log.alarms:
        end = None if alarm.kind == "change" else replay.windows[alarm.window].end
        start = starts.get(alarm.onset_row)
        yield replace(
            alarm,
            time=order.of(alarm.row) if end is None else end,
            onset_time=order.of(alarm.onset_row) if start is None else start,
        )
