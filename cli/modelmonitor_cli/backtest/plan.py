"""Which columns of the table are judged as which feature, and which are left out, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from modelmonitor_api.errors import InputError
from modelmonitor_cli.backtest.options import BacktestOptions
from modelmonitor_cli.backtest.subject import Subject
from modelmonitor_cli.baseline.sources import SCORE_NAME
from modelmonitor_cli.baseline.tables import TableFile, check_column, listed
from modelmonitor_sidecar.stats.layout import Watched
from modelmonitor_sidecar.stats.words import TextMeasure, measure_of

UNKNOWN: Final = "not in the baseline"
OTHER_KIND: Final = "the monitor asks for a kind that the baseline does not have"
IGNORED_IN_MONITOR: Final = "ignored in the monitor"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column of the table that is not judged, and why."""

    column: str
    why: str


@dataclass(frozen=True, slots=True)
class Source:
    """A feature and the columns that its values come from (several only for class scores).

    `measure`: what is measured of the column's texts, where that is the feature.
    """

    watched: Watched
    columns: tuple[str, ...]
    measure: TextMeasure | None = None


@dataclass(frozen=True, slots=True)
class TablePlan:
    """The features in the baseline's order, the time column, and what is left out."""

    sources: tuple[Source, ...]
    time: str | None
    left_out: tuple[LeftOut, ...]

    def needed_columns(self) -> list[str]:
        """Of the table, each once."""
        names = [name for source in self.sources for name in source.columns]
        return list(dict.fromkeys([*names, self.time] if self.time else names))


def plan_of(subject: Subject, options: BacktestOptions, table: TableFile) -> TablePlan:
    """What to do with the table's columns; InputError names those that it lacks."""
    for column, option in _named(options):
        check_column(column, option, table)
    sources = tuple(
        _source(watched, options.scores)
        for watched in subject.watched()
        if watched.baseline is not None and not (options.inputs_only and watched.role != "input")
    )
    _check_present(sources, table)
    if not sources:
        raise InputError(str(table.path), "nothing is left to judge; ignore less in the monitor")
    used = {column for source in sources for column in source.columns} | {options.time}
    left_out = tuple(
        LeftOut(column, _why(column, subject)) for column in table.types if column not in used
    )
    return TablePlan(sources, options.time, left_out)


def _named(options: BacktestOptions) -> Iterator[tuple[str, str]]:
    if options.time is not None:
        yield options.time, "--time"
    for column in options.scores:
        yield column, "--score"


def _source(watched: Watched, scores: Sequence[str]) -> Source:
    if watched.role == "score" and scores:
        return Source(watched, tuple(scores))
    derived = None if watched.baseline is None else watched.baseline.derived
    if derived is None:
        return Source(watched, (watched.name,))
    return Source(watched, (derived.column,), measure_of(derived))


def _check_present(sources: Sequence[Source], table: TableFile) -> None:
    lacking = [source for source in sources if not set(source.columns) <= table.types.keys()]
    inputs = [source.watched.name for source in lacking if source.watched.role == "input"]
    if inputs:
        raise InputError(
            str(table.path),
            f"has no column {listed(inputs)}, which the baseline has; add it to the table, or set "
            "ignore: true for it in the monitor",
        )
    for source in lacking:
        several = source.watched.name == SCORE_NAME
        raise InputError(
            str(table.path),
            f"has no column {source.watched.name!r}, the baseline's {source.watched.role}; "
            + ("name the columns of scores with --score, or " if several else "add it, or ")
            + "judge inputs alone with --inputs-only",
        )


def _why(column: str, subject: Subject) -> str:
    for watched in subject.watched():
        if watched.name == column:
            return OTHER_KIND if watched.baseline is None else f"{watched.role}, not asked for"
    for one in subject.baseline.columns:
        if one.name == column and one.ignored:
            return f"ignored in the baseline: {one.why}" if one.why else "ignored in the baseline"
    known = any(feature.name == column for feature in subject.baseline.features)
    return IGNORED_IN_MONITOR if known else UNKNOWN
