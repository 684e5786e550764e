"""Runs the first pass: surveys every column as what it looks like, and again where that was wrong.

A column of a CSV is taken for numbers by its first block.  If more than a hundredth of all its
texts turn out to be no numbers, it is surveyed again as texts, and the other way round; so what a
column is depends on the whole of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from modelmonitor_api.spec import Kind
from modelmonitor_cli.baseline.kinds import NEARLY_ALL
from modelmonitor_cli.baseline.progress import progress_bar
from modelmonitor_cli.baseline.sample import RowSample, sample_capacity
from modelmonitor_cli.baseline.sources import Source, one_column
from modelmonitor_cli.baseline.survey import Facts, NumberFacts, NumberSurvey, Survey, TextSurvey
from modelmonitor_cli.baseline.tables import Advance, TableFile
from modelmonitor_cli.baseline.times import times_of
from modelmonitor_cli.baseline.values import (
    Column,
    is_missing_word,
    is_number_type,
    is_text_type,
    looks_like_number,
)
from modelmonitor_cli.baseline.windows import TimeFacts, TimeSurvey

Mode = Literal["numbers", "texts"]
_NUMBER_KINDS: tuple[Kind, ...] = ("numeric", "discrete")


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What the first pass found, by feature name; `time` where a time column was named."""

    rows: int
    facts: Mapping[str, Facts]
    time: TimeFacts | None


def survey_tables(
    tables: Sequence[TableFile], sources: Sequence[Source], time: str | None
) -> Surveyed:
    """One pass over the tables, and a second over columns that were not what they seemed."""
    readable = [source for source in sources if source.unreadable is None]
    first = _Pass(readable, time)
    first.run(tables, "looking")
    facts = first.facts()
    turned = [
        (source, _other(first.modes[source.name]))
        for source in readable
        if _mistaken(source, facts[source.name])
    ]
    if turned:
        again = _Pass([source for source, _ in turned], None)
        again.modes = {source.name: mode for source, mode in turned}
        again.run(tables, "looking again")
        facts |= again.facts()
    return Surveyed(first.rows, facts, first.time.facts() if time and first.rows else None)


class _Pass:
    def __init__(self, sources: Sequence[Source], time: str | None) -> None:
        self.rows = 0
        self.modes: dict[str, Mode] = {}
        self.time = TimeSurvey()
        self._time_column = time
        self._sources = sources
        self._surveys: dict[str, Survey] = {}
        self._sample = RowSample(sample_capacity(len(sources)))

    def run(self, tables: Sequence[TableFile], what: str) -> None:
        """See every row of every table."""
        columns = [name for source in self._sources for name in source.columns]
        if self._time_column:
            columns.append(self._time_column)
        wanted = list(dict.fromkeys(columns)) or list(tables[0].types)[:1]  # rows to count
        with progress_bar(what, sum(table.path.stat().st_size for table in tables)) as advance:
            for table in tables:
                self._see(table, wanted, advance)

    def facts(self) -> dict[str, Facts]:
        """By feature name."""
        for source in self._sources:  # no row at all
            self._survey(source, pa.array([], source.type))
        return {name: survey.facts() for name, survey in self._surveys.items()}

    def _see(self, table: TableFile, columns: Sequence[str], advance: Advance) -> None:
        for block in table.blocks(columns, advance):
            kept = self._sample.take(block.num_rows)
            for source in self._sources:
                column = source.column_of(block)
                self._survey(source, column).add(column, kept)
            if self._time_column:
                where = f"{table.path}: column {self._time_column!r}"
                self.time.add(times_of(one_column(block, self._time_column), where, self.rows))
            self.rows += block.num_rows
            self._thin()

    def _thin(self) -> None:
        still = self._sample.thin()
        if still is not None:
            for survey in self._surveys.values():
                survey.thin(still)

    def _survey(self, source: Source, column: Column) -> Survey:
        survey = self._surveys.get(source.name)
        if survey is None:
            mode = self.modes.setdefault(source.name, _mode(source, column))
            survey = NumberSurvey() if mode == "numbers" else TextSurvey()
            self._surveys[source.name] = survey
        return survey


def _mode(source: Source, column: Column) -> Mode:
    if source.forced is not None:
        return "numbers" if source.forced in _NUMBER_KINDS else "texts"
    if not is_text_type(source.type):
        return "numbers" if is_number_type(source.type) else "texts"
    if not source.readable_numbers:
        return "texts"
    return "numbers" if _written_as_numbers(column.dictionary_encode()) else "texts"


def _mistaken(source: Source, facts: Facts) -> bool:
    """Whether the whole column speaks against what its first block said."""
    if source.forced is not None or not source.readable_numbers or not is_text_type(source.type):
        return False
    if isinstance(facts, NumberFacts):
        return facts.words > (1 - NEARLY_ALL) * (facts.rows - facts.missing)
    if not facts.counts:
        return False
    texts = pa.array(list(facts.counts), pa.string())
    return _mostly_numbers(texts, np.array(list(facts.counts.values())))


def _written_as_numbers(encoded: Column) -> bool:
    codes = encoded.indices.drop_null().to_numpy(zero_copy_only=False)
    return _mostly_numbers(
        encoded.dictionary, np.bincount(codes, minlength=len(encoded.dictionary))
    )


def _mostly_numbers(texts: Column, rows: np.typing.NDArray[np.int64]) -> bool:
    """Codes with leading zeros are no numbers: 007 is not 7."""
    if pc.any(pc.match_substring_regex(texts, r"^\s*0\d")).as_py():
        return False
    number = looks_like_number(texts).to_numpy(zero_copy_only=False)
    nothing = is_missing_word(texts).to_numpy(zero_copy_only=False) & ~number
    asked = int(rows[~nothing].sum())
    return asked > 0 and int(rows[number].sum()) >= NEARLY_ALL * asked


def _other(mode: Mode) -> Mode:
    return "texts" if mode == "numbers" else "numbers"
